package guard

import "strings"

// fromHeader reads a header. One with schemes has the form that [Bearer] says.
func (s *Source) fromHeader(values []string) (string, *Refusal) {
	switch len(values) {
	case 0:
		return "", nil
	case 1:
	default:
		return "", &Refusal{Code: InvalidRequest, Err: ErrAmbiguous, Description: "The request has more than one " + s.name + " header."}
	}
	if len(s.schemes) == 0 {
		return s.fromWhole(values[0])
	}
	for _, scheme := range s.schemes {
		if credentials, ok := cutScheme(values[0], scheme); ok {
			return s.fromCredentials(scheme, credentials)
		}
	}
	if s.otherRefused {
		return "", &Refusal{Code: InvalidRequest, Err: ErrOtherScheme, Description: s.malformedDescription(s.schemes[0])}
	}
	return "", &Refusal{Code: MissingToken, Err: ErrOtherScheme}
}

// fromCredentials reads what follows the scheme.
func (s *Source) fromCredentials(scheme, credentials string) (string, *Refusal) {
	if len(credentials) > maxToken {
		return "", &Refusal{Code: InvalidToken, Err: errTooLong}
	}
	token := strings.TrimLeft(credentials, " ")
	if len(token) == len(credentials) || !isToken68(token) {
		return "", &Refusal{Code: InvalidRequest, Err: ErrMalformed, Description: s.malformedDescription(scheme)}
	}
	return token, nil
}

// fromWhole reads a header that holds nothing but the token.
func (s *Source) fromWhole(value string) (string, *Refusal) {
	switch {
	case value == "" || len(value) > maxToken || isToken68(value):
		return value, nil
	default:
		return "", &Refusal{Code: InvalidRequest, Err: ErrMalformed, Description: "The " + s.name + " header is not a token."}
	}
}

func (s *Source) malformedDescription(scheme string) string {
	return "The " + s.name + " header is not the word " + scheme + ", a space and a token."
}

// cutScheme returns what follows the scheme, the space included, and whether the value begins with it as a whole word.
func cutScheme(value, scheme string) (credentials string, ok bool) {
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
