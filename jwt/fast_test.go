package jwt

import (
	"bytes"
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

// FuzzKnownHeader gives every token to a verifier that knows the headers of the keys in its set, and of others, and to one that
// knows none: the answer must be the same.
func FuzzKnownHeader(f *testing.F) {
	var keys []*jwk.Key
	for _, alg := range []jwk.Algorithm{jwk.HS256, jwk.HS384, jwk.HS512} {
		key, err := jwk.Generate(alg)
		if err != nil {
			f.Fatal(err)
		}
		keys = append(keys, key)
	}
	set, err := jwk.NewSet(keys...)
	if err != nil {
		f.Fatal(err)
	}
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	cfg := VerifierConfig{AnyIssuer: true, AnyAudience: true, Types: []string{"JWT", "at+jwt", ""}, Now: func() time.Time { return now }}
	warm, err := NewVerifier(cfg)
	if err != nil {
		f.Fatal(err)
	}
	for _, key := range keys {
		for _, typ := range []string{"", "JWT", "at+jwt", "other"} {
			token, err := Sign(key, typ, Claims{Subject: "u", ExpiresAt: now.Add(time.Hour), Extra: map[string]any{"a": []string{"b"}}})
			if err != nil {
				f.Fatal(err)
			}
			f.Add(token, 0)
			f.Add(token, len(token)/2)
			if _, err := warm.Verify(token, set); err != nil && typ != "other" {
				f.Fatal(err)
			}
		}
	}
	f.Fuzz(func(t *testing.T, token string, flip int) {
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
			if !reflect.DeepEqual(gotErr, wantErr) { //nolint:govet // the refusals must be equal in every field
				t.Fatalf("%q: %v, and without known headers %v", token, gotErr, wantErr)
			}
			if (got == nil) != (want == nil) {
				t.Fatalf("%q: %v, and without known headers %v", token, got, want)
			}
			if got != nil && (!reflect.DeepEqual(got.Header(), want.Header()) || got.payload != want.payload || got.registered != want.registered) {
				t.Fatalf("%q: %+v, and without known headers %+v", token, got, want)
			}
		}
	})
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
