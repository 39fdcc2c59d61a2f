package jwk

import "crypto"

// FromPublic returns a key that only verifies. alg must fit the type of public (*rsa.PublicKey, *ecdsa.PublicKey or
// ed25519.PublicKey), otherwise [ErrAlgorithm]. The key is copied and checked: [ErrWeakKey] for an RSA modulus of fewer
// than 2048 bits, [ErrInvalidKey] for what is no key, such as a point that is not on its curve.
func FromPublic(alg Algorithm, public crypto.PublicKey) (*Key, error) { panic("declared") }
