package bench

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"errors"
	"fmt"
)

var errSignature = errors.New("bench: the signature does not verify")

// Raw is the cryptography of a token and nothing else: the floor below every library. Nothing is decoded or encoded, and but for HMAC
// and Ed25519, which take the message, nothing is hashed. It is not safe for concurrent use.
type Raw struct {
	Verify func() error
	Sign   func() error
}

// NewRaw returns the cryptography of one token.
func NewRaw(k Key, message []byte) (Raw, error) {
	signature, err := k.Sign(message)
	if err != nil {
		return Raw{}, err
	}
	digest := sha256.Sum256(message)
	switch private := k.Private.(type) {
	case []byte:
		return rawHMAC(private, message, signature), nil
	case *rsa.PrivateKey:
		return rawRSA(private, digest[:], signature), nil
	case *ecdsa.PrivateKey:
		return rawECDSA(private, digest[:])
	case ed25519.PrivateKey:
		return rawEd25519(private, message, signature), nil
	default:
		return Raw{}, fmt.Errorf("bench: no key of type %T signs", k.Private)
	}
}

// rawHMAC keeps the keyed state, which Reset takes back to the key's.
func rawHMAC(secret, message, signature []byte) Raw {
	mac := hmac.New(sha256.New, secret)
	sum := make([]byte, 0, sha256.Size)
	compute := func() {
		mac.Reset()
		mac.Write(message)
		sum = mac.Sum(sum[:0])
	}
	return Raw{
		Verify: func() error {
			compute()
			if !hmac.Equal(sum, signature) {
				return errSignature
			}
			return nil
		},
		Sign: func() error {
			compute()
			return nil
		},
	}
}

func rawRSA(private *rsa.PrivateKey, digest, signature []byte) Raw {
	return Raw{
		Verify: func() error { return rsa.VerifyPKCS1v15(&private.PublicKey, crypto.SHA256, digest, signature) },
		Sign: func() error {
			_, err := rsa.SignPKCS1v15(nil, private, crypto.SHA256, digest)
			return err
		},
	}
}

func rawECDSA(private *ecdsa.PrivateKey, digest []byte) (Raw, error) {
	signature, err := ecdsa.SignASN1(rand.Reader, private, digest)
	if err != nil {
		return Raw{}, err
	}
	return Raw{
		Verify: func() error {
			if !ecdsa.VerifyASN1(&private.PublicKey, digest, signature) {
				return errSignature
			}
			return nil
		},
		Sign: func() error {
			_, err := ecdsa.SignASN1(rand.Reader, private, digest)
			return err
		},
	}, nil
}

func rawEd25519(private ed25519.PrivateKey, message, signature []byte) Raw {
	public := ed25519.PublicKey(private[ed25519.SeedSize:])
	return Raw{
		Verify: func() error {
			if !ed25519.Verify(public, message, signature) {
				return errSignature
			}
			return nil
		},
		Sign: func() error {
			ed25519.Sign(private, message)
			return nil
		},
	}
}
