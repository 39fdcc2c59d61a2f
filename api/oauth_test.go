package api_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/api"
)

const formType = "application/x-www-form-urlencoded"

// form is the text of a form of names and values.
func form(namesAndValues ...string) string {
	values := url.Values{}
	for pair := range slices.Chunk(namesAndValues, 2) {
		values.Add(pair[0], pair[1])
	}
	return values.Encode()
}

// postForm sends a form, with these Authorization headers.
func (s *server) postForm(path, body string, authorization ...string) answer {
	s.t.Helper()
	return s.send(formRequest(path, body, authorization...))
}

func formRequest(path, body string, authorization ...string) request {
	return request{
		method: http.MethodPost, path: path, body: body,
		header: http.Header{"Content-Type": {formType}, "Authorization": authorization},
	}
}

func (s *server) exchange(token string) answer {
	s.t.Helper()
	return s.postForm("/oauth/token", form("grant_type", "refresh_token", "refresh_token", token))
}

// expectOAuth demands an error of RFC 6749, and returns its description.
func (a answer) expectOAuth(status int, code string) string {
	a.t.Helper()
	var e struct {
		Code        string `json:"error"`
		Description string `json:"error_description"`
	}
	a.expect(status).decode(&e)
	if e.Code != code {
		a.t.Fatalf("answer %.300s, want the error %s", a.text, code)
	}
	if got := a.header.Get("Content-Type"); got != "application/json" {
		a.t.Errorf("content type %q", got)
	}
	if strings.ContainsFunc(e.Description, func(r rune) bool { return r < ' ' || r > '~' || r == '"' || r == '\\' }) {
		a.t.Errorf("description %q", e.Description)
	}
	wanted := map[string]bool{
		"WWW-Authenticate": status == http.StatusUnauthorized,
		"Retry-After":      status == http.StatusServiceUnavailable || status == http.StatusTooManyRequests,
	}
	for name, want := range wanted {
		if got := a.header.Get(name); (got != "") != want {
			a.t.Errorf("%s: %q", name, got)
		}
	}
	if got := a.header.Get("WWW-Authenticate"); status == http.StatusUnauthorized && got != `Basic realm="api"` {
		a.t.Errorf("challenge %q", got)
	}
	return e.Description
}

func TestExchange(t *testing.T) {
	t.Parallel()
	s := start(t)
	in := s.signUp()
	s.auth.Advance(14 * time.Minute)
	second := s.exchange(in.RefreshToken).expect(http.StatusOK).tokens()
	if second.RefreshToken == in.RefreshToken || second.SessionID != in.SessionID || second.User != nil || second.Scope != nil ||
		second.TokenType != "Bearer" || second.ExpiresIn != 900 {
		t.Errorf("tokens %+v", second)
	}
	s.auth.Advance(2 * time.Minute) // the first access token has expired
	s.get("/auth/me", in.AccessToken).expect(http.StatusUnauthorized)
	s.get("/auth/me", second.AccessToken).expect(http.StatusOK)
	third := s.refresh(second.RefreshToken) // the other way to say the same
	s.exchange(third.RefreshToken).expect(http.StatusOK)
}

// What does not change the meaning does not change the answer.
func TestExchangeOtherwiseSaid(t *testing.T) {
	t.Parallel()
	const good = "grant_type=refresh_token&refresh_token="
	for name, change := range map[string]func(r *request){
		"charset":               func(r *request) { r.header.Set("Content-Type", formType+";charset=UTF-8") },
		"client_id":             func(r *request) { r.body += "&client_id=first-party" },
		"another client_id":     func(r *request) { r.body += "&client_id=front+end" },
		"unknown parameters":    func(r *request) { r.body += "&resource=https%3A%2F%2Fa&resource=https%3A%2F%2Fb&x;y" },
		"empty parameters":      func(r *request) { r.body += "&scope=&client_id&client_secret=&" },
		"everything is escaped": func(r *request) { r.body = "%67rant_type" + strings.TrimPrefix(r.body, "grant_type") },
		"a bearer token":        func(r *request) { r.header.Set("Authorization", "Bearer expired") },
		"a query":               func(r *request) { r.path += "?grant_type=password&refresh_token=x&scope=%zz" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t)
			in := s.signUp()
			r := formRequest("/oauth/token", good+in.RefreshToken)
			change(&r)
			s.send(r).expect(http.StatusOK)
		})
	}
}

func TestBadExchanges(t *testing.T) {
	t.Parallel()
	s := start(t)
	in := s.signUp()
	good := form("grant_type", "refresh_token", "refresh_token", in.RefreshToken)
	long := strings.Repeat("x", 60000)
	basic := basicHeader("news", "secret")
	tests := []struct {
		name        string
		body        string
		header      http.Header
		status      int
		code        string
		description string
	}{
		{name: "empty", status: 400, code: "invalid_request", description: "The parameter grant_type is missing."},
		{name: "no grant type", body: form("refresh_token", in.RefreshToken), status: 400, code: "invalid_request", description: "The parameter grant_type is missing."},
		{name: "empty grant type", body: "grant_type=&refresh_token=" + in.RefreshToken, status: 400, code: "invalid_request", description: "The parameter grant_type is missing."},
		{name: "no refresh token", body: "grant_type=refresh_token", status: 400, code: "invalid_request", description: "The parameter refresh_token is missing."},
		{name: "empty refresh token", body: "grant_type=refresh_token&refresh_token=", status: 400, code: "invalid_request", description: "The parameter refresh_token is missing."},
		{name: "grant type twice", body: "grant_type=refresh_token&" + good, status: 400, code: "invalid_request", description: "The parameter grant_type is there twice."},
		{name: "refresh token twice", body: good + "&refresh_token=" + in.RefreshToken, status: 400, code: "invalid_request", description: "The parameter refresh_token is there twice."},
		{name: "twice, one is empty", body: good + "&refresh_token=", status: 400, code: "invalid_request", description: "The parameter refresh_token is there twice."},
		{name: "twice, one is escaped", body: good + "&refresh%5Ftoken=x", status: 400, code: "invalid_request", description: "The parameter refresh_token is there twice."},
		{name: "broken escape", body: good + "&scope=%zz", status: 400, code: "invalid_request", description: "The body is not a form in UTF-8."},
		{name: "cut-off escape", body: good + "&scope=%4", status: 400, code: "invalid_request"},
		{name: "broken escape of what is not known", body: good + "&%", status: 400, code: "invalid_request"},
		{name: "not UTF-8", body: good + "&scope=\xff", status: 400, code: "invalid_request"},
		{name: "not UTF-8, escaped", body: good + "&x=%ff", status: 400, code: "invalid_request"},
		{name: "parameter in other case", body: strings.ToUpper(good), status: 400, code: "invalid_request"},
		{name: "separated by semicolons", body: strings.ReplaceAll(good, "&", ";"), status: 400, code: "unsupported_grant_type"},
		{name: "other grant type", body: form("grant_type", "password", "username", email, "password", password), status: 400, code: "unsupported_grant_type"},
		{name: "grant type in other case", body: form("grant_type", "Refresh_Token", "refresh_token", in.RefreshToken), status: 400, code: "unsupported_grant_type"},
		{name: "nonsense", body: form("grant_type", "refresh_token", "refresh_token", "nonsense"), status: 400, code: "invalid_grant"},
		{name: "NUL", body: form("grant_type", "refresh_token", "refresh_token", "a\x00b"), status: 400, code: "invalid_grant"},
		{name: "long nonsense", body: form("grant_type", "refresh_token", "refresh_token", long), status: 400, code: "invalid_grant"},
		{name: "an access token", body: form("grant_type", "refresh_token", "refresh_token", in.AccessToken), status: 400, code: "invalid_grant"},
		{name: "cut off", body: good[:len(good)-4], status: 400, code: "invalid_grant"},
		{name: "two spaces in the scope", body: good + "&scope=a++b", status: 400, code: "invalid_scope"},
		{name: "a quote in the scope", body: good + "&scope=%22a%22", status: 400, code: "invalid_scope"},
		{name: "letters beyond ASCII in the scope", body: good + "&scope=%C3%A9", status: 400, code: "invalid_scope"},

		{name: "Basic", body: good, header: http.Header{"Authorization": {basic}}, status: 401, code: "invalid_client"},
		{name: "Basic behind Bearer", body: good, header: http.Header{"Authorization": {"Bearer x", basic}}, status: 401, code: "invalid_client"},
		{name: "client_secret", body: good + "&client_id=news&client_secret=secret", status: 401, code: "invalid_client"},

		{name: "JSON", body: object("grant_type", "refresh_token"), header: media("application/json"), status: 415, code: "invalid_request"},
		{name: "multipart", body: good, header: media("multipart/form-data; boundary=x"), status: 415, code: "invalid_request"},
		{name: "no type", body: good, header: http.Header{"Content-Type": {}}, status: 415, code: "invalid_request"},
		{name: "two types", body: good, header: media(formType, formType), status: 415, code: "invalid_request"},
		{name: "other charset", body: good, header: media(formType + "; charset=latin1"), status: 415, code: "invalid_request"},
		{name: "compressed", body: good, header: http.Header{"Content-Encoding": {"gzip"}}, status: 415, code: "invalid_request"},
		{name: "too large", body: good + "&x=" + long + long, status: 413, code: "invalid_request"},
	}
	before := s.store.writes.Load()
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := formRequest("/oauth/token", tt.body)
			maps.Copy(r.header, tt.header)
			a := s.send(r)
			a.t = t
			if got := a.expectOAuth(tt.status, tt.code); got == "" || tt.description != "" && got != tt.description {
				t.Errorf("description %q, want %q", got, tt.description)
			}
		})
	}
	s.postForm("/oauth/token?"+good, "").expectOAuth(http.StatusBadRequest, "invalid_request")
	if written := s.store.writes.Load() - before; written != 0 {
		t.Errorf("%d writes", written)
	}
	s.exchange(in.RefreshToken).expect(http.StatusOK)
}

// An OAuth client and another one share a session, and thieves are noticed.
func TestExchangedTwice(t *testing.T) {
	t.Parallel()
	s := start(t)
	first := s.signUp()
	second := s.refresh(first.RefreshToken)
	s.auth.Advance(jeton.DefaultReuseInterval)
	again := s.exchange(first.RefreshToken).expect(http.StatusOK).tokens()
	if again.RefreshToken != second.RefreshToken {
		t.Error("a replay within the interval got another refresh token")
	}
	s.auth.Advance(time.Second)
	s.exchange(first.RefreshToken).expectOAuth(http.StatusBadRequest, "invalid_grant")
	s.exchange(second.RefreshToken).expectOAuth(http.StatusBadRequest, "invalid_grant")
	s.get("/auth/me", again.AccessToken).expect(http.StatusUnauthorized)
	if len(s.log.lines("refresh_theft")) == 0 {
		t.Error("the log does not tell of the theft")
	}
}

// keyed is a strategy that grants scopes.
func keyed(scopes ...string) option {
	return withStrategies(jeton.StrategyFunc("key", func(_ context.Context, c struct {
		User string `json:"user"`
	}, _ jeton.Client,
	) (jeton.Identity, error) {
		return jeton.Identity{UserID: c.User, Scopes: scopes}, nil
	}))
}

// The tokens have what was granted, and the answer says it. Who asks for more gets nothing, and keeps the token.
func TestScopeOfAnExchange(t *testing.T) {
	t.Parallel()
	s := start(t, keyed("news:read", "news:write"))
	plain := s.signUp()
	in := s.post("/auth/login", object("strategy", "key", "user", plain.User.ID), "").expect(http.StatusOK).tokens()
	ask := func(token, scope string) answer {
		t.Helper()
		return s.postForm("/oauth/token", form("grant_type", "refresh_token", "refresh_token", token, "scope", scope))
	}
	before := s.store.writes.Load()
	for _, asked := range []string{"admin", "news:read admin", "news", "NEWS:READ", "news:read news:write admin"} {
		if description := ask(in.RefreshToken, asked).expectOAuth(http.StatusBadRequest, "invalid_scope"); description != "The session does not have all of the scope." {
			t.Errorf("description %q", description)
		}
	}
	ask(plain.RefreshToken, "news:read").expectOAuth(http.StatusBadRequest, "invalid_scope")
	if written := s.store.writes.Load() - before; written != 0 {
		t.Errorf("%d writes", written)
	}
	for _, asked := range []string{"", "news:read", "news:read news:write", "news:write news:read news:write"} {
		in = ask(in.RefreshToken, asked).expect(http.StatusOK).tokens()
		p, err := s.auth.Verify(t.Context(), in.AccessToken)
		if err != nil || !p.HasScope("news:read", "news:write") {
			t.Errorf("asked for %q: %v with %q", asked, err, p.Scopes())
		}
		if in.Scope == nil || *in.Scope != "news:read news:write" {
			t.Errorf("asked for %q, told %v", asked, in.Scope)
		}
	}
	ask("nonsense", "admin").expectOAuth(http.StatusBadRequest, "invalid_grant")
	s.store.fail(fmt.Errorf("%w: %w", jeton.ErrUnavailable, errDisk))
	ask(in.RefreshToken, "admin").expectOAuth(http.StatusServiceUnavailable, "temporarily_unavailable")
}

// What is no scope is told apart from a dead token (RFC 6749, section 3.3).
func TestMalformedScopes(t *testing.T) {
	t.Parallel()
	s := start(t)
	for scope, code := range map[string]string{
		"!#[]~ news:read": "invalid_grant",
		" ":               "invalid_scope",
		" a":              "invalid_scope",
		"a ":              "invalid_scope",
		"a  b":            "invalid_scope",
		"a\tb":            "invalid_scope",
		"a\"b":            "invalid_scope",
		"a\\b":            "invalid_scope",
		"a\x7f":           "invalid_scope",
		"é":               "invalid_scope",
	} {
		a := s.postForm("/oauth/token", form("grant_type", "refresh_token", "refresh_token", "nonsense", "scope", scope))
		a.expectOAuth(http.StatusBadRequest, code)
	}
}

// What a session has been granted is not known for a moment: the token is not used up for an answer that may be too much.
func TestScopeThatCannotBeRead(t *testing.T) {
	t.Parallel()
	sessions := &hiccup{}
	s := start(t, func(c *jeton.Config, _ *api.Config) {
		sessions.SessionStore = c.Store
		c.Sessions, c.Secret = sessions, []byte(rand.Text()+rand.Text())
	})
	asked := form("grant_type", "refresh_token", "refresh_token", s.signUp().RefreshToken, "scope", "admin")
	sessions.next.Store(true)
	s.postForm("/oauth/token", asked).expectOAuth(http.StatusServiceUnavailable, "temporarily_unavailable")
	s.postForm("/oauth/token", asked).expectOAuth(http.StatusBadRequest, "invalid_scope")
}

// hiccup are sessions of which the next one cannot be read.
type hiccup struct {
	jeton.SessionStore
	next atomic.Bool
}

func (h *hiccup) SessionByID(ctx context.Context, id string) (*jeton.Session, error) {
	if h.next.Swap(false) {
		return nil, fmt.Errorf("%w: %w", jeton.ErrUnavailable, errDisk)
	}
	return h.SessionStore.SessionByID(ctx, id)
}

// A thief who asks for a scope is noticed, too.
func TestScopeOfAStolenToken(t *testing.T) {
	t.Parallel()
	s := start(t)
	first := s.signUp()
	second := s.refresh(first.RefreshToken)
	s.auth.Advance(jeton.DefaultReuseInterval + time.Second)
	s.postForm("/oauth/token", form("grant_type", "refresh_token", "refresh_token", first.RefreshToken, "scope", "admin")).
		expectOAuth(http.StatusBadRequest, "invalid_grant")
	s.exchange(second.RefreshToken).expectOAuth(http.StatusBadRequest, "invalid_grant")
	if len(s.log.lines("refresh_theft")) == 0 {
		t.Error("the log does not tell of the theft")
	}
}

// Clients throw their tokens away at 401, and believe at 200 that a token is revoked: neither may be said of what is not known.
func TestOAuthWithoutStore(t *testing.T) {
	t.Parallel()
	s := start(t)
	in := s.signUp()
	basic := basicHeader(s.service("news", jeton.ScopeIntrospect))
	s.postForm("/oauth/introspect", form("token", in.AccessToken), basic).expect(http.StatusOK)
	s.store.fail(errors.Join(jeton.ErrUnavailable, jeton.ErrNotFound, jeton.ErrInvalidCredentials, errDisk))
	for _, r := range []request{
		formRequest("/oauth/token", form("grant_type", "refresh_token", "refresh_token", in.RefreshToken)),
		formRequest("/oauth/revoke", form("token", in.RefreshToken)),
		formRequest("/oauth/revoke", form("token", in.AccessToken)),
		formRequest("/oauth/introspect", form("token", in.AccessToken), basic),
	} {
		a := s.send(r)
		a.expectOAuth(http.StatusServiceUnavailable, "temporarily_unavailable")
		if a.header.Get("Retry-After") != "1" || strings.Contains(a.text, "db-7") {
			t.Errorf("%s: %v %s", r.path, a.header, a.text)
		}
		if n := len(s.log.lines(a.header.Get("X-Request-Id"), `"level":"ERROR"`, "db-7")); n != 1 {
			t.Errorf("%s: %d lines in the log", r.path, n)
		}
	}
}

func TestOAuthWithoutKeys(t *testing.T) {
	t.Parallel()
	var keys awayKeys
	s := start(t, func(c *jeton.Config, _ *api.Config) {
		keys.Source = c.Keys
		c.Keys = &keys
	})
	in := s.signUp()
	basic := basicHeader(s.service("news", jeton.ScopeIntrospect))
	keys.away.Store(true)
	s.postForm("/oauth/introspect", form("token", in.AccessToken), basic).expectOAuth(http.StatusServiceUnavailable, "temporarily_unavailable")
	s.postForm("/oauth/revoke", form("token", in.AccessToken)).expectOAuth(http.StatusServiceUnavailable, "temporarily_unavailable")
	s.postForm("/oauth/revoke", form("token", in.RefreshToken)).expect(http.StatusOK) // needs none
}

// A limit that the store or what is before it has says when to come again.
func TestOAuthLimit(t *testing.T) {
	t.Parallel()
	s := start(t)
	in := s.signUp()
	s.store.fail(&jeton.LimitError{Reason: jeton.ErrRateLimited, RetryAfter: 7500 * time.Millisecond})
	a := s.exchange(in.RefreshToken)
	a.expectOAuth(http.StatusTooManyRequests, "temporarily_unavailable")
	if got := a.header.Get("Retry-After"); got != "8" {
		t.Errorf("Retry-After %q", got)
	}
}

func TestOAuthDefects(t *testing.T) {
	t.Parallel()
	var wrong error
	s := start(t, func(c *jeton.Config, _ *api.Config) {
		c.Claims = func(context.Context, jeton.ClaimsInput) (map[string]any, error) {
			if wrong != nil {
				panic(wrong)
			}
			return nil, nil
		}
	})
	in := s.signUp()
	wrong = errDefect
	a := s.exchange(in.RefreshToken)
	if description := a.expectOAuth(http.StatusInternalServerError, "server_error"); description != "" {
		t.Errorf("the client is told %q", description)
	}
	if n := len(s.log.lines(a.header.Get("X-Request-Id"), `"operation":"exchangeToken"`, "db-7")); n != 1 {
		t.Errorf("%d lines in the log", n)
	}
}

func TestOAuthOtherPathsAndMethods(t *testing.T) {
	t.Parallel()
	s := start(t)
	for _, path := range []string{"/oauth/token", "/oauth/revoke", "/oauth/introspect"} {
		for _, method := range []string{http.MethodGet, http.MethodPut, http.MethodDelete, http.MethodOptions} {
			a := s.send(request{method: method, path: path})
			if a.expectOAuth(http.StatusMethodNotAllowed, "invalid_request"); a.header.Get("Allow") != "POST" {
				t.Errorf("%s %s: Allow %q", method, path, a.header.Get("Allow"))
			}
		}
	}
	// What else is there belongs to the application, such as the way back from another provider.
	mux := http.NewServeMux()
	s.api.Mount(mux)
	mux.HandleFunc("GET /oauth/callback", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("GET /.well-known/security.txt", func(http.ResponseWriter, *http.Request) {})
}

const rawForm = "POST /oauth/token HTTP/1.1\r\nHost: x\r\nContent-Type: " + formType + "\r\nContent-Length: %d\r\n"

func TestOAuthBodyCutOff(t *testing.T) {
	t.Parallel()
	s := start(t)
	body := form("grant_type", "refresh_token", "refresh_token", "x")
	description := s.raw(rawForm+"\r\n%s", len(body)+1, body).expectOAuth(http.StatusBadRequest, "invalid_request")
	if description != "The body did not arrive whole." {
		t.Errorf("description %q", description)
	}
	s.raw(rawForm+"Expect: 100-continue\r\n\r\n", api.DefaultMaxBody+1).
		expectOAuth(http.StatusRequestEntityTooLarge, "invalid_request")
}
