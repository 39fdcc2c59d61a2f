package jwk

import (
	"fmt"
	"slices"
	"strings"
)

// maxKeySize bounds what is read as one key, in bytes. An RSA private key of 16384 bits takes some 13 KiB.
const maxKeySize = 64 << 10

// Parse reads one JWK (RFC 7517; RFC 8037 for Ed25519) of at most 64 KiB. It is strict: one JSON object in UTF-8, nested
// at most 32 deep, without duplicate names or escaped lone surrogates; strings where the RFCs want strings, for which
// null is none; canonical unpadded base64url, numbers in the length that RFC 7518 gives them, a private part that fits
// the public one. Anything else is [ErrInvalidKey], or [ErrWeakKey].
//
// "use" may only be "sig", "key_ops" must allow signing or verifying; a private key whose "key_ops" lack "sign" is read
// as one that only verifies. "alg" must fit the key. It may be absent where the curve names it, and for RSA, whose key
// then has no algorithm; a secret without it is [ErrInvalidKey]. Without "kid" the id is derived, see [Key.ID]. A type,
// curve, algorithm or use that is not for signatures jeton knows is [ErrUnsupported]. Other members, certificates ("x5c")
// among them, are ignored, whatever their values (RFC 7517, section 4).
func Parse(data []byte) (*Key, error) { return parseKey(data, false) }

// parseKey reads one JWK. Of a foreign one it takes the public part only, and no secret.
func parseKey(data []byte, foreign bool) (*Key, error) {
	if len(data) > maxKeySize {
		return nil, fmt.Errorf("%w: more than %d bytes", ErrInvalidKey, maxKeySize)
	}
	o, err := readObject(data)
	if err != nil {
		return nil, err
	}
	h, err := o.header()
	if err != nil {
		return nil, err
	}
	if foreign && h.keyType == octKey {
		return nil, fmt.Errorf("%w: a secret among public keys", ErrInvalidKey)
	}
	m, s, err := o.keyParts(h, foreign)
	if err != nil {
		return nil, err
	}
	if only := m.algorithm(); only != "" && h.alg != "" && h.alg != only {
		return nil, fmt.Errorf("%w: \"alg\" %s on the curve of %s", ErrInvalidKey, h.alg, only)
	}
	if s == nil && h.ops != nil && !slices.Contains(h.ops, "verify") {
		return nil, fmt.Errorf("%w: \"key_ops\" of a public key without \"verify\"", ErrUnsupported)
	}
	if h.ops != nil && !slices.Contains(h.ops, "sign") {
		s = nil
	}
	return newKey(h.id, h.alg, m, s)
}

// keyHeader is what a JWK says about its use.
type keyHeader struct {
	keyType keyType
	id      string    // empty if absent
	alg     Algorithm // empty if absent
	ops     []string  // nil if absent
}

func (o object) header() (h keyHeader, err error) {
	kty, ok, err := o.text("kty")
	if err != nil {
		return h, err
	}
	if !ok {
		return h, fmt.Errorf("%w: \"kty\" is missing", ErrInvalidKey)
	}
	h.keyType = keyType(kty)
	if !slices.Contains([]keyType{octKey, rsaKey, ecKey, okpKey}, h.keyType) {
		return h, fmt.Errorf("%w key type %.40q", ErrUnsupported, kty)
	}
	if err := o.checkUse(); err != nil {
		return h, err
	}
	if h.ops, err = o.operations(); err != nil {
		return h, err
	}
	if h.alg, err = o.algorithm(h.keyType); err != nil {
		return h, err
	}
	id, ok, err := o.text("kid")
	if err == nil && ok {
		err = checkID(id)
	}
	h.id = strings.Clone(id) // which is part of the JWK's text, and would keep that, private part included
	return h, err
}

func (o object) checkUse() error {
	use, ok, err := o.text("use")
	if err == nil && ok && use != "sig" {
		return fmt.Errorf("%w \"use\" %.40q", ErrUnsupported, use)
	}
	return err
}

// operations returns "key_ops" (RFC 7517, section 4.3), nil if absent.
func (o object) operations() ([]string, error) {
	ops, ok, err := o.texts("key_ops")
	if err != nil || !ok {
		return nil, err
	}
	if sorted := slices.Sorted(slices.Values(ops)); len(slices.Compact(sorted)) != len(ops) {
		return nil, fmt.Errorf("%w: \"key_ops\" names an operation twice", ErrInvalidKey)
	}
	if !slices.Contains(ops, "sign") && !slices.Contains(ops, "verify") {
		return nil, fmt.Errorf("%w \"key_ops\": neither \"sign\" nor \"verify\"", ErrUnsupported)
	}
	return ops, nil
}

// algorithm returns "alg", empty if absent.
func (o object) algorithm(t keyType) (Algorithm, error) {
	name, ok, err := o.text("alg")
	if err != nil {
		return "", err
	}
	if !ok {
		if t == octKey {
			return "", fmt.Errorf("%w: a secret without \"alg\"", ErrInvalidKey)
		}
		return "", nil
	}
	alg, err := ParseAlgorithm(name)
	if err != nil {
		return "", err
	}
	spec, err := alg.spec()
	if err != nil {
		return "", err
	}
	if spec.keyType != t {
		return "", fmt.Errorf("%w: \"alg\" %s in a key of type %s", ErrInvalidKey, alg, t)
	}
	return alg, nil
}

// keyParts reads the members of the key's type. s is nil if there is no private part, or if only the public one is
// wanted.
func (o object) keyParts(h keyHeader, publicOnly bool) (m material, s *signer, err error) {
	switch h.keyType {
	case octKey:
		return o.secretParts(h.alg)
	case rsaKey:
		return o.rsaParts(publicOnly)
	case ecKey:
		return o.ecParts(publicOnly)
	default:
		return o.edParts(publicOnly)
	}
}
