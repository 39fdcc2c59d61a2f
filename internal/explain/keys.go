package explain

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"

	"github.com/jetonauth/jeton/jwk"
	"github.com/jetonauth/jeton/jwk/remote"
	"github.com/jetonauth/jeton/jwt"
)

// Keys are the keys of somebody else: of an issuer, which is asked for them when they are first needed, or out of a file. It is a
// [jwk.VerifyingSource].
type Keys struct {
	fetch func(ctx context.Context, logger *slog.Logger) (*jwk.Set, error)
	// nameless says that the only key has no id of its own: it is whichever the token names.
	nameless  bool
	otherwise []reading

	mu      sync.Mutex
	set     *jwk.Set
	skipped []string
}

// reading is a secret, read in another way than it was.
type reading struct {
	name string
	key  *jwk.Key
}

var _ jwk.VerifyingSource = (*Keys)(nil)

// FromIssuer discovers the keys of an issuer, whose URL must be what its tokens say. Nothing but that is told to it.
func FromIssuer(issuer string) *Keys { return fromRemote(remote.Config{Issuer: issuer}) }

// FromURL fetches a JWK Set.
func FromURL(address string) *Keys { return fromRemote(remote.Config{URL: address}) }

func fromRemote(cfg remote.Config) *Keys {
	return &Keys{fetch: func(ctx context.Context, logger *slog.Logger) (*jwk.Set, error) {
		cfg.Logger = logger
		source, err := remote.New(ctx, cfg)
		if err != nil {
			return nil, err
		}
		return source.VerifyingKeys(ctx)
	}}
}

// FromFile reads the content of a file: a JWK Set, a JWK, PEM blocks, or a secret as it stands, without a line break at its end.
// The algorithm of a key that does not say is the first of algorithms that fits: else RS256 for an RSA key, HS256 for a secret. A
// single key without an id is taken for the one that a token names.
func FromFile(data []byte, algorithms []jwk.Algorithm) (*Keys, error) {
	text := bytes.TrimSpace(data)
	switch {
	case len(text) == 0:
		return nil, fmt.Errorf("%w: the file is empty", jwk.ErrInvalidKey)
	case text[0] == '{':
		return fromJSON(text)
	case bytes.Contains(text, []byte("-----BEGIN ")):
		return fromPEM(data, algorithms)
	}
	return fromSecret(data, algorithms)
}

func fromJSON(text []byte) (*Keys, error) {
	var object map[string]json.RawMessage
	if err := json.Unmarshal(text, &object); err != nil {
		return nil, fmt.Errorf("%w: the file begins with a brace and is no JSON: %w", jwk.ErrInvalidKey, err)
	}
	if object["keys"] != nil {
		return fromSet(text)
	}
	key, err := jwk.Parse(text)
	if err != nil {
		return nil, err
	}
	keys, err := only(key)
	if err == nil {
		keys.nameless = object["kid"] == nil
	}
	return keys, err
}

// fromSet reads a set of one's own, secrets and all, or else one of somebody else's, of which the good keys count.
func fromSet(text []byte) (*Keys, error) {
	set, err := jwk.ParseSet(text)
	if err == nil {
		return &Keys{set: set}, nil
	}
	set, skipped, publicErr := jwk.ParsePublicSet(text)
	if publicErr != nil || set.Len() == 0 {
		return nil, err
	}
	keys := &Keys{set: set}
	for _, why := range skipped {
		keys.skipped = append(keys.skipped, withoutPackage(why))
	}
	return keys, nil
}

func only(key *jwk.Key) (*Keys, error) {
	set, err := jwk.NewSet(key)
	if err != nil {
		return nil, err
	}
	return &Keys{set: set}, nil
}

// fromPEM reads all keys of a file, whose ids are their thumbprints, as those of jeton's own keys are.
func fromPEM(data []byte, algorithms []jwk.Algorithm) (*Keys, error) {
	var keys []*jwk.Key
	for _, block := range pemKeys(data) {
		key, err := pemKey(block, algorithms)
		if err != nil {
			return nil, err
		}
		if !slices.ContainsFunc(keys, func(k *jwk.Key) bool { return k.ID() == key.ID() }) {
			keys = append(keys, key)
		}
	}
	set, err := jwk.NewSet(keys...)
	if err != nil {
		return nil, err
	}
	return &Keys{set: set, nameless: len(keys) == 1}, nil
}

// pemKeys returns the blocks that are keys, each for itself. Of certificates only the first one counts, if nothing stands before it: the others
// are of those who have signed it.
func pemKeys(data []byte) (blocks [][]byte) {
	for rest := data; ; {
		var block *pem.Block
		block, rest = pem.Decode(rest)
		switch {
		case block == nil && len(blocks) == 0:
			return [][]byte{data} // which says what is wrong
		case block == nil:
			return blocks
		case block.Type == "CERTIFICATE" && len(blocks) == 0:
			return [][]byte{pem.EncodeToMemory(block)}
		case block.Type != "CERTIFICATE" && block.Type != "EC PARAMETERS":
			blocks = append(blocks, pem.EncodeToMemory(block))
		}
	}
}

func pemKey(block []byte, algorithms []jwk.Algorithm) (*jwk.Key, error) {
	candidates := slices.Concat(algorithms, []jwk.Algorithm{jwk.RS256, jwk.ES256, jwk.ES384, jwk.ES512, jwk.EdDSA})
	for _, algorithm := range candidates {
		key, err := jwk.ParsePEM(algorithm, block)
		if !errors.Is(err, jwk.ErrAlgorithm) {
			return key, err
		}
	}
	return nil, fmt.Errorf("%w: a key of another type", jwk.ErrUnsupported)
}

func fromSecret(data []byte, algorithms []jwk.Algorithm) (*Keys, error) {
	algorithm := jwk.HS256
	if i := slices.IndexFunc(algorithms, jwk.Algorithm.Symmetric); i >= 0 {
		algorithm = algorithms[i]
	}
	secret := bytes.TrimRight(data, "\r\n")
	key, err := jwk.FromSecret(algorithm, secret)
	if err != nil {
		return nil, err
	}
	keys, err := only(key)
	if err != nil {
		return nil, err
	}
	keys.nameless = true
	for _, other := range []struct {
		name   string
		decode func(string) ([]byte, error)
	}{
		{"hex", hex.DecodeString},
		{"base64", base64.StdEncoding.DecodeString},
		{"base64", base64.RawStdEncoding.DecodeString},
		{"base64url", base64.RawURLEncoding.DecodeString},
	} {
		decoded, err := other.decode(string(secret))
		if err != nil {
			continue
		}
		if key, err := jwk.FromSecret(algorithm, decoded); err == nil {
			keys.otherwise = append(keys.otherwise, reading{other.name, key})
		}
	}
	return keys, nil
}

// VerifyingKeys returns the keys, which are fetched once.
func (k *Keys) VerifyingKeys(ctx context.Context) (*jwk.Set, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.set != nil {
		return k.set, nil
	}
	notes := &notes{}
	set, err := k.fetch(ctx, slog.New(notes))
	k.skipped = notes.lines()
	if err != nil {
		return nil, err
	}
	k.set = set
	return set, nil
}

// unusable says why keys were left out.
func (k *Keys) unusable() []string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return slices.Clone(k.skipped)
}

// forToken returns the keys as they are for one token: a key that has no id has the one that the token names.
func (k *Keys) forToken(ctx context.Context, token string) (*jwk.Set, error) {
	set, err := k.VerifyingKeys(ctx)
	if err != nil || !k.nameless {
		return set, err
	}
	header, err := jwt.UnverifiedHeader(token)
	if err != nil || header.KeyID == "" {
		return set, nil
	}
	for key := range set.All() {
		named, err := key.WithID(header.KeyID)
		if err != nil {
			return set, nil
		}
		return jwk.NewSet(named)
	}
	return set, nil
}

// notes is a [slog.Handler] that keeps what package jwk/remote says about keys that it leaves out.
type notes struct {
	slog.Handler
	mu   sync.Mutex
	kept []string
}

func (n *notes) Enabled(context.Context, slog.Level) bool { return true }

// Handle keeps the attribute "error" of a warning.
func (n *notes) Handle(_ context.Context, record slog.Record) error {
	if record.Level < slog.LevelWarn {
		return nil
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	record.Attrs(func(a slog.Attr) bool {
		if err, ok := a.Value.Any().(error); ok && a.Key == "error" {
			n.kept = append(n.kept, withoutPackage(err))
		}
		return true
	})
	return nil
}

func (n *notes) WithAttrs([]slog.Attr) slog.Handler { return n }
func (n *notes) WithGroup(string) slog.Handler      { return n }

func (n *notes) lines() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Clone(n.kept)
}
