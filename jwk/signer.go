package jwk

import "crypto"

// FromSigner returns a key that signs through signer, which may be a private key in memory or a handle to a key
// management service or hardware module. alg must fit the type of signer.Public(), otherwise [ErrAlgorithm].
//
// Private keys of the standard library are checked and copied. Any other signer is used through [crypto.SignMessage]:
// it is given the message if it is a [crypto.MessageSigner], otherwise the digest, for EdDSA the message with
// crypto.Hash(0), for PS algorithms *rsa.PSSOptions, and must answer ECDSA in ASN.1. It must be safe for concurrent use.
// Each of its signatures is verified before it is returned, so that a failing device issues no bad tokens.
func FromSigner(alg Algorithm, signer crypto.Signer) (*Key, error) { panic("declared") }
