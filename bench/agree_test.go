package bench_test

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/jetonauth/jeton/bench"
	"github.com/jetonauth/jeton/jetontest"
	"github.com/jetonauth/jeton/jwk"
)

// The token of the comparison is an access token of jeton's own, but for its values.
func TestTokenIsLikeJetons(t *testing.T) {
	t.Parallel()
	key := newKey(t, jwk.ES256)
	own := strings.Split(jetontest.New(t).SignUp("ada@example.com").AccessToken, ".")
	compared := strings.Split(newToken(t, key, bench.NewContent(time.Now())), ".")
	for part, what := range []string{"header", "payload"} {
		want, got := members(t, own[part]), members(t, compared[part])
		if strings.Join(got, " ") != strings.Join(want, " ") {
			t.Errorf("%s has the members %v, jeton's own has %v", what, got, want)
		}
	}
	payload, err := base64.RawURLEncoding.DecodeString(compared[1])
	if err != nil || len(payload) != 244 {
		t.Errorf("the payload has %d bytes, %v, not the 244 that it is said to have: %s", len(payload), err, payload)
	}
}

// members returns the names in a segment of a token, in order.
func members(t *testing.T, segment string) []string {
	t.Helper()
	text, err := base64.RawURLEncoding.DecodeString(segment)
	if err != nil {
		t.Fatal(err)
	}
	decoder := json.NewDecoder(strings.NewReader(string(text)))
	if _, err := decoder.Token(); err != nil {
		t.Fatal(err)
	}
	var names []string
	for decoder.More() {
		name, err := decoder.Token()
		if err != nil {
			t.Fatal(err)
		}
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			t.Fatal(err)
		}
		names = append(names, name.(string))
	}
	return names
}

func TestEveryLibraryTakesTheGoodToken(t *testing.T) {
	t.Parallel()
	eachAlgorithm(t, func(t *testing.T, key bench.Key) {
		t.Helper()
		content := bench.NewContent(time.Now())
		token := newToken(t, key, content)
		for name, contender := range contenders(t, key, content) {
			got, err := contender.Verify(token)
			if err != nil {
				t.Errorf("%s refuses it: %v", name, err)
				continue
			}
			checkClaims(t, name, got, content)
		}
	})
}

// What one library signs, every library takes, and reads the same in it.
func TestEveryLibraryTakesTheOthersTokens(t *testing.T) {
	t.Parallel()
	eachAlgorithm(t, func(t *testing.T, key bench.Key) {
		t.Helper()
		content := bench.NewContent(time.Now())
		all := contenders(t, key, content)
		for signer, contender := range all {
			token, err := contender.Sign()
			if err != nil {
				t.Errorf("%s does not sign: %v", signer, err)
				continue
			}
			checkSigned(t, signer, key, content, token)
			for name, verifier := range all {
				got, err := verifier.Verify(token)
				if err != nil {
					t.Errorf("%s refuses what %s signed: %v", name, signer, err)
					continue
				}
				checkClaims(t, name, got, content)
			}
		}
	})
}

// checkSigned checks that a library signed all that it was to sign, so that none does less than another.
func checkSigned(t *testing.T, signer string, key bench.Key, content bench.Content, token string) {
	t.Helper()
	segments := strings.Split(token, ".")
	var header struct{ Alg, Kid, Typ string }
	decode(t, segments[0], &header)
	typ := bench.Type
	if signer == "cristalhq" { // has no option for the type
		typ = "JWT"
	}
	if header.Alg != string(key.Algorithm) || header.Kid != key.ID || header.Typ != typ {
		t.Errorf("%s signs the header %+v, want %s, %s, %s", signer, header, key.Algorithm, key.ID, typ)
	}
	var got map[string]any
	decode(t, segments[1], &got)
	if list, ok := got["aud"].([]any); ok && len(list) == 1 { // golang-jwt's and jwx's spelling of one audience
		got["aud"] = list[0]
	}
	want := map[string]any{}
	text, err := json.Marshal(content)
	if err == nil {
		err = json.Unmarshal(text, &want)
	}
	if err != nil {
		t.Fatal(err)
	}
	gotText, _ := json.Marshal(got)
	wantText, _ := json.Marshal(want)
	if string(gotText) != string(wantText) {
		t.Errorf("%s signs %s, want %s", signer, gotText, wantText)
	}
}

func TestEveryLibraryRefusesTheBadTokens(t *testing.T) {
	t.Parallel()
	eachAlgorithm(t, func(t *testing.T, key bench.Key) {
		t.Helper()
		for name, contender := range contenders(t, key, bench.NewContent(time.Now())) {
			for what, token := range badTokens(t, key) {
				if _, err := contender.Verify(token); err == nil {
					t.Errorf("%s accepts a token with: %s", name, what)
				}
			}
		}
	})
}

// A library without an option for it takes a token that never expires; the tables and README.md say which.
func TestWhoNeedsExpiry(t *testing.T) {
	t.Parallel()
	eachAlgorithm(t, func(t *testing.T, key bench.Key) {
		t.Helper()
		content := bench.NewContent(time.Now())
		content.ExpiresAt = 0
		token := newToken(t, key, content)
		for _, library := range bench.Libraries() {
			contender, err := library.New(key, content)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := contender.Verify(token); (err != nil) != library.NeedsExpiry {
				t.Errorf("%s: %v, which is said to need exp: %t", library.Name, err, library.NeedsExpiry)
			}
		}
		for _, protection := range bench.Protections() {
			refused := get(t, newHandler(t, protection, key), "Bearer "+token).Code >= 400
			if needs := protection.Name != "auth0"; refused != needs {
				t.Errorf("%s refuses: %t, and is said to need exp: %t", protection.Name, refused, needs)
			}
		}
	})
}

func TestProtectionsLetTheGoodTokenThrough(t *testing.T) {
	t.Parallel()
	eachAlgorithm(t, func(t *testing.T, key bench.Key) {
		t.Helper()
		content := bench.NewContent(time.Now())
		token := newToken(t, key, content)
		for _, protection := range bench.Protections() {
			handler := newHandler(t, protection, key)
			for range 2 { // the second time from the cache, where there is one
				if w := get(t, handler, "Bearer "+token); w.Code != http.StatusOK || w.Body.String() != content.Subject {
					t.Errorf("%s answers %d, %q", protection.Name, w.Code, w.Body)
				}
			}
			if w := get(t, handler, ""); w.Code < 400 || w.Code > 499 {
				t.Errorf("%s answers %d without a token", protection.Name, w.Code)
			}
		}
		for name, handler := range bench.BareHandlers(content.Subject) {
			if w := get(t, handler, ""); w.Code != http.StatusOK || w.Body.String() != content.Subject {
				t.Errorf("%s answers %d, %q", name, w.Code, w.Body)
			}
		}
	})
}

func TestProtectionsRefuseTheBadTokens(t *testing.T) {
	t.Parallel()
	eachAlgorithm(t, func(t *testing.T, key bench.Key) {
		t.Helper()
		bad := badTokens(t, key)
		for _, protection := range bench.Protections() {
			handler := newHandler(t, protection, key)
			for what, token := range bad {
				// A server's error is no success either: so auth0 answers to an empty token.
				accepted := get(t, handler, "Bearer "+token).Code < 400
				// jwtauth's jwx v2 checks with the configured algorithm and does not look at the header's.
				known := protection.Name == "jwtauth" && what == "alg confusion" && key.Algorithm == jwk.HS256
				if accepted != known {
					t.Errorf("%s accepts a token with %s: %t, want %t", protection.Name, what, accepted, known)
				}
			}
		}
	})
}

// The raw cryptography is that of the token: it verifies what the standard library signs, and nothing else.
func TestRaw(t *testing.T) {
	t.Parallel()
	eachAlgorithm(t, func(t *testing.T, key bench.Key) {
		t.Helper()
		message := []byte("header.payload")
		raw, err := bench.NewRaw(key, message)
		if err != nil {
			t.Fatal(err)
		}
		if err := raw.Verify(); err != nil {
			t.Error(err)
		}
		if err := raw.Sign(); err != nil {
			t.Error(err)
		}
		if key.Algorithm == jwk.HS256 || key.Algorithm == jwk.EdDSA { // the others were given the digest
			message[0]++
			if err := raw.Verify(); err == nil {
				t.Error("verifies another message")
			}
		}
	})
}

// badTokens returns tokens that nobody may accept, by what is wrong with them.
func badTokens(t *testing.T, key bench.Key) map[string]string {
	t.Helper()
	now := time.Now()
	content := bench.NewContent(now)
	changed := func(change func(*bench.Content)) string {
		c := content
		change(&c)
		return newToken(t, key, c)
	}
	good := newToken(t, key, content)
	head, rest, _ := strings.Cut(good, ".")
	payload, signature, _ := strings.Cut(rest, ".")
	return map[string]string{
		"an exp in the past":      changed(func(c *bench.Content) { c.ExpiresAt = now.Add(-time.Hour).Unix() }),
		"an nbf in the future":    changed(func(c *bench.Content) { c.NotBefore = now.Add(time.Hour).Unix() }),
		"another issuer":          changed(func(c *bench.Content) { c.Issuer += "/" }),
		"no issuer":               changed(func(c *bench.Content) { c.Issuer = "" }),
		"another audience":        changed(func(c *bench.Content) { c.Audience = "mail" }),
		"no audience":             changed(func(c *bench.Content) { c.Audience = "" }),
		"another key's signature": newToken(t, withID(newKey(t, key.Algorithm), key.ID), content),
		"alg none":                encode(`{"alg":"none","kid":"`+key.ID+`","typ":"at+jwt"}`) + "." + payload + ".",
		"alg none and a signature": encode(`{"alg":"none","kid":"`+key.ID+`","typ":"at+jwt"}`) + "." + payload + "." +
			signature,
		"alg confusion":                confuse(t, key, content),
		"a truncated signature":        good[:len(good)-2],
		"no signature":                 head + "." + payload + ".",
		"two parts":                    head + "." + payload,
		"four parts":                   good + "." + signature,
		"a flipped byte in the header": flip(good, len(head)/2),
		"a flipped byte in the payload": flip(good, len(head)+1+
			len(payload)/2),
		"a flipped byte in the signature": flip(good, len(good)-len(signature)/2),
		"another token's payload":         head + "." + encode(`{"iss":"`+bench.Issuer+`","sub":"root"}`) + "." + signature,
		"nothing":                         "",
	}
}

// confuse signs with another algorithm than the key's. Where the key is public, it is what everybody knows: HMAC with that as its
// secret. Where it is a secret, that is used to sign with another hash's name in the header.
func confuse(t *testing.T, key bench.Key, content bench.Content) string {
	t.Helper()
	payload, err := json.Marshal(content)
	if err != nil {
		t.Fatal(err)
	}
	forger := key
	algorithm := jwk.HS512
	if key.Algorithm != jwk.HS256 {
		public, err := key.JWK.MarshalPublicPEM()
		if err != nil {
			t.Fatal(err)
		}
		forger.Private = public
		algorithm = jwk.HS256
	}
	token, err := forger.Compact([]byte(`{"alg":"`+string(algorithm)+`","kid":"`+key.ID+`","typ":"at+jwt"}`), payload)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func withID(key bench.Key, id string) bench.Key {
	key.ID = id
	return key
}

// flip changes the character of a token at a position to another one of base64url.
func flip(token string, at int) string {
	c := "A"
	if token[at] == 'A' {
		c = "B"
	}
	return token[:at] + c + token[at+1:]
}

// contenders returns every library set up for a key, and jeton's principals with and without a cache.
func contenders(t *testing.T, key bench.Key, content bench.Content) map[string]bench.Contender {
	t.Helper()
	all := map[string]bench.Contender{}
	add := func(name string, contender bench.Contender, err error) {
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		all[name] = contender
	}
	for _, library := range bench.Libraries() {
		contender, err := library.New(key, content)
		add(library.Name, contender, err)
	}
	for name, entries := range map[string]int{principals: 0, principals + ", cache": bench.CacheEntries} {
		contender, err := bench.NewPrincipals(key, content, entries)
		add(name, contender, err)
	}
	return all
}

const principals = "jeton, principal"

func checkClaims(t *testing.T, name string, got bench.Claims, content bench.Content) {
	t.Helper()
	want := content.Claims()
	if strings.HasPrefix(name, principals) { // do not know when a token was issued
		got.IssuedAt = want.IssuedAt
	}
	got.IssuedAt, got.ExpiresAt = got.IssuedAt.UTC(), got.ExpiresAt.UTC()
	if got != want {
		t.Errorf("%s reads %+v, want %+v", name, got, want)
	}
}

func eachAlgorithm(t *testing.T, test func(t *testing.T, key bench.Key)) {
	t.Helper()
	for _, algorithm := range bench.Algorithms() {
		t.Run(string(algorithm), func(t *testing.T) {
			t.Parallel()
			test(t, newKey(t, algorithm))
		})
	}
}

func newKey(t testing.TB, algorithm jwk.Algorithm) bench.Key {
	t.Helper()
	key, err := bench.NewKey(algorithm)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func newToken(t testing.TB, key bench.Key, content bench.Content) string {
	t.Helper()
	token, err := key.Token(content)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func newHandler(t testing.TB, protection bench.Protection, key bench.Key) http.Handler {
	t.Helper()
	handler, err := protection.New(key)
	if err != nil {
		t.Fatal(err)
	}
	return handler
}

// get asks handler, with these credentials unless they are empty.
func get(t *testing.T, handler http.Handler, credentials string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, bench.Path, http.NoBody)
	if credentials != "" {
		r.Header.Set("Authorization", credentials)
	}
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	return w
}

func encode(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }

func decode(t *testing.T, segment string, to any) {
	t.Helper()
	text, err := base64.RawURLEncoding.DecodeString(segment)
	if err == nil {
		err = json.Unmarshal(text, to)
	}
	if err != nil {
		t.Fatalf("%q: %v", segment, err)
	}
}
