package jwt

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/jetonauth/jeton/internal/strictjson"
	"github.com/jetonauth/jeton/jwk"
)

// Token is a verified token. It is immutable: nothing that it returns is shared memory.
type Token struct {
	header       *protectedHeader // shared by tokens that have the same
	keyAlgorithm jwk.Algorithm    // of the key that proved it; empty if that key names none
	registered   registeredClaims
	size         int // of the whole token, in bytes
	payload      string
	claims       []strictjson.Span // where they stand in payload
	few          [12]strictjson.Span
}

// Header returns the token's header.
func (t *Token) Header() Header { return t.header.Header }

// Issuer is the claim "iss", empty if absent.
func (t *Token) Issuer() string { return t.registered.issuer }

// Subject is the claim "sub", empty if absent.
func (t *Token) Subject() string { return t.registered.subject }

// Audience returns a copy of the claim "aud", which a token may hold as a string or as an array.
func (t *Token) Audience() []string { return slices.Clone(t.registered.audience) }

// HasAudience reports whether name is one of the token's audiences.
func (t *Token) HasAudience(name string) bool { return slices.Contains(t.registered.audience, name) }

// ID is the claim "jti", empty if absent.
func (t *Token) ID() string { return t.registered.id }

// ExpiresAt is the claim "exp". It keeps a fraction of a second, like the other times.
func (t *Token) ExpiresAt() time.Time { return t.registered.expiresAt }

// NotBefore is the claim "nbf", zero if absent.
func (t *Token) NotBefore() time.Time { return t.registered.notBefore }

// IssuedAt is the claim "iat", zero if absent.
func (t *Token) IssuedAt() time.Time { return t.registered.issuedAt }

// StringClaim returns the claim name if it is a JSON string. The whole name is one member, dots are no path.
func (t *Token) StringClaim(name string) (value string, ok bool) {
	return claim(t, name, strictjson.String)
}

// StringsClaim returns the claim name if it is a JSON string or an array of strings; a single string is a slice of one.
func (t *Token) StringsClaim(name string) (values []string, ok bool) {
	return claim(t, name, strictjson.Strings)
}

// TimeClaim returns the claim name if it is a NumericDate (RFC 7519, section 2) from 1970 to 9999.
func (t *Token) TimeClaim(name string) (value time.Time, ok bool) {
	return claim(t, name, numericDate)
}

func claim[T any](t *Token, name string, read func(string) (T, error)) (value T, ok bool) {
	text, ok := t.lookup(name)
	if !ok {
		return value, false
	}
	value, err := read(text)
	return value, err == nil
}

// lookup returns the JSON text of a claim.
func (t *Token) lookup(name string) (text string, ok bool) {
	for _, claim := range t.claims {
		if claim.Name(t.payload) == name {
			return claim.Value(t.payload), true
		}
	}
	return "", false
}

// Claims decodes all claims into dst with encoding/json's rules: a pointer to a struct or a map.
//
// encoding/json takes a member for a struct's field even if the case of letters differs, so a claim "Sub" could
// overwrite "sub". Names that are alike but for their case, or like that to one of RFC 7519's, are therefore an error
// unless dst is a pointer to a map or to an empty any.
func (t *Token) Claims(dst any) error {
	if !decodesExactNames(dst) {
		if err := t.checkNames(); err != nil {
			return err
		}
	}
	// The copy is dst's own: a json.RawMessage in it may be kept and written to.
	if err := json.Unmarshal([]byte(t.payload), dst); err != nil {
		return fmt.Errorf("jwt: claims: %w", err)
	}
	return nil
}

func decodesExactNames(dst any) bool {
	v := reflect.ValueOf(dst)
	if v.Kind() != reflect.Pointer || v.IsNil() {
		return false
	}
	// An any that is not nil may hold a pointer to a struct, which encoding/json would decode into.
	v = v.Elem()
	return v.Kind() == reflect.Map || v.Kind() == reflect.Interface && v.IsNil()
}

// checkNames returns an error if encoding/json could take one claim for another.
func (t *Token) checkNames() error {
	spelling := make(map[string]string, len(t.claims)+len(registeredNames))
	for _, name := range registeredNames {
		spelling[strings.Map(foldRune, name)] = name
	}
	for _, claim := range t.claims {
		name := claim.Name(t.payload)
		folded := strings.Map(foldRune, name)
		if other, ok := spelling[folded]; ok && other != name {
			return fmt.Errorf("jwt: claims: %s and %s differ only in the case of letters", quote(other), quote(name))
		}
		spelling[folded] = name
	}
	return nil
}

// foldRune returns the same rune for all that encoding/json takes for equal.
func foldRune(r rune) rune {
	least := r
	for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
		least = min(least, next)
	}
	return least
}
