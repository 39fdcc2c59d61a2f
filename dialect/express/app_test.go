package express_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/dialect/express"
	"github.com/jetonauth/jeton/guard"
	"github.com/jetonauth/jeton/jetontest"
	"github.com/jetonauth/jeton/jwk"
	"github.com/jetonauth/jeton/jwt"
	"github.com/jetonauth/jeton/store/memory"
)

// service is a real service with the profile of Express, and one account.
func service(t *testing.T, change ...func(*jeton.Config)) *jetontest.Auth {
	t.Helper()
	key := newKey(t, jwk.HS256)
	a := jetontest.New(t, append([]func(*jeton.Config){func(c *jeton.Config) {
		c.Profiles = []jeton.Profile{express.Profile(jetontest.Issuer, jwk.Static(key))}
		c.Claims = express.UserClaim(express.ProfileName, nil)
	}}, change...)...)
	if _, err := a.CreateUser(t.Context(), jeton.NewUser{Email: "Ada@example.com", Password: jetontest.Password, Name: "Ada", Roles: []string{"editor"}}); err != nil {
		t.Fatal(err)
	}
	return a
}

func newApp(t *testing.T, a *jetontest.Auth, change ...func(*express.Config)) *express.App {
	t.Helper()
	cfg := express.Config{Auth: a.Auth, Guard: express.Options{Logger: slog.New(slog.DiscardHandler)}}
	for _, f := range change {
		f(&cfg)
	}
	app, err := express.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return app
}

// routes are an application's: what is registered first is public, and everything else private.
func routes(app *express.App) http.Handler {
	mux := http.NewServeMux()
	app.Mount(mux)
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "home") })
	private := http.NewServeMux()
	private.HandleFunc("GET /me", func(w http.ResponseWriter, r *http.Request) {
		user, _ := express.UserOf[express.User](r.Context())
		fmt.Fprint(w, user.Name)
	})
	mux.Handle("/", app.Guard(private))
	return mux
}

func signIn(body string) request {
	return request{method: http.MethodPost, path: "/token", header: http.Header{"Content-Type": {"application/json"}}, body: body}
}

const goodCredentials = `{"email":"ada@example.com","password":"` + jetontest.Password + `"}`

// signedIn is what POST /token answers.
type signedIn struct {
	User  express.User
	Token string
}

func (r reply) signedIn(t *testing.T) signedIn {
	t.Helper()
	var got signedIn
	if err := json.Unmarshal([]byte(r.body), &got); err != nil || r.status != http.StatusOK || got.Token == "" {
		t.Fatalf("%d %s: %v", r.status, r.body, err)
	}
	return got
}

func TestToken(t *testing.T) {
	t.Parallel()
	a := service(t)
	h := routes(newApp(t, a))
	answer := ask(t, h, signIn(goodCredentials))
	got := answer.signedIn(t)
	if got.User.Email != "Ada@example.com" || got.User.Name != "Ada" || got.User.ID == "" || got.User.Roles[0] != "editor" {
		t.Errorf("user %+v", got.User)
	}
	if answer.header.Get("Cache-Control") != "no-store" || answer.header.Get("Content-Type") != "application/json; charset=utf-8" {
		t.Errorf("header %v", answer.header)
	}
	payload, err := base64.RawURLEncoding.DecodeString(strings.Split(got.Token, ".")[1])
	if err != nil {
		t.Fatal(err)
	}
	var claims struct {
		User      express.User
		ExpiresAt int64 `json:"exp"`
	}
	if err := json.Unmarshal(payload, &claims); err != nil {
		t.Fatal(err)
	}
	if claims.User.ID != got.User.ID || claims.ExpiresAt != a.Now().Add(express.DefaultTTL).Unix() {
		t.Errorf("claims %s", payload)
	}
	for _, text := range []string{string(payload), answer.body} {
		for _, secret := range []string{"assword", jetontest.Password, "$argon2id", "ash"} {
			if strings.Contains(text, secret) {
				t.Errorf("%s in %s", secret, text)
			}
		}
	}
	header, err := jwt.UnverifiedHeader(got.Token)
	if err != nil || header.Algorithm != jwk.HS256 || header.Type != "JWT" {
		t.Errorf("header %+v, %v", header, err)
	}
}

// What is registered outside the guard is public, and everything else private, also what nobody has registered.
func TestPattern(t *testing.T) {
	t.Parallel()
	a := service(t)
	h := routes(newApp(t, a))
	token := ask(t, h, signIn(goodCredentials)).signedIn(t).Token
	sent := func(method, path, token string) request {
		r := request{method: method, path: path}
		if token != "" {
			r.header = http.Header{"Authorization": {"Bearer " + token}}
		}
		return r
	}
	ask(t, h, sent("GET", "/", "")).expect(t, letThrough("home"))
	ask(t, h, sent("GET", "/", "forged")).expect(t, letThrough("home"))
	ask(t, h, sent("GET", "/me", "")).expect(t, unauthorized(noToken))
	ask(t, h, sent("GET", "/me", "forged")).expect(t, unauthorized("jwt malformed"))
	ask(t, h, sent("GET", "/me", token)).expect(t, letThrough("Ada"))
	ask(t, h, sent("GET", "/nothing", "")).expect(t, unauthorized(noToken))
	if got := ask(t, h, sent("GET", "/nothing", token)); got.status != http.StatusNotFound {
		t.Errorf("status %d", got.status)
	}
	ask(t, h, sent("GET", "/token", "")).expect(t, unauthorized(noToken))
	a.Advance(express.DefaultTTL)
	a.Advance(time.Minute)
	ask(t, h, sent("GET", "/me", token)).expect(t, unauthorized("jwt expired"))
}

// A sign-in of POST /token is a session like any other: it is listed, it can be ended, and it does not outlive its account's password.
func TestSessions(t *testing.T) {
	t.Parallel()
	a := service(t)
	h := routes(newApp(t, a))
	me := func(token string) request {
		return request{path: "/me", header: http.Header{"Authorization": {"Bearer " + token}}}
	}
	first, second := ask(t, h, signIn(goodCredentials)).signedIn(t), ask(t, h, signIn(goodCredentials)).signedIn(t)
	sessions, err := a.Sessions(t.Context(), first.User.ID)
	if err != nil || len(sessions) != 2 || sessions[0].Kind != jeton.AccessOnly || sessions[0].Profile != express.ProfileName {
		t.Fatalf("sessions %v, %v", sessions, err)
	}
	if err := a.SignOut(t.Context(), jeton.SignOutRequest{Token: first.Token}); err != nil {
		t.Fatal(err)
	}
	ask(t, h, me(first.Token)).expect(t, unauthorized("The token has been revoked."))
	ask(t, h, me(second.Token)).expect(t, letThrough("Ada"))

	// Tokens of the service's other profile belong elsewhere, and the other way about the service knows this one.
	other, err := a.SignIn(t.Context(), jeton.SignInRequest{Credentials: &jeton.Credentials{Email: "ada@example.com", Password: jetontest.Password}})
	if err != nil {
		t.Fatal(err)
	}
	if got := ask(t, h, me(other.AccessToken)); got.status != http.StatusUnauthorized {
		t.Errorf("a token of another profile: %+v", got)
	}
	if _, err := a.Verify(t.Context(), second.Token); err != nil {
		t.Errorf("the service does not know its own token: %v", err)
	}
}

func TestTokenRefusals(t *testing.T) {
	t.Parallel()
	h := routes(newApp(t, service(t)))
	const form = "application/x-www-form-urlencoded"
	missing := func(field string) reply {
		return status(http.StatusBadRequest, "The field "+field+" is missing.")
	}
	unread := status(http.StatusBadRequest, "The request cannot be read.")
	wrong := unauthorized("Invalid email or password.")
	for name, tt := range map[string]struct {
		mediaType, body string
		want            reply
	}{
		"wrong password":  {"application/json", `{"email":"ada@example.com","password":"x"}`, wrong},
		"unknown account": {"application/json", `{"email":"bob@example.com","password":"` + jetontest.Password + `"}`, wrong},
		"no address":      {"application/json", `{"email":"x","password":"x"}`, wrong},
		"in a form":       {form, "email=ada@example.com&password=x", wrong},
		"no password":     {"application/json", `{"email":"ada@example.com"}`, missing("password")},
		"no email":        {"application/json", `{"password":"x"}`, missing("email")},
		"empty":           {"application/json", `{"email":"","password":"x"}`, missing("email")},
		"null":            {"application/json", `{"email":"x","password":null}`, missing("password")},
		"a number":        {"application/json", `{"email":1,"password":"x"}`, missing("email")},
		"other case":      {"application/json", `{"Email":"x","password":"x"}`, missing("email")},
		"form, missing":   {form, "email=x", missing("password")},
		"no type":         {"", goodCredentials, missing("email")},
		"other type":      {"text/plain", goodCredentials, missing("email")},
		"no JSON":         {"application/json", `{"email":`, unread},
		"no object":       {"application/json", `["email"]`, unread},
		"nothing":         {"application/json", ``, unread},
		"and more":        {"application/json", goodCredentials + "{}", unread},
		"name twice":      {"application/json", `{"email":"x","email":"y","password":"x"}`, unread},
		"field twice":     {form, "email=x&email=y&password=x", unread},
		"broken form":     {form, "email=%&password=x", unread},
		"too large":       {"application/json", `{"x":"` + strings.Repeat("x", 16<<10) + `"}`, status(http.StatusRequestEntityTooLarge, "The request is too large.")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := ask(t, h, request{http.MethodPost, "/token", http.Header{"Content-Type": {tt.mediaType}}, tt.body})
			got.expect(t, tt.want)
			if got.header.Get("Cache-Control") != "no-store" {
				t.Error("may be cached")
			}
		})
	}
	got := ask(t, h, request{http.MethodPost, "/token", http.Header{"Content-Type": {form}}, "email=ada%40example.com&password=" + strings.ReplaceAll(jetontest.Password, " ", "+")})
	got.signedIn(t)
}

// Limits, the audit log and what is out of order are the service's own.
func TestLimits(t *testing.T) {
	t.Parallel()
	var events []jeton.Event
	a := service(t, func(c *jeton.Config) {
		c.Limits = jeton.Limits{PerAddress: jeton.Limit{Count: 2, Window: time.Minute}}
		c.Audit = auditTo(&events)
	})
	at := netip.MustParseAddr("192.0.2.1")
	h := routes(newApp(t, a, func(c *express.Config) {
		c.Client = func(r *http.Request) jeton.Client { return jeton.Client{Address: at, UserAgent: r.UserAgent()} }
	}))
	ask(t, h, signIn(`{"email":"ada@example.com","password":"x"}`)).expect(t, unauthorized("Invalid email or password."))
	ask(t, h, signIn(goodCredentials)).signedIn(t)
	got := ask(t, h, signIn(goodCredentials))
	got.expect(t, status(http.StatusTooManyRequests, "Too many attempts. Try again later."))
	if got.header.Get("Retry-After") != "30" {
		t.Errorf("Retry-After %q", got.header.Get("Retry-After"))
	}
	var kinds []jeton.EventType
	for _, event := range events {
		kinds = append(kinds, event.Type)
		if event.Type != jeton.EventSignUp && event.Client.Address != at {
			t.Errorf("%s from %v", event.Type, event.Client.Address)
		}
	}
	want := fmt.Sprint([]jeton.EventType{jeton.EventSignUp, jeton.EventSignInFailed, jeton.EventSignIn, jeton.EventSignInLimited})
	if fmt.Sprint(kinds) != want {
		t.Errorf("events %v, want %s", kinds, want)
	}
}

// The peer of the connection counts unless Config.Client says otherwise.
func TestPeer(t *testing.T) {
	t.Parallel()
	var events []jeton.Event
	a := service(t, func(c *jeton.Config) { c.Audit = auditTo(&events) })
	sent := signIn(goodCredentials)
	sent.header.Set("User-Agent", "browser/1")
	sent.header.Set("X-Forwarded-For", "203.0.113.7")
	ask(t, routes(newApp(t, a)), sent).signedIn(t)
	client := events[len(events)-1].Client
	if !client.Address.IsLoopback() || client.UserAgent != "browser/1" {
		t.Errorf("signed in from %+v", client)
	}
}

// sick is a store of sessions that cannot be written while there is an error.
type sick struct {
	*memory.Store
	err *error
}

func (s sick) CreateSession(ctx context.Context, session *jeton.Session) error {
	if *s.err != nil {
		return *s.err
	}
	return s.Store.CreateSession(ctx, session)
}

func TestTokenFailures(t *testing.T) {
	t.Parallel()
	var failure error
	a := service(t, func(c *jeton.Config) { c.Sessions = sick{memory.New(), &failure} })
	h := routes(newApp(t, a))
	later := status(http.StatusServiceUnavailable, "Try again later.")
	for _, tt := range []struct {
		err   error
		want  reply
		retry string
	}{
		{fmt.Errorf("%w: a secret", jeton.ErrUnavailable), later, "1"},
		{fmt.Errorf("a secret: %w", context.DeadlineExceeded), later, "1"},
		{&jeton.LimitError{Reason: jeton.ErrBusy, RetryAfter: 1500 * time.Millisecond}, later, "2"},
		{errors.New("a secret"), internal(), ""},
		{&jeton.Challenge{Strategy: "otp"}, unauthorized("A further step is needed to sign in."), ""},
		{&jeton.ValidationError{}, status(http.StatusBadRequest, "The request cannot be read."), ""},
	} {
		failure = tt.err
		got := ask(t, h, signIn(goodCredentials))
		got.expect(t, tt.want)
		if got.header.Get("Retry-After") != tt.retry {
			t.Errorf("%v: Retry-After %q", tt.err, got.header.Get("Retry-After"))
		}
	}
}

// Without the claim nobody would know who is signed in: the sign-in fails, and leaves no session behind.
func TestNoUserClaim(t *testing.T) {
	t.Parallel()
	var log strings.Builder
	a := service(t, func(c *jeton.Config) { c.Claims = nil })
	h := routes(newApp(t, a, func(c *express.Config) { c.Guard.Logger = slog.New(slog.NewTextHandler(&log, nil)) }))
	ask(t, h, signIn(goodCredentials)).expect(t, internal())
	if !strings.Contains(log.String(), "express.UserClaim") {
		t.Errorf("log: %s", &log)
	}
	user, err := a.SignIn(t.Context(), jeton.SignInRequest{Credentials: &jeton.Credentials{Email: "ada@example.com", Password: jetontest.Password}})
	if err != nil {
		t.Fatal(err)
	}
	sessions, err := a.Sessions(t.Context(), user.User.ID)
	if err != nil || len(sessions) != 1 {
		t.Errorf("sessions %v, %v", sessions, err)
	}
}

// The claim is what the application says, and for tokens of the profile only.
func TestUserClaim(t *testing.T) {
	t.Parallel()
	a := service(t, func(c *jeton.Config) {
		c.Claims = express.UserClaim(express.ProfileName, func(u *jeton.User) any { return map[string]any{"uid": u.ID, "html": "<b>"} })
	})
	got := ask(t, routes(newApp(t, a)), signIn(goodCredentials))
	var body struct {
		User map[string]string
	}
	if err := json.Unmarshal([]byte(got.body), &body); err != nil || len(body.User) != 2 || body.User["uid"] == "" || !strings.Contains(got.body, `"html":"<b>"`) {
		t.Errorf("%s: %v", got.body, err)
	}
	grant, err := a.SignIn(t.Context(), jeton.SignInRequest{Credentials: &jeton.Credentials{Email: "ada@example.com", Password: jetontest.Password}})
	if err != nil {
		t.Fatal(err)
	}
	p, err := a.Verify(t.Context(), grant.AccessToken)
	if err != nil {
		t.Fatal(err)
	}
	if all, err := jeton.ClaimsOf[map[string]any](p); err != nil || all["user"] != nil {
		t.Errorf("claims %v, %v", all, err)
	}
}

func TestConfigErrors(t *testing.T) {
	t.Parallel()
	a := service(t)
	key := newKey(t, jwk.HS256)
	for want, cfg := range map[string]express.Config{
		"Config.Auth: ":             {},
		"Config.Profile: ":          {Auth: a.Auth, Profile: "none"},
		"Config.Guard: must have":   {Auth: a.Auth, Guard: options()},
		"Config.Guard: ":            {Auth: a.Auth, Guard: express.Options{Verifier: a}},
		"Config.Guard: must":        {Auth: a.Auth, Guard: express.Options{Keys: jwk.Static(key)}},
		"Options: guard: Config.So": {Auth: a.Auth, Guard: express.Options{Sources: []guard.Source{guard.Cookie("a b")}}},
	} {
		if app, err := express.New(cfg); app != nil || err == nil || !strings.HasPrefix(err.Error(), "express: "+want) {
			t.Errorf("%s: %v", want, err)
		}
	}
}

// App.Verifier is for guards with other options.
func TestVerifier(t *testing.T) {
	t.Parallel()
	a := service(t)
	app := newApp(t, a)
	token := ask(t, routes(app), signIn(goodCredentials)).signedIn(t)
	middleware, err := express.JWT(express.Options{Verifier: app.Verifier(), CredentialsOptional: true, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	h := middleware(http.HandlerFunc(hello))
	ask(t, h, request{}).expect(t, letThrough("hello, stranger"))
	ask(t, h, withBearer(token.Token)).expect(t, letThrough("hello, "+token.User.ID))
	ask(t, h, withBearer(signWith(t, newKey(t, jwk.HS256), jwt.Claims{}))).expect(t, unauthorized("invalid signature"))
}

func auditTo(events *[]jeton.Event) jeton.AuditFunc {
	return func(_ context.Context, event jeton.Event) { *events = append(*events, event) }
}
