package jwk

// Generate makes a new key for alg from the system's randomness: RSA keys have 2048 bits, secrets are as long as the
// hash. Its id is the one that [Key.ID] describes. An unknown algorithm is [ErrUnsupported].
func Generate(alg Algorithm) (*Key, error) { panic("declared") }
