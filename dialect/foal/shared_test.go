package foal_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/dialect/foal"
	"github.com/jetonauth/jeton/jwk"
	"github.com/jetonauth/jeton/jwt"
)

// secret is as long as what Foal's "createsecret" makes; its bytes are the text's own unless an encoding is set.
const secret = "b3RoZXIgYnl0ZXMgZm9yIGV2ZXJ5IHRlc3QgaGVyZSE="

var now = time.Date(2030, time.January, 2, 3, 4, 5, 0, time.UTC)

func clock() time.Time { return now }

// noEnvironment keeps a test apart from the process's variables.
func noEnvironment(string) (string, bool) { return "", false }

// options are a hook's with the secret, and with what change does to them.
func options(change ...func(*foal.Options)) foal.Options {
	o := foal.Options{
		Settings: foal.Settings{SecretOrPublicKey: secret}, LookupEnv: noEnvironment,
		Verify: foal.VerifyOptions{Now: clock}, Logger: slog.New(slog.DiscardHandler),
	}
	for _, f := range change {
		f(&o)
	}
	return o
}

// protect returns a handler behind a hook, that answers with the subject.
func protect(t *testing.T, o foal.Options, optional bool) http.Handler {
	t.Helper()
	hook, err := foal.JWTRequired(o)
	if optional {
		hook, err = foal.JWTOptional(o)
	}
	if err != nil {
		t.Fatal(err)
	}
	return hook(http.HandlerFunc(hello))
}

func hello(w http.ResponseWriter, r *http.Request) {
	p, ok := jeton.FromContext(r.Context())
	if !ok {
		fmt.Fprint(w, "hello, stranger")
		return
	}
	fmt.Fprint(w, "hello, ", p.Subject())
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
	return forge(t, `{"alg":"HS256","typ":"JWT"}`, encode(t, all))
}

// forge signs any header and payload with the secret and HS256.
func forge(t *testing.T, header, payload string) string {
	t.Helper()
	signed := base64.RawURLEncoding.EncodeToString([]byte(header)) + "." + base64.RawURLEncoding.EncodeToString([]byte(payload))
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(signed))
	return signed + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// signWith returns a good token of another key.
func signWith(t *testing.T, key *jwk.Key, c jwt.Claims) string {
	t.Helper()
	if c.Subject == "" {
		c.Subject = "1"
	}
	if c.ExpiresAt.IsZero() {
		c.ExpiresAt = now.Add(time.Hour)
	}
	token, err := jwt.Sign(key, "JWT", c)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// reply is what came back over a connection.
type reply struct {
	status          int
	mediaType       string
	challenge, body string
	header          http.Header
}

// request is what a test sends, GET if method is empty.
type request struct {
	method string
	header http.Header
	body   string
}

func withBearer(token string) request {
	return request{header: http.Header{"Authorization": {"Bearer " + token}}}
}

func withCookie(token string) request {
	return request{header: http.Header{"Cookie": {"auth=" + token}}}
}

// ask sends a request over a real connection.
func ask(t *testing.T, h http.Handler, r request) reply {
	t.Helper()
	server := httptest.NewServer(h)
	defer server.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	sent, err := http.NewRequestWithContext(ctx, r.method, server.URL, strings.NewReader(r.body))
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
	return reply{
		response.StatusCode, response.Header.Get("Content-Type"), response.Header.Get("WWW-Authenticate"), string(body), response.Header,
	}
}

// expect compares a reply with what Foal was seen to send; 200 has the body of hello, without looking at its type.
func (r reply) expect(t *testing.T, want reply) {
	t.Helper()
	if r.status == http.StatusOK {
		r.mediaType = ""
	}
	r.header = nil
	if r.status != want.status || r.mediaType != want.mediaType || r.challenge != want.challenge || r.body != want.body {
		t.Errorf("got\n%+v\nwant\n%+v", r, want)
	}
}

const jsonType = "application/json; charset=utf-8"

func letThrough(body string) reply { return reply{status: http.StatusOK, body: body} }

func badRequest(description string) reply {
	return reply{status: http.StatusBadRequest, mediaType: jsonType, body: `{"code":"invalid_request","description":"` + description + `"}`}
}

func unauthorized(description string) reply {
	return reply{
		status: http.StatusUnauthorized, mediaType: jsonType,
		challenge: `error="invalid_token", error_description="` + description + `"`,
		body:      `{"code":"invalid_token","description":"` + description + `"}`,
	}
}

func forbidden() reply {
	return reply{status: http.StatusForbidden, mediaType: "text/html; charset=utf-8", body: "CSRF token missing or incorrect."}
}

func unavailable() reply {
	return reply{
		status: http.StatusServiceUnavailable, mediaType: jsonType,
		body: `{"code":"unavailable","description":"The request cannot be checked at the moment."}`,
	}
}

func internal() reply {
	return reply{
		status: http.StatusInternalServerError, mediaType: jsonType, body: `{"code":"internal","description":"Internal server error."}`,
	}
}
