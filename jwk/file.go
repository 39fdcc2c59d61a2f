package jwk

// LoadOrCreate reads the private key in the PEM file at path, or makes an ES256 key and writes it there with mode
// 0600 if there is no such file; of several processes that start at once all get the same key. The folder must exist,
// and its file system know hard links. The algorithm of an existing file follows from the key: RS256 for RSA, ES256,
// ES384 or ES512 by curve, EdDSA for Ed25519. A file that others than its owner can read or write is refused with
// [ErrInvalidKey] where the system has such modes, one with a public key only with [ErrNoPrivateKey].
func LoadOrCreate(path string) (*Key, error) { panic("declared") }
