package jwt

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/jetonauth/jeton/jwk"
)

// FuzzSegment compares the decoder with the standard library's, which skips line breaks where this one must not.
func FuzzSegment(f *testing.F) {
	for _, seed := range []string{"", "A", "AA", "AAA", "AAAA", "AAAAA", "____", "-_-_", "AB", "AAB", "AA==", "A A", "AA\nAA", "é", strings.Repeat("Zm9v", 50)} {
		f.Add(seed)
	}
	strict := base64.RawURLEncoding.Strict()
	f.Fuzz(func(t *testing.T, segment string) {
		prefix := []byte("before")
		got, ok := appendSegment(bytes.Clone(prefix), segment)
		want, err := strict.DecodeString(segment)
		wantOK := err == nil && !strings.ContainsAny(segment, "\r\n")
		if ok != wantOK || ok && string(got) != "before"+string(want) {
			t.Errorf("%q: %q, %v; want %q, %v", segment, got, ok, want, wantOK)
		}
	})
}

// TestEveryCharacter tries each byte in each place of a group, since the decoder has a table for each.
func TestEveryCharacter(t *testing.T) {
	t.Parallel()
	strict := base64.RawURLEncoding.Strict()
	for size := range 14 {
		for place := range size {
			for c := range 256 {
				text := []byte(strings.Repeat("A", size))
				text[place] = byte(c)
				got, ok := appendSegment(nil, string(text))
				want, err := strict.DecodeString(string(text))
				if wantOK := err == nil && c != '\r' && c != '\n'; ok != wantOK || ok && !bytes.Equal(got, want) {
					t.Fatalf("%q: %x, %v; want %x, %v", text, got, ok, want, wantOK)
				}
			}
		}
	}
}

// FuzzEncode compares the encoder with the standard library's.
func FuzzEncode(f *testing.F) {
	for size := range 20 {
		f.Add(bytes.Repeat([]byte{0xfb, 0x10}, size))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		want := "before" + base64.RawURLEncoding.EncodeToString(data)
		if got := appendEncoded([]byte("before"), data); string(got) != want {
			t.Errorf("%x: %q, want %q", data, got, want)
		}
	})
}

// FuzzKnownHeader makes tokens of fuzzed headers and payloads, signed with one secret and perhaps changed afterwards, and gives each to a
// verifier that may know its header, and to one that knows none: the answers must be the same. The secret is fixed, so that what was
// found once stays a good token.
func FuzzKnownHeader(f *testing.F) {
	secret := []byte("\x8f:\x13\xa0\x91d\xe5\x0f^2\xdc\x97\x1b\xb8\x06|j\xf3YB\xc4\x1e\xad\x7f\x02\xe9\x36\xd0\x88\x15\xcaK")
	var keys []*jwk.Key
	for _, alg := range []jwk.Algorithm{jwk.HS256, jwk.HS384} {
		key, err := jwk.FromSecret(alg, append(secret, secret...))
		if err == nil {
			key, err = key.WithID(string(alg))
		}
		if err != nil {
			f.Fatal(err)
		}
		keys = append(keys, key)
	}
	set, err := jwk.NewSet(keys...)
	if err != nil {
		f.Fatal(err)
	}
	for _, header := range []string{
		`{"alg":"HS256","kid":"HS256"}`, `{"alg":"HS384","kid":"HS384","typ":"at+jwt"}`, `{"alg":"HS256","kid":"HS384"}`, `{"alg":"HS256"}`,
		`{"alg":"HS256","kid":"HS256","typ":"other"}`, `{"alg":"none"}`, `{ "typ" : "JWT", "alg" : "HS256" }`,
	} {
		for _, payload := range []string{
			`{"exp":1767330000}`, `{"exp":1767330000.5,"nbf":1e9,"iat":0,"aud":["a","\u0062"],"iss":"i","sub":"\u0000","jti":"j"}`, `{"exp":1}`, `{"exp":"1"}`,
			`{"exp":1767330000,"a":{"b":[1,{"c":null}]},"d":true,"e":-0.5e-3}`, `{"exp":1767330000,"exp":1}`, `{"exp":1767330000,"sub":7}`, "{}", "", "é",
			`{"exp":1767330000,"a":0,"b":0,"c":0,"d":0,"e":0,"f":0,"g":0,"h":0,"i":0,"j":0,"k":0,"l":0,"m":0,"n":0,"o":0,"p":0,"q":0,"aud":"x","r":0}`,
		} {
			f.Add(header, payload, 0)
			f.Add(header, payload, len(header)+len(payload))
		}
	}
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	cfg := VerifierConfig{AnyIssuer: true, AnyAudience: true, Types: []string{"JWT", "at+jwt", ""}, Now: func() time.Time { return now }}
	warm, err := NewVerifier(cfg)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, header, payload string, flip int) {
		mac := hmac.New(sha256.New, append(secret, secret...))
		if strings.Contains(header, "HS384") {
			mac = hmac.New(sha512.New384, append(secret, secret...))
		}
		encode := base64.RawURLEncoding.EncodeToString
		token := encode([]byte(header)) + "." + encode([]byte(payload))
		mac.Write([]byte(token))
		token += "." + encode(mac.Sum(nil))
		if flip > 0 && flip < len(token) {
			token = token[:flip] + string(token[flip]^1) + token[flip+1:]
		}
		cold, err := NewVerifier(cfg)
		if err != nil {
			t.Fatal(err)
		}
		want, wantErr := cold.Verify(token, set)
		for range 2 { // the second time the header may be known
			got, gotErr := warm.Verify(token, set)
			compareAnswers(t, token, got, want, gotErr, wantErr)
		}
	})
}

// compareAnswers fails unless two answers about one token are the same.
func compareAnswers(t *testing.T, token string, got, want *Token, gotErr, wantErr error) {
	t.Helper()
	if !reflect.DeepEqual(gotErr, wantErr) { //nolint:govet // the refusals must be equal in every field
		t.Fatalf("%q: %v, and without known headers %v", token, gotErr, wantErr)
	}
	if (got == nil) != (want == nil) {
		t.Fatalf("%q: %v, and without known headers %v", token, got, want)
	}
	if got == nil {
		return
	}
	if got.Header() != want.Header() || got.payload != want.payload || got.registered != want.registered || got.count != want.count {
		t.Fatalf("%q: %+v, and without known headers %+v", token, got, want)
	}
	for i := range int(got.count) {
		if got.claim(i) != want.claim(i) {
			t.Fatalf("%q: claim %d is at %v, and without known headers at %v", token, i, got.claim(i), want.claim(i))
		}
	}
}

// A header is known for one set only: with another set its key must not verify.
func TestKnownHeadersBelongToASet(t *testing.T) {
	t.Parallel()
	now := time.Now()
	v, err := NewVerifier(VerifierConfig{AnyIssuer: true, AnyAudience: true})
	if err != nil {
		t.Fatal(err)
	}
	var tokens []string
	var sets []*jwk.Set
	for range 2 * maxKnownHeaders {
		key, err := jwk.Generate(jwk.HS256)
		if err != nil {
			t.Fatal(err)
		}
		if key, err = key.WithID("same"); err != nil {
			t.Fatal(err)
		}
		set, err := jwk.NewSet(key)
		if err != nil {
			t.Fatal(err)
		}
		token, err := Sign(key, "", Claims{ExpiresAt: now.Add(time.Hour)})
		if err != nil {
			t.Fatal(err)
		}
		tokens, sets = append(tokens, token), append(sets, set)
	}
	for range 2 {
		for i, set := range sets {
			for j, token := range tokens {
				if _, err := v.Verify(token, set); (err == nil) != (i == j) {
					t.Fatalf("token %d with set %d: %v", j, i, err)
				}
			}
		}
	}
	if n := len(*v.known.list.Load()); n != maxKnownHeaders {
		t.Errorf("%d headers are kept, want %d", n, maxKnownHeaders)
	}
}
