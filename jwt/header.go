package jwt

import (
	"errors"
	"fmt"
	"strings"

	"github.com/jetonauth/jeton/internal/strictjson"
	"github.com/jetonauth/jeton/jwk"
)

// Header is a token's protected header, as far as it means something here.
type Header struct {
	Algorithm   jwk.Algorithm // "alg"; [jwk.EdDSA] also where it is written "Ed25519"
	KeyID       string        // "kid"
	Type        string        // "typ", as written
	ContentType string        // "cty", as written
}

// UnverifiedHeader reads the header of a token without proving anything: it is for choosing between verifiers and for
// debugging. Payload and signature are not looked at, and the token may be as long as the highest
// [VerifierConfig.MaxSize]. What has not three parts, or no header in the form that the package documentation describes,
// is [ErrMalformed]; an algorithm that jeton does not know is [ErrUnsupportedAlgorithm]. Both come as a [*Refusal].
func UnverifiedHeader(token string) (Header, error) {
	if err := checkSize(token, maxMaxSize); err != nil {
		return Header{}, err
	}
	p, err := split(token)
	if err != nil {
		return Header{}, err
	}
	h, err := decodeHeader(p.header)
	if err != nil {
		return Header{}, err
	}
	if h.Algorithm == "" {
		return Header{}, &Refusal{Reason: ErrUnsupportedAlgorithm, Claim: "alg", Got: keep(h.algorithmName)}
	}
	return h.Header, nil
}

func checkSize(token string, limit int) error {
	if len(token) > limit {
		return refuseSize(len(token), limit)
	}
	return nil
}

func refuseSize(size, limit int) error {
	return malformed("", fmt.Sprintf("%d bytes, of which at most %d are accepted", size, limit))
}

// parts are the parts of a compact token (RFC 7515, section 7.1), still encoded.
type parts struct {
	header, payload, signature string
	signed                     string // what the signature is over
}

func split(token string) (parts, error) {
	if strings.HasPrefix(token, "{") {
		return parts{}, malformed("", "the JSON serialization, of which only the compact one is read")
	}
	first := strings.IndexByte(token, '.')
	last := first + 1 + strings.IndexByte(token[first+1:], '.')
	if first < 0 || last <= first || strings.IndexByte(token[last+1:], '.') >= 0 {
		return parts{}, refuseDots(strings.Count(token, "."))
	}
	return parts{
		header:    token[:first],
		payload:   token[first+1 : last],
		signature: token[last+1:],
		signed:    token[:last],
	}, nil
}

func refuseDots(dots int) error {
	detail := fmt.Sprintf("parts: %d instead of 3", dots+1)
	if dots == 4 {
		detail += "; encrypted tokens are not read"
	}
	return malformed("", detail)
}

// protectedHeader is a header, and what finding the key needs besides.
type protectedHeader struct {
	Header               // its Algorithm is empty if jeton does not know algorithmName
	algorithmName string // "alg" as written
	bareType      string // "typ" as [bareType] returns it
	hasKeyID      bool
	keyAlgorithm  jwk.Algorithm // of the key that it names, once that is found; empty if that key names none
}

func decodeHeader(segment string) (protectedHeader, error) {
	text, err := decodeSegment(segment)
	if err != nil {
		return protectedHeader{}, malformed("", "header: "+err.Error())
	}
	members, err := strictjson.Object(string(text))
	if err != nil {
		return protectedHeader{}, malformed("", "header: "+err.Error())
	}
	var h protectedHeader
	hasAlgorithm := false
	for _, m := range members {
		hasAlgorithm = hasAlgorithm || m.Name == "alg"
		if err := h.read(m); err != nil {
			return protectedHeader{}, malformed(m.Name, "header: "+err.Error())
		}
	}
	if !hasAlgorithm {
		return protectedHeader{}, malformed("alg", "header: absent")
	}
	if algorithm, err := jwk.ParseAlgorithm(h.algorithmName); err == nil {
		h.Algorithm = algorithm
	}
	return h, nil
}

// read takes over one header parameter. Those that name or hold a key ("jku", "jwk", "x5u", "x5c", "x5t") are ignored
// like any unknown one: only the key set has keys (RFC 8725, section 3.10).
func (h *protectedHeader) read(m strictjson.Member) (err error) {
	switch m.Name {
	case "alg":
		h.algorithmName, err = strictjson.String(m.Value)
	case "kid":
		h.KeyID, err = strictjson.String(m.Value)
		h.hasKeyID = true
	case "typ":
		h.Type, err = strictjson.String(m.Value)
		h.bareType = bareType(h.Type)
	case "cty":
		h.ContentType, err = strictjson.String(m.Value)
	case "crit":
		// A recipient must refuse what it does not understand (RFC 7515, section 4.1.11), and nothing is understood.
		return errors.New("no critical parameter is understood")
	case "b64":
		// RFC 7797 allows true without "crit", where it says nothing new.
		if m.Value != "true" {
			return errors.New("only a base64url payload is read")
		}
	case "enc", "zip":
		return errors.New("encrypted tokens are not read")
	}
	return err
}
