package jwk

// FromSecret returns an HMAC key. The secret is copied. It must be at least as long as the hash of alg (RFC 7518,
// section 3.2), otherwise [ErrWeakKey]; so are well-known samples, placeholders such as "change-me-please", and secrets
// that repeat a short pattern. An alg that is not HMAC is [ErrAlgorithm].
func FromSecret(alg Algorithm, secret []byte) (*Key, error) { panic("declared") }
