package jwt

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

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
	w.text("iss", c.Issuer)
	w.text("sub", c.Subject)
	switch len(c.Audience) {
	case 0:
	case 1:
		w.add("aud", c.Audience[0])
	default:
		w.add("aud", c.Audience)
	}
	w.time("exp", c.ExpiresAt)
	w.time("nbf", c.NotBefore)
	w.time("iat", c.IssuedAt)
	w.text("jti", c.ID)
	for _, name := range slices.Sorted(maps.Keys(c.Extra)) {
		if slices.Contains(registeredNames[:], name) {
			return nil, fmt.Errorf("jwt: claim %q belongs in its own field, not in Extra", name)
		}
		w.add(name, c.Extra[name])
	}
	object, err := w.close()
	if err != nil {
		return nil, err
	}
	if _, err := strictjson.Object(string(object)); err != nil {
		return nil, fmt.Errorf("jwt: claims: %w", err)
	}
	return object, nil
}

// Sign returns a compact token with claims, signed by key, with the key's algorithm and id and the type typ in its
// header; an empty typ is left out. A registered name in Claims.Extra, or a value that JSON cannot hold, is an error, as
// is a typ that is not printable ASCII, a key without private part ([jwk.ErrNoPrivateKey]), or one that names no
// algorithm ([jwk.ErrAlgorithm]).
func Sign(key *jwk.Key, typ string, claims Claims) (string, error) {
	header, err := newHeader(key, typ)
	if err != nil {
		return "", err
	}
	payload, err := claims.MarshalJSON()
	if err != nil {
		return "", err
	}
	encoding := base64.RawURLEncoding
	token := make([]byte, 0, encoding.EncodedLen(len(header))+encoding.EncodedLen(len(payload))+2+encoding.EncodedLen(512))
	token = encoding.AppendEncode(token, header)
	token = append(token, '.')
	token = encoding.AppendEncode(token, payload)
	signature, err := key.Sign(token)
	if err != nil {
		return "", fmt.Errorf("jwt: signing: %w", err)
	}
	token = append(token, '.')
	token = encoding.AppendEncode(token, signature)
	return string(token), nil
}

func newHeader(key *jwk.Key, typ string) ([]byte, error) {
	switch {
	case key == nil || !key.CanSign():
		return nil, fmt.Errorf("jwt: signing: %w", jwk.ErrNoPrivateKey)
	case key.Algorithm() == "":
		return nil, fmt.Errorf("jwt: signing: the key names no algorithm: %w", jwk.ErrAlgorithm)
	case !printable(typ):
		return nil, fmt.Errorf("jwt: signing: typ is %s; it must be printable ASCII", quote(typ))
	}
	var w objectWriter
	w.text("alg", string(key.Algorithm()))
	w.text("kid", key.ID())
	w.text("typ", typ)
	return w.close()
}

// objectWriter writes a JSON object in the order of its calls. After an error it does nothing.
type objectWriter struct {
	buf bytes.Buffer
	err error
}

// text adds a string unless it is empty.
func (w *objectWriter) text(name, value string) {
	if value != "" {
		w.add(name, value)
	}
}

// time adds a NumericDate unless it is zero.
func (w *objectWriter) time(name string, value time.Time) {
	if value.IsZero() || w.err != nil {
		return
	}
	seconds := value.Unix()
	if seconds < 0 || seconds > maxNumericDate {
		w.err = fmt.Errorf("jwt: claim %q: %s is not in the years 1970 to 9999", name, value.UTC().Format(time.RFC3339))
		return
	}
	w.add(name, seconds)
}

func (w *objectWriter) add(name string, value any) {
	if w.err != nil {
		return
	}
	if w.buf.Len() == 0 {
		w.buf.WriteByte('{')
	} else {
		w.buf.WriteByte(',')
	}
	if w.err = w.encode(name); w.err != nil {
		w.err = fmt.Errorf("jwt: the name of claim %s: %w", quote(name), w.err)
		return
	}
	w.buf.WriteByte(':')
	if w.err = w.encode(value); w.err != nil {
		w.err = fmt.Errorf("jwt: claim %s: %w", quote(name), w.err)
	}
}

func (w *objectWriter) encode(value any) error {
	switch value := value.(type) {
	case string:
		if !utf8.ValidString(value) {
			return errInvalidUTF8
		}
	case int64:
		w.buf.Write(strconv.AppendInt(w.buf.AvailableBuffer(), value, 10))
		return nil
	}
	start := w.buf.Len()
	encoder := json.NewEncoder(&w.buf)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return err
	}
	w.buf.Truncate(w.buf.Len() - len("\n"))
	if hasReplacement(w.buf.Bytes()[start:]) {
		return errInvalidUTF8
	}
	return nil
}

func (w *objectWriter) close() ([]byte, error) {
	if w.err != nil {
		return nil, w.err
	}
	if w.buf.Len() == 0 {
		w.buf.WriteByte('{')
	}
	w.buf.WriteByte('}')
	return w.buf.Bytes(), nil
}

var errInvalidUTF8 = errors.New("invalid UTF-8")

// hasReplacement reports whether encoding/json has met invalid UTF-8 somewhere in a value: it replaces that by the
// escape \ufffd, while it writes the character U+FFFD itself without one.
func hasReplacement(text []byte) bool {
	rest := string(text)
	for {
		i := strings.IndexByte(rest, '\\')
		if i < 0 {
			return false
		}
		rest = rest[i+1:]
		if strings.HasPrefix(rest, "ufffd") {
			return true
		}
		rest = rest[1:]
	}
}
