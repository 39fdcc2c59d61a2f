package jwt

import (
	"errors"
	"fmt"
	"time"

	"github.com/jetonauth/jeton/jwk"
)

// Verifier checks tokens against its rules. It is immutable and safe for concurrent use. The zero Verifier refuses every
// token; [NewVerifier] makes one.
type Verifier struct {
	maxSize int
	allowed algorithmRule
	rules   rules
	now     func() time.Time
}

// Verify checks token with keys. A token that is refused yields a [*Refusal], and a nil Token. A token without "kid" is
// checked with the only key in keys that its algorithm suits; if there is more than one, or none, it is refused as
// [ErrUnknownKey].
func (v *Verifier) Verify(token string, keys *jwk.Set) (*Token, error) {
	if err := checkSize(token, v.maxSize); err != nil {
		return nil, err
	}
	t, err := v.prove(token, keys)
	if err != nil {
		return nil, err
	}
	if err := v.rules.check(t, v.now()); err != nil {
		return nil, err
	}
	return t, nil
}

// prove checks what stays true of these bytes and these keys: form, key, signature, and that the claims can be read.
// Of the verifier only the accepted algorithms matter, which are refused before a signature is computed; whoever keeps
// the result checks them again with the token's keyAlgorithm.
func (v *Verifier) prove(token string, keys *jwk.Set) (*Token, error) {
	proof, err := authenticate(token, keys, &v.allowed)
	if err != nil {
		return nil, err
	}
	t, err := decodeClaims(proof.header, proof.payload)
	if err != nil {
		return nil, err
	}
	t.keyAlgorithm = proof.keyAlgorithm
	return t, nil
}

// proof is what a verified signature is over, the payload still encoded.
type proof struct {
	header       Header
	keyAlgorithm jwk.Algorithm
	payload      string
}

// authenticate checks token as far as its signature. Nothing of the payload is decoded before somebody is known to have
// signed it.
func authenticate(token string, keys *jwk.Set, allowed *algorithmRule) (proof, error) {
	p, err := split(token)
	if err != nil {
		return proof{}, err
	}
	header, err := decodeHeader(p.header)
	if err != nil {
		return proof{}, err
	}
	key, err := findKey(&header, keys)
	if err != nil {
		return proof{}, err
	}
	if err := allowed.check(key.Algorithm(), header.Algorithm); err != nil {
		return proof{}, err
	}
	if err := checkSignature(key, header.Algorithm, p); err != nil {
		return proof{}, err
	}
	return proof{header.Header, key.Algorithm(), p.payload}, nil
}

// findKey returns the key that the header names. It looks at nothing but the set: which algorithms are accepted does not
// change what key is meant.
func findKey(h *protectedHeader, keys *jwk.Set) (*jwk.Key, error) {
	var key *jwk.Key
	found := false
	if keys != nil && h.hasKeyID {
		key, found = keys.Find(h.KeyID)
	}
	switch {
	case h.Algorithm == "":
		refusal := &Refusal{Reason: ErrUnsupportedAlgorithm, Claim: "alg", Got: keep(h.algorithmName)}
		if found {
			refusal.Expected = string(key.Algorithm())
		}
		return nil, refusal
	case found:
		return key, nil
	case keys == nil || keys.Len() == 0:
		return nil, &Refusal{Reason: ErrUnknownKey, Claim: "kid", Got: keep(h.KeyID), Detail: "the key set is empty"}
	case h.hasKeyID:
		return nil, &Refusal{Reason: ErrUnknownKey, Claim: "kid", Got: keep(h.KeyID)}
	}
	return onlySuitableKey(h.Algorithm, keys)
}

func onlySuitableKey(algorithm jwk.Algorithm, keys *jwk.Set) (*jwk.Key, error) {
	var suitable *jwk.Key
	n := 0
	for key := range keys.All() {
		own := key.Algorithm()
		if own == algorithm || own == "" && isRSA(algorithm) {
			suitable = key
			n++
		}
	}
	if n != 1 {
		detail := fmt.Sprintf("absent, and %d keys of the set suit %s", n, algorithm)
		return nil, &Refusal{Reason: ErrUnknownKey, Claim: "kid", Detail: detail}
	}
	return suitable, nil
}

func checkSignature(key *jwk.Key, algorithm jwk.Algorithm, p parts) error {
	if p.signature == "" {
		return &Refusal{Reason: ErrBadSignature, Detail: "empty"}
	}
	signature, err := decodeSegment(p.signature)
	if err != nil {
		return malformed("", "signature: "+err.Error())
	}
	if err := key.Verify(algorithm, []byte(p.signed), signature); err != nil {
		return refuseSignature(err, key.Algorithm(), algorithm)
	}
	return nil
}

// refuseSignature makes a refusal of whatever the key answers: not to know is not to accept.
func refuseSignature(err error, key, token jwk.Algorithm) *Refusal {
	switch {
	case errors.Is(err, jwk.ErrSignature):
		return &Refusal{Reason: ErrBadSignature}
	case errors.Is(err, jwk.ErrAlgorithm):
		return &Refusal{Reason: ErrUnsupportedAlgorithm, Claim: "alg", Expected: string(key), Got: string(token)}
	default:
		return &Refusal{Reason: ErrBadSignature, Detail: "cannot be checked: " + err.Error()}
	}
}
