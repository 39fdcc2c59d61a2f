package jwk

// Thumbprint returns the SHA-256 JWK thumbprint (RFC 7638) in base64url. For a secret it is [ErrUnsupported], since
// publishing it would give an offline check for guesses (RFC 7638, section 7).
func (k *Key) Thumbprint() (string, error) { panic("declared") }
