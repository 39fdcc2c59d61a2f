package jwt_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/jetonauth/jeton/jwk"
	"github.com/jetonauth/jeton/jwt"
)

// FuzzVerify makes tokens of fuzzed headers and payloads, half of them with a good signature, and raw ones of the bytes
// alone. What is accepted must say what encoding/json reads in it, and must be refused with one byte changed.
func FuzzVerify(f *testing.F) {
	k := key(f, jwk.HS256)
	keys := newSet(f, k)
	v := newVerifier(f, openConfig())
	f.Add(`{"alg":"HS256"}`, goodPayload, byte(1), true)
	f.Add(`{"alg":"HS256","kid":"`+k.ID()+`","typ":"JWT"}`, `{"exp":1767358800.25,"nbf":1e9,"aud":["a","\u0062"],"iat":0}`, byte(7), true)
	f.Add(`{"alg":"none"}`, `{"exp":1,"Exp":2}`, byte(200), true)
	f.Add(`{"alg":"HS256"}`, `{"exp":1,"x":{"a":[1,{"b":"\ud83d\ude00"}]},"sub":"\u0000"}`, byte(0), true)
	f.Add("eyJhbGciOiJIUzI1NiJ9", "eyJleHAiOjF9", byte(3), false)
	for object := range badObjects {
		f.Add(`{"alg":"HS256"}`, strings.Replace(object, "%s", `"exp":1`, 1), byte(9), true)
	}
	f.Fuzz(func(t *testing.T, header, payload string, change byte, signed bool) {
		token := header + "." + payload + ".c2ln"
		if signed {
			token = forge(t, k, header, payload)
		}
		got, err := v.Verify(token, keys)
		if err != nil {
			if _, ok := errors.AsType[*jwt.Refusal](err); !ok || got != nil {
				t.Fatalf("got %v, %v", got, err)
			}
			return
		}
		if !signed {
			t.Fatalf("accepted %q", token)
		}
		comparePayload(t, got, payload)
		refuseChanged(t, v, token, keys, change)
	})
}

// comparePayload compares a token's claims with what encoding/json makes of the payload.
func comparePayload(t *testing.T, got *jwt.Token, payload string) {
	t.Helper()
	claims := decodeExactly(t, payload)
	for name, value := range map[string]string{"iss": got.Issuer(), "sub": got.Subject(), "jti": got.ID()} {
		if want, ok := claims[name]; ok && want != any(value) || !ok && value != "" {
			t.Errorf("%s: %q, encoding/json reads %v", name, value, want)
		}
	}
	for name, value := range map[string]time.Time{"exp": got.ExpiresAt(), "nbf": got.NotBefore(), "iat": got.IssuedAt()} {
		compareDate(t, name, value, claims[name])
	}
	var audience []string
	switch aud := claims["aud"].(type) {
	case string:
		audience = []string{aud}
	case []any:
		for _, name := range aud {
			audience = append(audience, name.(string))
		}
	}
	if !slices.Equal(got.Audience(), audience) {
		t.Errorf("aud: %q, encoding/json reads %q", got.Audience(), audience)
	}
}

// decodeExactly returns what encoding/json reads in text, numbers as they are written.
func decodeExactly(t *testing.T, text string) map[string]any {
	t.Helper()
	var members map[string]any
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(&members); err != nil || members == nil {
		t.Fatalf("accepted %q, which encoding/json refuses: %v", text, err)
	}
	if !utf8.ValidString(text) {
		t.Fatalf("accepted invalid UTF-8: %q", text)
	}
	return members
}

func compareDate(t *testing.T, name string, got time.Time, value any) {
	t.Helper()
	number, ok := value.(json.Number)
	if !ok {
		if value != nil || !got.IsZero() {
			t.Errorf("%s: %v, encoding/json reads %v", name, got, value)
		}
		return
	}
	want, err := number.Float64()
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	// A float64 is exact to a fraction of a millisecond in these years.
	if difference := want - float64(got.UnixMicro())/1e6; difference > 1e-3 || difference < -1e-3 {
		t.Errorf("%s: %v, encoding/json reads %v", name, got, number)
	}
}

// refuseChanged changes one character of the payload or the signature, chosen by change.
func refuseChanged(t *testing.T, v *jwt.Verifier, token string, keys *jwk.Set, change byte) {
	t.Helper()
	start := strings.IndexByte(token, '.') + 1
	at := start + int(change)*7%(len(token)-start)
	for _, c := range []byte("A_z9.=\n") {
		changed := token[:at] + string(c) + token[at+1:]
		if changed == token {
			continue
		}
		if got, err := v.Verify(changed, keys); err == nil || got != nil {
			t.Errorf("accepted with byte %d changed to %q: %s", at, c, token)
		}
	}
}

func FuzzUnverifiedHeader(f *testing.F) {
	k := key(f, jwk.HS256)
	f.Add(forge(f, k, `{"alg":"HS256","kid":"a","typ":"JWT","cty":"JWT"}`, goodPayload))
	f.Add(forge(f, k, `{"alg":"Ed25519"}`, goodPayload))
	f.Add(encode(`{"alg":"HS256","\u006bid":"\u0061"}`) + "..")
	f.Add("..")
	f.Add("a.b.c")
	f.Add(`{"payload":"x"}`)
	for object := range badObjects {
		f.Add(encode(strings.Replace(object, "%s", `"alg":"HS256"`, 1)) + ".e30.AA")
	}
	f.Fuzz(func(t *testing.T, token string) {
		got, err := jwt.UnverifiedHeader(token)
		if err != nil {
			refusal, ok := errors.AsType[*jwt.Refusal](err)
			if !ok || got != (jwt.Header{}) {
				t.Fatalf("got %+v, %v", got, err)
			}
			if message := refusal.Error(); strings.ContainsAny(message, "\r\n") || !utf8.ValidString(message) {
				t.Errorf("not one line: %q", message)
			}
			return
		}
		text, err := base64.RawURLEncoding.Strict().DecodeString(token[:strings.IndexByte(token, '.')])
		if err != nil {
			t.Fatalf("accepted %q: %v", token, err)
		}
		header := decodeExactly(t, string(text))
		for name, value := range map[string]string{"kid": got.KeyID, "typ": got.Type, "cty": got.ContentType} {
			if want, ok := header[name]; ok && want != any(value) || !ok && value != "" {
				t.Errorf("%s: %q, encoding/json reads %v", name, value, want)
			}
		}
		if algorithm, err := jwk.ParseAlgorithm(header["alg"].(string)); err != nil || algorithm != got.Algorithm {
			t.Errorf("alg %v, encoding/json reads %v", got.Algorithm, header["alg"])
		}
	})
}

// FuzzClaimsRoundTrip signs claims and reads them again. What cannot be read must be an error of Sign.
func FuzzClaimsRoundTrip(f *testing.F) {
	k := key(f, jwk.HS256)
	keys := newSet(f, k)
	v := newVerifier(f, openConfig())
	f.Add("https://issuer.example", "42", "api", "web", int64(1767358800), int64(0), "id", "scope", "read write", `{"a":[1,"x"]}`)
	f.Add("", "<&>\u2028", "", "", int64(1), int64(-1), "\x00", "aud", "\ufffd", `null`)
	f.Add("\xff", "é", "a", "", int64(253402300799), int64(253402300800), "", "a", "\xc3", `{"a":1,"a":2}`)
	f.Add("a", "b", "c", "d", int64(5), int64(5), "e", "a", `\ufffd`, `"\ud800"`)
	f.Fuzz(func(t *testing.T, iss, sub, aud1, aud2 string, exp, nbf int64, id, name, text, raw string) {
		claims := jwt.Claims{
			Issuer: iss, Subject: sub, ID: id, ExpiresAt: time.Unix(exp, 0), NotBefore: time.Unix(nbf, 0),
			Extra: map[string]any{name: text, "raw": json.RawMessage(raw)},
		}
		for _, aud := range []string{aud1, aud2} {
			if aud != "" {
				claims.Audience = append(claims.Audience, aud)
			}
		}
		token, err := jwt.Sign(k, "JWT", claims)
		if err != nil {
			if token != "" || !strings.HasPrefix(err.Error(), "jwt: ") {
				t.Errorf("got %q, %v", token, err)
			}
			return
		}
		if len(token) > jwt.DefaultMaxSize || claims.ExpiresAt.IsZero() {
			return
		}
		got, err := v.Verify(token, keys)
		if err != nil {
			t.Fatalf("%+v: %v", claims, err)
		}
		checkClaims(t, got, claims)
		if value, ok := got.StringClaim(name); name != "raw" && (!ok || value != text) {
			t.Errorf("%q: %q, %v, want %q", name, value, ok, text)
		}
		again, err := claims.MarshalJSON()
		if err != nil || encode(again) != strings.Split(token, ".")[1] {
			t.Errorf("%+v is not written the same twice: %s, %v", claims, again, err)
		}
		compareRaw(t, got, raw)
	})
}

// compareRaw looks at a claim that was given as JSON text, which Sign may only change in its white space.
func compareRaw(t *testing.T, got *jwt.Token, raw string) {
	t.Helper()
	var decoded map[string]json.RawMessage
	if err := got.Claims(&decoded); err != nil {
		t.Fatal(err)
	}
	var want bytes.Buffer
	if err := json.Compact(&want, []byte(raw)); err != nil {
		t.Fatalf("signed %q: %v", raw, err)
	}
	if string(decoded["raw"]) != want.String() {
		t.Errorf("raw is %s, want %s", decoded["raw"], want.String())
	}
}
