package jwk

import (
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"fmt"
)

// maxPEMBlock bounds the decoded key of a PEM block in bytes; an RSA private key of 16384 bits takes some 9 KiB. It is
// there because a modulus of any length would be read, slowly, before it can be refused.
const maxPEMBlock = 16 << 10

// ParsePEM reads the first PEM block of data, of at most 64 KiB, as a key for alg: PKCS#8, PKCS#1 or SEC 1 private keys,
// PKIX or PKCS#1 public keys, or a certificate, of which only the key is used: neither its dates nor its issuer are
// looked at. An "EC PARAMETERS" block before the key is passed over. An encrypted block is [ErrUnsupported], a key that
// does not fit alg [ErrAlgorithm], anything else that [FromSigner] and [FromPublic] do not take is what they say.
func ParsePEM(alg Algorithm, data []byte) (*Key, error) {
	key, err := decodePEM(data)
	if err != nil {
		return nil, err
	}
	if signer, ok := key.(crypto.Signer); ok {
		return FromSigner(alg, signer)
	}
	return FromPublic(alg, key)
}

// decodePEM returns a private key, which is a crypto.Signer, or a public key.
func decodePEM(data []byte) (any, error) {
	if len(data) > maxKeySize {
		return nil, fmt.Errorf("%w: more than %d bytes", ErrInvalidKey, maxKeySize)
	}
	block, rest := pem.Decode(data)
	if block != nil && block.Type == "EC PARAMETERS" {
		block, _ = pem.Decode(rest)
	}
	if block == nil {
		return nil, fmt.Errorf("%w: no PEM block", ErrInvalidKey)
	}
	if block.Type == "ENCRYPTED PRIVATE KEY" || block.Headers["Proc-Type"] != "" || block.Headers["DEK-Info"] != "" {
		return nil, fmt.Errorf("%w: an encrypted PEM block", ErrUnsupported)
	}
	if len(block.Bytes) > maxPEMBlock {
		return nil, fmt.Errorf("%w: a PEM block of more than %d bytes", ErrInvalidKey, maxPEMBlock)
	}
	key, err := decodeBlock(block)
	if err != nil {
		return nil, err
	}
	return key, nil
}

func decodeBlock(block *pem.Block) (key any, err error) {
	switch block.Type {
	case "PRIVATE KEY":
		key, err = x509.ParsePKCS8PrivateKey(block.Bytes)
	case "RSA PRIVATE KEY":
		key, err = x509.ParsePKCS1PrivateKey(block.Bytes)
	case "EC PRIVATE KEY":
		key, err = x509.ParseECPrivateKey(block.Bytes)
	case "PUBLIC KEY":
		key, err = x509.ParsePKIXPublicKey(block.Bytes)
	case "RSA PUBLIC KEY":
		key, err = x509.ParsePKCS1PublicKey(block.Bytes)
	case "CERTIFICATE":
		var certificate *x509.Certificate
		if certificate, err = x509.ParseCertificate(block.Bytes); err == nil {
			key = certificate.PublicKey
		}
	default:
		return nil, fmt.Errorf("%w PEM block %.40q", ErrUnsupported, block.Type)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInvalidKey, err)
	}
	return key, nil
}
