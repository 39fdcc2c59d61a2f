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
)

// Token is a verified token. It is immutable: nothing that it returns is shared memory.
type Token struct {
	header     *protectedHeader // shared by tokens that have the same
	payload    string
	registered registered
	size       uint32 // of the whole token, in bytes

	// Where the claims stand in payload: in few, unless many is filled. Most tokens fit in few, and a token is small.
	count uint32
	few   [14]strictjson.Short
	many  []strictjson.Span
}

// keep makes a copy of where the claims are.
func (t *Token) keep(claims []strictjson.Span) {
	t.count = uint32(len(claims))
	if len(claims) > len(t.few) || len(t.payload) > strictjson.MaxShort {
		t.many = slices.Clone(claims)
		return
	}
	for i, claim := range claims {
		t.few[i] = claim.Short()
	}
}

// claim returns where claim i is.
func (t *Token) claim(i int) strictjson.Span {
	if t.many != nil {
		return t.many[i]
	}
	return t.few[i].Span()
}

// Header returns the token's header.
func (t *Token) Header() Header { return t.header.Header }

// Issuer is the claim "iss", empty if absent.
func (t *Token) Issuer() string { return t.registeredText(issuer) }

// Subject is the claim "sub", empty if absent.
func (t *Token) Subject() string { return t.registeredText(subject) }

// Audience returns the claim "aud", which a token may hold as a string or as an array.
func (t *Token) Audience() []string {
	values, _ := t.StringsClaim("aud")
	return values
}

// HasAudience reports whether name is one of the token's audiences.
func (t *Token) HasAudience(name string) bool {
	at := t.registered.at[audience]
	return at > 0 && strictjson.Contains(t.claim(int(at)-1).Value(t.payload), name)
}

// ID is the claim "jti", empty if absent.
func (t *Token) ID() string { return t.registeredText(tokenID) }

// ExpiresAt is the claim "exp". It keeps a fraction of a second, like the other times.
func (t *Token) ExpiresAt() time.Time { return t.registeredTime(expiresAt) }

// NotBefore is the claim "nbf", zero if absent.
func (t *Token) NotBefore() time.Time { return t.registeredTime(notBefore) }

// IssuedAt is the claim "iat", zero if absent.
func (t *Token) IssuedAt() time.Time { return t.registeredTime(issuedAt) }

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
	for i := range int(t.count) {
		if claim := t.claim(i); claim.Name(t.payload) == name {
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
	spelling := make(map[string]string, int(t.count)+len(registeredNames))
	for _, name := range registeredNames {
		spelling[strings.Map(foldRune, name)] = name
	}
	for i := range int(t.count) {
		name := t.claim(i).Name(t.payload)
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
