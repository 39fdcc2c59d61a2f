package jwk

// Parse reads one JWK (RFC 7517; RFC 8037 for Ed25519) of at most 64 KiB. It is strict: one JSON object in UTF-8 without
// duplicate names, canonical unpadded base64url, numbers in the length that RFC 7518 gives them, a private part that
// fits the public one; anything else is [ErrInvalidKey], or [ErrWeakKey].
//
// "use" may only be "sig", "key_ops" must allow signing or verifying; a private key whose "key_ops" lack "sign" is read
// as one that only verifies. "alg" must fit the key. It may be absent where the curve names it, and for RSA, whose key
// then has no algorithm; a secret without it is [ErrInvalidKey]. Without "kid" the id is derived, see [Key.ID]. A type,
// curve, algorithm or use that is not for signatures jeton knows is [ErrUnsupported]. Other members, certificates ("x5c")
// among them, are ignored.
func Parse(data []byte) (*Key, error) { panic("declared") }
