package express_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/jetonauth/jeton/dialect/express"
	"github.com/jetonauth/jeton/jwk"
	"github.com/jetonauth/jeton/jwt"
)

const secret = "b3RoZXIgYnl0ZXMgZm9yIGV2ZXJ5IHRlc3QgaGVyZSE="

var now = time.Date(2030, time.January, 2, 3, 4, 5, 0, time.UTC)

func clock() time.Time { return now }

// options are a guard's with the secret, and with what change does to them.
func options(change ...func(*express.Options)) express.Options {
	o := express.Options{
		Secret: express.Secret(secret),
		Verify: express.VerifyOptions{Algorithms: []jwk.Algorithm{jwk.HS256}, Now: clock},
		Logger: slog.New(slog.DiscardHandler),
	}
	for _, f := range change {
		f(&o)
	}
	return o
}

// protect returns a handler behind a guard, that answers with the subject.
func protect(t *testing.T, o express.Options) http.Handler {
	t.Helper()
	middleware, err := express.JWT(o)
	if err != nil {
		t.Fatal(err)
	}
	return middleware(http.HandlerFunc(hello))
}

func hello(w http.ResponseWriter, r *http.Request) {
	claims := express.Claims(r.Context())
	if claims == nil {
		fmt.Fprint(w, "hello, stranger")
		return
	}
	fmt.Fprintf(w, "hello, %v", claims["sub"])
}

// claims are what a token says, over what every good one does.
type claims map[string]any

// sign returns a token as jsonwebtoken makes it: without a key id.
func sign(t *testing.T, c claims) string {
	t.Helper()
	all := claims{"sub": "1", "iat": now.Unix(), "exp": now.Add(time.Hour).Unix()}
	maps.Copy(all, c)
	for name, value := range all {
		if value == nil {
			delete(all, name)
		}
	}
	text, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	return forge(`{"alg":"HS256","typ":"JWT"}`, string(text))
}

// forge signs any header and payload with the secret and HS256.
func forge(header, payload string) string {
	signed := base64.RawURLEncoding.EncodeToString([]byte(header)) + "." + base64.RawURLEncoding.EncodeToString([]byte(payload))
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(signed))
	return signed + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

func newKey(t *testing.T, algorithm jwk.Algorithm) *jwk.Key {
	t.Helper()
	key, err := jwk.Generate(algorithm)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// signWith returns a good token of another key.
func signWith(t *testing.T, key *jwk.Key, c jwt.Claims) string {
	t.Helper()
	c.Subject, c.ExpiresAt = "1", now.Add(time.Hour)
	token, err := jwt.Sign(key, "JWT", c)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// reply is what came back over a connection.
type reply struct {
	status int
	body   string
	header http.Header
}

// request is what a test sends: GET / if nothing is said.
type request struct {
	method, path string
	header       http.Header
	body         string
}

func withHeader(authorization ...string) request {
	return request{header: http.Header{"Authorization": authorization}}
}

func withBearer(token string) request { return withHeader("Bearer " + token) }

// ask sends a request over a real connection.
func ask(t *testing.T, h http.Handler, r request) reply {
	t.Helper()
	server := httptest.NewServer(h)
	defer server.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	sent, err := http.NewRequestWithContext(ctx, r.method, server.URL+r.path, strings.NewReader(r.body))
	if err != nil {
		t.Fatal(err)
	}
	sent.Header = r.header.Clone()
	response, err := server.Client().Do(sent)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return reply{response.StatusCode, string(body), response.Header}
}

// expect compares status and body.
func (r reply) expect(t *testing.T, want reply) {
	t.Helper()
	if r.status != want.status || r.body != want.body {
		t.Errorf("got %d %s, want %d %s", r.status, r.body, want.status, want.body)
	}
	if kind := r.header.Get("Content-Type"); r.status >= http.StatusBadRequest && kind != "application/json; charset=utf-8" {
		t.Errorf("content type %s", kind)
	}
	challenge := r.header.Get("WWW-Authenticate")
	if guarded := r.header.Get("Cache-Control") == ""; guarded && (r.status == http.StatusUnauthorized) != strings.HasPrefix(challenge, "Bearer realm=") {
		t.Errorf("challenge %q at %d", challenge, r.status)
	}
}

func letThrough(body string) reply { return reply{status: http.StatusOK, body: body} }

func status(code int, reason string) reply {
	return reply{status: code, body: fmt.Sprintf(`{"status":%q}`, reason)}
}

func unauthorized(reason string) reply { return status(http.StatusUnauthorized, reason) }

func unavailable() reply {
	return status(http.StatusServiceUnavailable, "The request cannot be checked at the moment.")
}

func internal() reply { return status(http.StatusInternalServerError, "Internal server error.") }
