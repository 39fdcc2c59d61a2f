package jeton

// ForgeRefreshToken returns what somebody could send who knows the ids in a refresh token, but not its tag.
func ForgeRefreshToken(token string, generation uint32) string {
	t, _ := decodeRefreshToken(token)
	t.generation, t.tag = generation, newTag()
	forged, err := t.encode()
	if err != nil {
		panic(err)
	}
	return forged
}

// RefreshTokenTag returns the secret part of a refresh token.
func RefreshTokenTag(token string) [32]byte {
	t, _ := decodeRefreshToken(token)
	return t.tag
}
