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
	known   knownHeaders
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

// Check judges, by the rules of v, a token that this or another verifier has verified with the same keys. It is for whoever keeps
// verified tokens: what changes from moment to moment, or from verifier to verifier, must not be kept. The answer is that of
// [Verifier.Verify].
func (v *Verifier) Check(t *Token) error {
	if int(t.size) > v.maxSize {
		return refuseSize(int(t.size), v.maxSize)
	}
	if err := v.allowed.check(t.header.keyAlgorithm, t.header.Algorithm); err != nil {
		return err
	}
	return v.rules.check(t, v.now())
}

// prove checks what stays true of these bytes and these keys: form, key, signature, and that the claims can be read.
// Of the verifier only the accepted algorithms matter, which are refused before a signature is computed; whoever keeps
// the result checks them again with the header's keyAlgorithm.
func (v *Verifier) prove(token string, keys *jwk.Set) (*Token, error) {
	s := newScratch()
	defer s.release()
	known, payload, err := authenticate(token, keys, &v.allowed, &v.known, s)
	if err != nil {
		return nil, err
	}
	t, err := decodeClaims(known.header, payload, s)
	if err != nil {
		return nil, err
	}
	t.size = uint32(len(token))
	return t, nil
}

// authenticate checks token as far as its signature, and returns the payload still encoded. Nothing of the payload is
// decoded before somebody is known to have signed it. Headers that are known already are not read again.
func authenticate(token string, keys *jwk.Set, allowed *algorithmRule, cache *knownHeaders, s *scratch,
) (known *knownHeader, payload string, err error) {
	p, err := split(token)
	if err != nil {
		return nil, "", err
	}
	known = cache.find(p.header, keys)
	fresh := known == nil
	if fresh {
		if known, err = readHeader(p.header, keys, allowed); err != nil {
			return nil, "", err
		}
	}
	if err := checkSignature(known, p, s); err != nil {
		return nil, "", err
	}
	if fresh {
		cache.add(known)
	}
	return known, p.payload, nil
}

// readHeader finds out what a header means.
func readHeader(text string, keys *jwk.Set, allowed *algorithmRule) (*knownHeader, error) {
	header, err := decodeHeader(text)
	if err != nil {
		return nil, err
	}
	key, err := findKey(&header, keys)
	if err != nil {
		return nil, err
	}
	if err := allowed.check(key.Algorithm(), header.Algorithm); err != nil {
		return nil, err
	}
	header.keyAlgorithm = key.Algorithm()
	return &knownHeader{text: text, keys: keys, key: key, header: &header}, nil
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

func checkSignature(known *knownHeader, p parts, s *scratch) error {
	if p.signature == "" {
		return &Refusal{Reason: ErrBadSignature, Detail: "empty"}
	}
	signature, ok := appendSegment(s.signature[:0], p.signature)
	s.signature = signature
	if !ok {
		return malformed("", "signature: "+explainSegment(p.signature).Error())
	}
	s.message = append(s.message[:0], p.signed...)
	algorithm := known.header.Algorithm
	if err := known.key.Verify(algorithm, s.message, signature); err != nil {
		return refuseSignature(err, known.key.Algorithm(), algorithm)
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
