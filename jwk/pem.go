package jwk

// ParsePEM reads the first PEM block of data, of at most 64 KiB, as a key for alg: PKCS#8, PKCS#1 or SEC 1 private keys,
// PKIX or PKCS#1 public keys, or a certificate, of which only the key is used: neither its dates nor its issuer are
// looked at. An "EC PARAMETERS" block before the key is passed over. An encrypted block is [ErrUnsupported], a key that
// does not fit alg [ErrAlgorithm], anything else that [FromSigner] and [FromPublic] do not take is what they say.
func ParsePEM(alg Algorithm, data []byte) (*Key, error) { panic("declared") }
