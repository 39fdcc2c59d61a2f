package jsonwebtoken

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/jetonauth/jeton/jwk"
	"github.com/jetonauth/jeton/jwt"
)

// KeyFunc finds the key of a token. Nothing of what it is given is proved: it may choose among keys by it, and must not trust it. What
// the key is for decides the algorithm. An error that wraps a *jwt.Refusal refuses the token; any other one means that it could not be
// checked.
type KeyFunc func(ctx context.Context, header jwt.Header, payload map[string]any) (*jwk.Key, error)

// keyFinder finds who judges a token.
type keyFinder interface {
	find(ctx context.Context, token string, header jwt.Header) (judge, error)
}

var errAlgorithm = Refused("invalid algorithm", &jwt.Refusal{Reason: jwt.ErrUnsupportedAlgorithm, Claim: "alg"})

// ownKeys are one secret or public key, for each algorithm that it is for.
type ownKeys struct {
	options *VerifyOptions
	keys    map[jwk.Algorithm]*jwk.Key
	judges  map[jwk.Algorithm]judge
}

func newOwnKeys(options *VerifyOptions, keys []*jwk.Key) (*ownKeys, error) {
	o := &ownKeys{options, map[jwk.Algorithm]*jwk.Key{}, map[jwk.Algorithm]judge{}}
	for _, key := range keys {
		set, err := jwk.NewSet(key)
		if err != nil {
			return nil, err
		}
		if o.judges[key.Algorithm()], err = options.judge(set, options.Now); err != nil {
			return nil, err
		}
		o.keys[key.Algorithm()] = key
	}
	return o, nil
}

// find goes by the algorithm alone. There is one key only, whatever a token calls it.
func (o *ownKeys) find(_ context.Context, _ string, header jwt.Header) (judge, error) {
	key, ok := o.keys[header.Algorithm]
	if !ok {
		return judge{}, errAlgorithm
	}
	if header.KeyID == "" || header.KeyID == key.ID() {
		return o.judges[header.Algorithm], nil
	}
	return o.options.judgeOf(key, header)
}

// foundKeys are those that a function finds.
type foundKeys struct {
	options *VerifyOptions
	key     KeyFunc
}

var errNoKey = errors.New("the function for the key returned neither a key nor an error")

func (f *foundKeys) find(ctx context.Context, token string, header jwt.Header) (judge, error) {
	payload := UnverifiedPayload(token)
	if payload == nil {
		return judge{}, Refused(InvalidToken, &jwt.Refusal{Reason: jwt.ErrMalformed, Detail: "payload"})
	}
	key, err := f.key(ctx, header, payload)
	switch {
	case err != nil:
		return judge{}, fmt.Errorf("finding the key: %w", err)
	case key == nil:
		return judge{}, errNoKey
	case key.Algorithm() != "" && key.Algorithm() != header.Algorithm:
		return judge{}, errAlgorithm
	}
	return f.options.judgeOf(key, header)
}

// foreignKeys are another issuer's, which may change while the program runs.
type foreignKeys struct{ judge judge }

func newForeignKeys(options *VerifyOptions, source jwk.VerifyingSource) (*foreignKeys, error) {
	judge, err := options.judge(source, options.Now)
	judge.foreign = true
	return &foreignKeys{judge}, err
}

func (f *foreignKeys) find(context.Context, string, jwt.Header) (judge, error) { return f.judge, nil }

// The algorithms that a key of each kind is for if nothing else is said.
var (
	secretAlgorithms = []jwk.Algorithm{jwk.HS256, jwk.HS384, jwk.HS512}
	publicAlgorithms = []jwk.Algorithm{
		jwk.RS256, jwk.RS384, jwk.RS512, jwk.PS256, jwk.PS384, jwk.PS512, jwk.ES256, jwk.ES384, jwk.ES512, jwk.EdDSA,
	}
)

// pemBegin is how a key in PEM is told from a secret.
const pemBegin = "-----BEGIN "

// IsPEM reports whether material is taken for a key in PEM, and never for a secret: who knows a public key could sign with it.
func IsPEM(material []byte) bool { return bytes.Contains(material, []byte(pemBegin)) }

// ParseKeys reads a secret, or a key in PEM, for each of the algorithms; if there are none, for each that it suits. The error of a secret never
// has the secret in it.
func ParseKeys(material []byte, algorithms []jwk.Algorithm) ([]*jwk.Key, error) {
	parse, candidates := jwk.FromSecret, secretAlgorithms
	if IsPEM(material) {
		parse, candidates = jwk.ParsePEM, publicAlgorithms
	}
	if len(algorithms) > 0 {
		candidates = algorithms
	}
	var keys []*jwk.Key
	var first error
	for _, algorithm := range candidates {
		key, err := parse(algorithm, material)
		switch {
		case err == nil:
			keys = append(keys, key)
		case len(algorithms) > 0:
			return nil, fmt.Errorf("for %s: %w", algorithm, err)
		case first == nil || errors.Is(first, jwk.ErrAlgorithm):
			first = err
		}
	}
	if len(keys) == 0 {
		return nil, first
	}
	return keys, nil
}
