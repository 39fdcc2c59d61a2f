package guard

import (
	"errors"
	"strings"
)

// extractor takes the token out of one place of a request. It returns neither a token nor a refusal where there is none.
type extractor interface {
	extract(c Carrier) (token string, refusal *Refusal)
}

// maxCredentials bounds what is read of a header, in bytes. No verifier of package jwt accepts a longer token.
const maxCredentials = 1 << 20

var (
	errTwoHeaders = errors.New("guard: more than one Authorization header")
	errMalformed  = errors.New("guard: malformed Authorization header")
	errTooLong    = errors.New("guard: token is longer than any verifier accepts")
)

// bearerHeader takes the token from the Authorization header (RFC 6750, section 2.1):
//
//	"Bearer" 1*SP token68
//
// The scheme's case does not matter (RFC 9110, section 11.1). Another scheme is no token, since it is another guard's; Bearer with
// anything else behind it is a malformed request, as are two headers, of which two readers might choose differently.
type bearerHeader struct{}

func (bearerHeader) extract(c Carrier) (string, *Refusal) {
	values := c.Header("Authorization")
	switch len(values) {
	case 0:
		return "", nil
	case 1:
	default:
		return "", &Refusal{Code: InvalidRequest, Err: errTwoHeaders, Description: twoHeadersDescription}
	}
	credentials, ok := cutScheme(values[0])
	switch {
	case !ok:
		return "", nil
	case len(credentials) > maxCredentials:
		return "", &Refusal{Code: InvalidToken, Err: errTooLong}
	}
	token := strings.TrimLeft(credentials, " ")
	if len(token) == len(credentials) || !isToken68(token) {
		return "", &Refusal{Code: InvalidRequest, Err: errMalformed, Description: malformedDescription}
	}
	return token, nil
}

// cutScheme returns what follows the scheme, the space included, and whether the scheme is Bearer as a whole word.
func cutScheme(value string) (credentials string, bearer bool) {
	const scheme = "Bearer"
	if len(value) < len(scheme) || !strings.EqualFold(value[:len(scheme)], scheme) {
		return "", false
	}
	credentials = value[len(scheme):]
	return credentials, credentials == "" || !isTokenChar(credentials[0])
}

// isTokenChar reports whether c may be part of a scheme's name, a token of RFC 9110, section 5.6.2.
func isTokenChar(c byte) bool {
	return token68[c] && c != '/' || strings.IndexByte("!#$%&'*^`|", c) >= 0
}

// isToken68 reports whether s is a token68 of RFC 9110, section 11.2, which RFC 6750 calls b64token.
func isToken68(s string) bool {
	s = strings.TrimRight(s, "=")
	for i := range len(s) {
		if !token68[s[i]] {
			return false
		}
	}
	return s != ""
}

// token68 has the characters of a token68, the padding aside. Every request's token is looked up in it, byte for byte: comparing
// with ranges takes four times as long.
//
//nolint:gochecknoglobals // an immutable table
var token68 = func() (table [256]bool) {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	for _, c := range []byte(letters + "0123456789-._~+/") {
		table[c] = true
	}
	return table
}()
