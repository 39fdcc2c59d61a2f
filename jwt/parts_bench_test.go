package jwt

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/jetonauth/jeton/internal/strictjson"
)

const benchPayload = `{"iss":"https://api.example.com","sub":"zmoqru3giqynegohjn37fhjezy","aud":"https://api.example.com","exp":1795333646,"iat":1795332746,"jti":"oavfxjtjh63g544meypwz3ream","amr":["pwd"],"auth_time":1795332746,"client_id":"first-party","sid":"h6jc6nbxng3hs4v5lytojhmgvm"}`

func BenchmarkParts(b *testing.B) {
	segment := base64.RawURLEncoding.EncodeToString([]byte(benchPayload))
	b.Run("base64", func(b *testing.B) {
		var s scratch
		for b.Loop() {
			s.payload, _ = appendSegment(s.payload[:0], segment)
		}
	})
	b.Run("index", func(b *testing.B) {
		var few [12]strictjson.Span
		for b.Loop() {
			if _, err := strictjson.Index(benchPayload, few[:0]); err != nil {
				b.Fatal(err)
			}
		}
	})
	header := &protectedHeader{}
	b.Run("claims", func(b *testing.B) {
		var s scratch
		for b.Loop() {
			if _, err := decodeClaims(header, segment, &s); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("split", func(b *testing.B) {
		token := strings.Repeat("a", 120) + "." + segment + "." + strings.Repeat("b", 43)
		for b.Loop() {
			if _, err := split(token); err != nil {
				b.Fatal(err)
			}
		}
	})
}
