package jwt

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jetonauth/jeton/internal/strictjson"
	"github.com/jetonauth/jeton/jwk"
)

// Claims is what a new token says. Zero fields are left out. Times are written in whole seconds, a fraction is cut off.
type Claims struct {
	Issuer    string    // "iss"
	Subject   string    // "sub"
	Audience  []string  // "aud": one is written as a string, several as an array
	ExpiresAt time.Time // "exp"
	NotBefore time.Time // "nbf"
	IssuedAt  time.Time // "iat"
	ID        string    // "jti"
	// Extra holds all other claims, a nil value being null. One of the names above in it is an error of [Sign].
	Extra map[string]any
}

// MarshalJSON returns the claims as one JSON object, registered ones first, the others in the order of their names. It
// writes nothing that a verifier would refuse to read: times outside the years 1970 to 9999, invalid UTF-8, duplicate
// names in an encoded value and the like are errors.
//
// HTML's special characters are not escaped, except by [json.Marshal], which does that to whatever a Marshaler returns.
func (c Claims) MarshalJSON() ([]byte, error) {
	var w objectWriter
	if err := c.write(&w); err != nil {
		return nil, err
	}
	return w.buf, nil
}

// write adds the claims, as one object, to what w has.
func (c *Claims) write(w *objectWriter) error {
	start := len(w.buf)
	w.open()
	w.text("iss", c.Issuer)
	w.text("sub", c.Subject)
	switch len(c.Audience) {
	case 0:
	case 1:
		w.pair("aud", c.Audience[0])
	default:
		w.add("aud", c.Audience)
	}
	w.time("exp", c.ExpiresAt)
	w.time("nbf", c.NotBefore)
	w.time("iat", c.IssuedAt)
	w.text("jti", c.ID)
	type claim struct {
		name  string
		value any
	}
	extra := make([]claim, 0, 16)
	for name, value := range c.Extra {
		if registeredPlace(name) >= 0 {
			return fmt.Errorf("jwt: claim %q belongs in its own field, not in Extra", name)
		}
		extra = append(extra, claim{name, value})
	}
	slices.SortFunc(extra, func(a, b claim) int { return strings.Compare(a.name, b.name) })
	for _, e := range extra {
		w.add(e.name, e.value)
	}
	if err := w.close(); err != nil || !w.foreign {
		return err
	}
	if _, err := strictjson.Object(string(w.buf[start:])); err != nil {
		return fmt.Errorf("jwt: claims: %w", err)
	}
	return nil
}

// Sign returns a compact token with claims, signed by key, with the key's algorithm and id and the type typ in its
// header; an empty typ is left out. A registered name in Claims.Extra, or a value that JSON cannot hold, is an error, as
// is a typ that is not printable ASCII, a key without private part ([jwk.ErrNoPrivateKey]), or one that names no
// algorithm ([jwk.ErrAlgorithm]).
func Sign(key *jwk.Key, typ string, claims Claims) (string, error) {
	s := newScratch()
	defer s.release()
	if key == nil || s.signingKey != key || s.signingType != typ { // a new scratch has no key either
		if err := s.encodeHeader(key, typ); err != nil {
			return "", err
		}
	}
	w := objectWriter{buf: s.payload[:0]}
	err := claims.write(&w)
	s.payload = w.buf
	if err != nil {
		return "", err
	}
	s.message = append(s.message[:0], s.signingHeader...)
	token := appendEncoded(s.message, w.buf)
	s.message = token
	signature, err := key.Sign(token)
	if err != nil {
		return "", fmt.Errorf("jwt: signing: %w", err)
	}
	token = append(token, '.')
	token = appendEncoded(token, signature)
	s.message = token
	return string(token), nil
}

// encodeHeader makes the header for key and typ, with the dot behind it. The next token mostly has the same one.
func (s *scratch) encodeHeader(key *jwk.Key, typ string) error {
	w := objectWriter{buf: s.payload[:0]}
	if err := writeHeader(&w, key, typ); err != nil {
		return err
	}
	s.payload = w.buf
	s.signingHeader = append(appendEncoded(s.signingHeader[:0], w.buf), '.')
	s.signingKey, s.signingType = key, typ
	return nil
}

func writeHeader(w *objectWriter, key *jwk.Key, typ string) error {
	switch {
	case key == nil || !key.CanSign():
		return fmt.Errorf("jwt: signing: %w", jwk.ErrNoPrivateKey)
	case key.Algorithm() == "":
		return fmt.Errorf("jwt: signing: the key names no algorithm: %w", jwk.ErrAlgorithm)
	case !printable(typ):
		return fmt.Errorf("jwt: signing: typ is %s; it must be printable ASCII", quote(typ))
	}
	w.open()
	w.text("alg", string(key.Algorithm()))
	w.text("kid", key.ID())
	w.text("typ", typ)
	return w.close()
}
