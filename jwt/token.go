package jwt

import "time"

// Token is a verified token. It is immutable: nothing that it returns is shared memory.
type Token struct{}

// Header returns the token's header.
func (t *Token) Header() Header { panic("declared") }

// Issuer is the claim "iss", empty if absent.
func (t *Token) Issuer() string { panic("declared") }

// Subject is the claim "sub", empty if absent.
func (t *Token) Subject() string { panic("declared") }

// Audience returns a copy of the claim "aud", which a token may hold as a string or as an array.
func (t *Token) Audience() []string { panic("declared") }

// HasAudience reports whether name is one of the token's audiences.
func (t *Token) HasAudience(name string) bool { panic("declared") }

// ID is the claim "jti", empty if absent.
func (t *Token) ID() string { panic("declared") }

// ExpiresAt is the claim "exp". It keeps a fraction of a second, like the other times.
func (t *Token) ExpiresAt() time.Time { panic("declared") }

// NotBefore is the claim "nbf", zero if absent.
func (t *Token) NotBefore() time.Time { panic("declared") }

// IssuedAt is the claim "iat", zero if absent.
func (t *Token) IssuedAt() time.Time { panic("declared") }

// StringClaim returns the claim name if it is a JSON string. The whole name is one member, dots are no path.
func (t *Token) StringClaim(name string) (value string, ok bool) { panic("declared") }

// StringsClaim returns the claim name if it is a JSON string or an array of strings; a single string is a slice of one.
func (t *Token) StringsClaim(name string) (values []string, ok bool) { panic("declared") }

// TimeClaim returns the claim name if it is a NumericDate (RFC 7519, section 2) from 1970 to 9999.
func (t *Token) TimeClaim(name string) (value time.Time, ok bool) { panic("declared") }

// Claims decodes all claims into dst with encoding/json's rules: a pointer to a struct or a map.
//
// encoding/json takes a member for a struct's field even if the case of letters differs, so a claim "Sub" could
// overwrite "sub". Names that are alike but for their case, or like that to one of RFC 7519's, are therefore an error
// unless dst is a pointer to a map or to an empty any.
func (t *Token) Claims(dst any) error { panic("declared") }
