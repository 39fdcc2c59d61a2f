package jwt

import (
	"encoding/base64"
	"errors"
	"strings"
)

// Strict refuses bits that the last character leaves over, so that each value has one spelling.
var segmentEncoding = base64.RawURLEncoding.Strict()

// decodeSegment decodes one part of a token: base64url without padding (RFC 7515, section 2), canonical. The error says
// which rule was broken.
func decodeSegment(segment string) ([]byte, error) {
	// The standard decoder skips line breaks, which would give a token more than one spelling.
	if strings.ContainsAny(segment, "\r\n") {
		return nil, errors.New("white space in base64url")
	}
	decoded, err := segmentEncoding.DecodeString(segment)
	if err != nil {
		return nil, explainSegment(segment)
	}
	return decoded, nil
}

func explainSegment(segment string) error {
	switch {
	case strings.ContainsAny(segment, " \t"):
		return errors.New("white space in base64url")
	case strings.Contains(segment, "="):
		return errors.New("padding in base64url")
	case strings.ContainsAny(segment, "+/"):
		return errors.New("base64 instead of base64url")
	case strings.ContainsFunc(segment, notBase64URL):
		return errors.New("a character that is not base64url")
	case len(segment)%4 == 1:
		return errors.New("impossible length of base64url")
	default:
		return errors.New("unused bits in base64url are not zero")
	}
}

func notBase64URL(r rune) bool {
	letter := 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
	return !letter && (r < '0' || r > '9') && r != '-' && r != '_'
}
