package explain_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/jetonauth/jeton/internal/explain"
	"github.com/jetonauth/jeton/jwk"
	"github.com/jetonauth/jeton/jwk/remote"
)

// anyFile are rules for the tokens that are tried with keys from files.
func anyFile(keys *explain.Keys) explain.Options {
	opts := strict(keys)
	opts.Types = nil
	return opts
}

func must[T any](t testing.TB, value T, err error) T {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	return value
}

func TestKeysFromFiles(t *testing.T) {
	t.Parallel()
	rsa, ec, ed := key(t, jwk.RS256, "rsa", nil), key(t, jwk.ES384, "ec", nil), key(t, jwk.EdDSA, "ed", nil)
	const secretText = "a6Fq2hYp0sWdXv7LkT3nBz8RmCe5JgUo"
	secret := key(t, jwk.HS256, "secret", []byte(secretText))
	publicPEM := func(k *jwk.Key) []byte { data, err := k.MarshalPublicPEM(); return must(t, data, err) }
	privatePEM := func(k *jwk.Key) []byte { data, err := k.MarshalPrivatePEM(); return must(t, data, err) }
	asJSON := func(v any) []byte { data, err := json.Marshal(v); return must(t, data, err) }
	unnamed, err := jwk.Generate(jwk.ES256) // its id is its thumbprint
	if err != nil {
		t.Fatal(err)
	}
	several := slices.Concat(publicPEM(rsa), []byte("a comment\n"), publicPEM(ed), publicPEM(unnamed), publicPEM(ed))
	privateJWK := func(k *jwk.Key) []byte { data, err := k.MarshalPrivateJWK(); return must(t, data, err) }
	for _, test := range []struct {
		name       string
		file       []byte
		algorithms []jwk.Algorithm
		signer     *jwk.Key
		header     string
		want       explain.Verdict
	}{
		{"public PEM", publicPEM(rsa), nil, rsa, `{"alg":"RS256"}`, explain.Accepted},
		{"public PEM, and a token that names a key", publicPEM(rsa), nil, rsa, `{"alg":"RS256","kid":"whatever"}`, explain.Accepted},
		{"private PEM", privatePEM(ec), nil, ec, `{"alg":"ES384","kid":"x"}`, explain.Accepted},
		{"Ed25519 PEM", append([]byte("a comment\n"), publicPEM(ed)...), nil, ed, `{"alg":"EdDSA"}`, explain.Accepted},
		{"PEM of another key", publicPEM(rsa), nil, ec, `{"alg":"ES384","kid":"x"}`, explain.Refused},
		{"PEM for PS256", publicPEM(rsa), []jwk.Algorithm{jwk.PS256}, rsa, `{"alg":"RS256","kid":"x"}`, explain.Refused},
		{"a kid that no key may have", publicPEM(ed), nil, ed, `{"alg":"EdDSA","kid":"é"}`, explain.Refused},
		{"several PEM blocks", several, nil, unnamed, `{"alg":"ES256","kid":"` + unnamed.ID() + `"}`, explain.Accepted},
		{"several PEM blocks, another id", several, nil, unnamed, `{"alg":"ES256","kid":"x"}`, explain.Refused},
		{"several PEM blocks, and no id", several, nil, ed, `{"alg":"EdDSA"}`, explain.Accepted},
		{"the two halves of a key", slices.Concat(privatePEM(ec), publicPEM(ec)), nil, ec, `{"alg":"ES384","kid":"x"}`, explain.Accepted},
		{"JWK", asJSON(ed), nil, ed, `{"alg":"EdDSA","kid":"ed"}`, explain.Accepted},
		{"JWK of another id", asJSON(ed), nil, ed, `{"alg":"EdDSA","kid":"x"}`, explain.Refused},
		{"JWK without id", bytes.Replace(asJSON(ed), []byte(`"kid":"ed",`), nil, 1), nil, ed, `{"alg":"EdDSA","kid":"x"}`, explain.Accepted},
		{"private JWK", privateJWK(ec), nil, ec, `{"alg":"ES384","kid":"ec"}`, explain.Accepted},
		{"secret JWK", privateJWK(secret), nil, secret, `{"alg":"HS256","kid":"secret"}`, explain.Accepted},
		{"JWK Set", asJSON(newSet(t, rsa, ed)), nil, ed, `{"alg":"EdDSA","kid":"ed"}`, explain.Accepted},
		{"JWK Set of another id", asJSON(newSet(t, rsa, ed)), nil, ed, `{"alg":"EdDSA","kid":"x"}`, explain.Refused},
		{"secret", []byte(secretText), nil, secret, `{"alg":"HS256"}`, explain.Accepted},
		{"secret with a line break", []byte(secretText + "\r\n"), nil, secret, `{"alg":"HS256","kid":"x"}`, explain.Accepted},
		{"secret with a space", []byte(secretText + " \n"), nil, secret, `{"alg":"HS256"}`, explain.Refused},
		{"secret for HS384", []byte(secretText + secretText), []jwk.Algorithm{jwk.RS256, jwk.HS384}, secret, `{"alg":"HS256"}`, explain.Refused},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			keys, err := explain.FromFile(test.file, test.algorithms)
			if err != nil {
				t.Fatal(err)
			}
			r, err := explain.Token(t.Context(), forge(t, test.signer, test.header, goodPayload), anyFile(keys))
			if err != nil {
				t.Fatal(err)
			}
			if r.Verdict != test.want {
				t.Errorf("%s: %s", r.Verdict, r.Summary)
			}
			if out := printed(t, r); strings.Contains(out, secretText) {
				t.Errorf("the secret is printed:\n%s", out)
			}
		})
	}
}

func TestFilesThatAreRefused(t *testing.T) {
	t.Parallel()
	const short = "topsecret"
	for name, test := range map[string]struct {
		file string
		want error
	}{
		"empty":               {"", jwk.ErrInvalidKey},
		"white space":         {" \n", jwk.ErrInvalidKey},
		"not JSON":            {"{", jwk.ErrInvalidKey},
		"no key":              {"{}", jwk.ErrInvalidKey},
		"an empty set":        {`{"keys":[{}]}`, jwk.ErrInvalidKey},
		"a set of no keys":    {`{"keys":7}`, jwk.ErrInvalidKey},
		"a short secret":      {short, jwk.ErrWeakKey},
		"a placeholder":       {"your-256-bit-secret-your-256-bit-secret", jwk.ErrWeakKey},
		"PEM of rubbish":      {"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", jwk.ErrInvalidKey},
		"PEM that is cut off": {"-----BEGIN PUBLIC KEY-----\nAAAA", jwk.ErrInvalidKey},
		"an encrypted PEM":    {"-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n", jwk.ErrUnsupported},
		"PEM of X25519": {
			"-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VuAyEAhSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo=\n-----END PUBLIC KEY-----\n", jwk.ErrUnsupported,
		},
	} {
		keys, err := explain.FromFile([]byte(test.file), nil)
		if keys != nil || !errors.Is(err, test.want) || strings.Contains(err.Error(), short) {
			t.Errorf("%s: %v, %v; want %v", name, keys, err, test.want)
		}
	}
}

func TestSetWithKeysThatCannotBeUsed(t *testing.T) {
	t.Parallel()
	good := key(t, jwk.ES256, "good", nil)
	data, err := json.Marshal(good)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := explain.FromFile([]byte(`{"keys":[{"kty":"RSA","use":"enc","kid":"old","n":"AQAB","e":"AQAB"},`+string(data)+`]}`), nil)
	if err != nil {
		t.Fatal(err)
	}
	r := explained(t, forge(t, good, `{"alg":"ES256","kid":"good"}`, goodPayload), anyFile(keys))
	if r.Verdict != explain.Accepted || len(r.UnusableKeys) != 1 || r.UnusableKeys[0] != `key 0 of the set, "old": unsupported "use" "enc"` {
		t.Errorf("%s, %q", r.Verdict, r.UnusableKeys)
	}
	if out := printed(t, r); !strings.Contains(out, "Keys that cannot be used\n - key 0 of the set, \"old\"") {
		t.Error(out)
	}
}

// TestSecretReadOtherwise has the secret that signed in the file, but encoded.
func TestSecretReadOtherwise(t *testing.T) {
	t.Parallel()
	raw := []byte("\xff\xef\xbea6Fq2hYp0sWdXv7LkT3nBz8RmCe5JgU?")
	token := forge(t, key(t, jwk.HS256, "x", raw), `{"alg":"HS256"}`, goodPayload)
	for name, file := range map[string]string{
		"hex": hex.EncodeToString(raw), "base64": base64.StdEncoding.EncodeToString(raw), "base64url": encode(raw) + "\n",
	} {
		keys, err := explain.FromFile([]byte(file), nil)
		if err != nil {
			t.Fatal(err)
		}
		r, err := explain.Token(t.Context(), token, anyFile(keys))
		if err != nil {
			t.Fatal(err)
		}
		want := "The signature is right if the secret is read as " + name + ". Give it as a JWK, or decode the file."
		if r.Verdict != explain.Refused || len(r.Hints) != 1 || r.Hints[0] != want {
			t.Errorf("%s: %s, %q", name, r.Verdict, r.Hints)
		}
	}
}

// issuerServer is an issuer that writes down what it is asked.
func issuerServer(t *testing.T, keys any) (url string, asked func() string) {
	t.Helper()
	mux := http.NewServeMux()
	var mu sync.Mutex
	var log strings.Builder
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		dump, err := httputil.DumpRequest(r, true)
		mu.Lock()
		log.Write(dump)
		mu.Unlock()
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	answer := func(v any) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { _ = json.NewEncoder(w).Encode(v) }
	}
	mux.HandleFunc("/.well-known/openid-configuration", answer(map[string]string{"issuer": server.URL, "jwks_uri": server.URL + "/jwks"}))
	mux.HandleFunc("/jwks", answer(keys))
	return server.URL, func() string {
		mu.Lock()
		defer mu.Unlock()
		return log.String()
	}
}

func TestKeysOfAnIssuer(t *testing.T) {
	t.Parallel()
	k := key(t, jwk.ES256, "2026-01", nil)
	data, err := json.Marshal(k)
	if err != nil {
		t.Fatal(err)
	}
	url, asked := issuerServer(t, json.RawMessage(`{"keys":[{"kty":"oct","kid":"secret","k":"AAAA","alg":"HS256"},`+string(data)+`]}`))
	token := forge(t, k, `{"alg":"ES256","kid":"2026-01"}`, strings.Replace(goodPayload, issuer, url, 1))
	for name, keys := range map[string]*explain.Keys{"discovery": explain.FromIssuer(url), "JWK Set": explain.FromURL(url + "/jwks")} {
		opts := anyFile(keys)
		opts.Issuer = url
		r := explained(t, token, opts)
		if r.Verdict != explain.Accepted || len(r.UnusableKeys) != 1 || !strings.Contains(r.UnusableKeys[0], "a secret among public keys") {
			t.Errorf("%s: %s (%s), %q", name, r.Verdict, r.Summary, r.UnusableKeys)
		}
		if n := strings.Count(asked(), "GET /jwks "); name == "discovery" && n > 2 {
			t.Errorf("%s: asked %d times", name, n)
		}
	}
	for part := range strings.SplitSeq(token, ".") {
		if strings.Contains(asked(), part) {
			t.Errorf("a part of the token was sent:\n%s", asked())
		}
	}
	if n := strings.Count(asked(), "GET /jwks "); n != 2 {
		t.Errorf("the keys were fetched %d times, want once each:\n%s", n, asked())
	}
}

func TestKeysThatCannotBeHad(t *testing.T) {
	t.Parallel()
	k := key(t, jwk.ES256, "2026-01", nil)
	url, _ := issuerServer(t, "no set")
	for name, keys := range map[string]*explain.Keys{
		"no set":              explain.FromIssuer(url),
		"no issuer":           explain.FromIssuer(url + "/other"),
		"not an https URL":    explain.FromURL("http://issuer.example.com/jwks"),
		"nothing is usable":   explain.FromURL(emptyIssuer(t) + "/jwks"),
		"nobody is listening": explain.FromURL("http://127.0.0.1:1/jwks"),
	} {
		r := explained(t, forge(t, k, goodHeader, goodPayload), anyFile(keys))
		c := check(t, r, "key")
		if r.Verdict != explain.Unknown || c.Status != explain.Undecided || c.Detail != r.Summary || strings.Contains(r.Summary, "remote: ") {
			t.Errorf("%s: %s, %s, %+v", name, r.Verdict, r.Summary, c)
		}
	}
	if _, err := explain.FromIssuer(url).VerifyingKeys(t.Context()); !errors.Is(err, remote.ErrUnavailable) {
		t.Error(err)
	}
}

func emptyIssuer(t *testing.T) string {
	t.Helper()
	url, _ := issuerServer(t, json.RawMessage(`{"keys":[]}`))
	return url
}
