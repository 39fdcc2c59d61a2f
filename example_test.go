package jeton_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"strings"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/jwk"
	"github.com/jetonauth/jeton/jwt"
	"github.com/jetonauth/jeton/password"
	"github.com/jetonauth/jeton/store/memory"
)

// exampleConfig is what the examples have in common. A program leaves Hasher and Logger out.
func exampleConfig() jeton.Config {
	key, err := jwk.Generate(jwk.ES256)
	if err != nil {
		panic(err)
	}
	return jeton.Config{
		Issuer: "https://api.example.com",
		Keys:   jwk.Static(key),
		Store:  memory.New(),
		Hasher: password.Argon2id{Memory: 64, Time: 1, Threads: 1}, // far too cheap outside of examples
		Logger: slog.New(slog.DiscardHandler),
	}
}

// exampleAuth is a service for the examples.
func exampleAuth(cfg jeton.Config) *jeton.Auth {
	auth, err := jeton.New(cfg)
	if err != nil {
		panic(err)
	}
	return auth
}

// exampleGrant is what ada is given for signing up.
func exampleGrant(ctx context.Context, auth *jeton.Auth) *jeton.Grant {
	grant, err := auth.SignUp(ctx, jeton.SignUpRequest{Email: "ada@example.com", Password: "correct horse battery"})
	if err != nil {
		panic(err)
	}
	return grant
}

// exampleCaller is who a token of service-7 proves, once it is made and verified.
func exampleCaller(ctx context.Context, auth *jeton.Auth, opts jeton.IssueOptions) *jeton.Principal {
	token, err := auth.Issue(ctx, "service-7", opts)
	if err != nil {
		panic(err)
	}
	caller, err := auth.Verify(ctx, token)
	if err != nil {
		panic(err)
	}
	return caller
}

func ExampleNew() {
	ctx := context.Background()
	key, err := jwk.Generate(jwk.ES256) // or jwk.LoadOrCreate, for one that outlives the process
	if err != nil {
		log.Fatal(err)
	}
	auth, err := jeton.New(jeton.Config{
		Issuer: "https://api.example.com",
		Keys:   jwk.Static(key),
		Store:  memory.New(),
		Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		log.Fatal(err)
	}
	grant, err := auth.SignUp(ctx, jeton.SignUpRequest{Email: "Ada@Example.com", Password: "correct horse battery"})
	if err != nil {
		log.Fatal(err)
	}
	me, err := auth.Verify(ctx, grant.AccessToken)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(grant.User.Email, me.Subject() == grant.User.ID, grant.ExpiresIn)
	// Output: Ada@Example.com true 15m0s
}

func ExampleNewVerifier() {
	ctx := context.Background()
	issuer := exampleAuth(exampleConfig())   // somewhere else
	published, err := issuer.PublicKeys(ctx) // usually fetched: remote.Discover
	if err != nil {
		log.Fatal(err)
	}
	verifier, err := jeton.NewVerifier(jeton.VerifierConfig{
		Issuer:   "https://api.example.com",
		Audience: []string{"https://api.example.com"},
		Keys:     published,
	})
	if err != nil {
		log.Fatal(err)
	}
	me, err := verifier.Verify(ctx, exampleGrant(ctx, issuer).AccessToken)
	fmt.Println(me.Issuer(), err)
	_, err = verifier.Verify(ctx, "abc")
	fmt.Println(errors.Is(err, jwt.ErrMalformed), err)
	// Output:
	// https://api.example.com <nil>
	// true jwt: token malformed: parts: 1 instead of 3
}

// A PIN alone does not sign anybody in: a code is the second step.
func ExampleStrategyFunc() {
	type pin struct {
		Card string `json:"card"`
		PIN  string `json:"pin"`
	}
	type code struct {
		State string `json:"state"`
		Code  string `json:"code"`
	}
	var userID string // a program finds the user by the card, and the code by the state
	first := jeton.StrategyFunc("pin", func(_ context.Context, c pin, _ jeton.Client) (jeton.Identity, error) {
		if c.Card != "17" || c.PIN != "8305" {
			return jeton.Identity{}, jeton.ErrInvalidCredentials
		}
		return jeton.Identity{}, &jeton.Challenge{Strategy: "code", Data: map[string]any{"state": "k2"}}
	})
	second := jeton.StrategyFunc("code", func(_ context.Context, c code, _ jeton.Client) (jeton.Identity, error) {
		if c.State != "k2" || c.Code != "204060" {
			return jeton.Identity{}, jeton.ErrInvalidCredentials
		}
		return jeton.Identity{UserID: userID, Methods: []string{"pin", "otp"}}, nil
	})

	ctx, cfg := context.Background(), exampleConfig()
	cfg.Strategies = []jeton.Strategy{first, second}
	auth := exampleAuth(cfg)
	userID = exampleGrant(ctx, auth).User.ID
	_, err := auth.SignIn(ctx, jeton.SignInRequest{Strategy: "pin", Credentials: &pin{Card: "17", PIN: "8305"}})
	if challenge, ok := errors.AsType[*jeton.Challenge](err); ok {
		fmt.Println(challenge.Strategy, challenge.Data)
	}
	grant, err := auth.SignIn(ctx, jeton.SignInRequest{Strategy: "code", Credentials: &code{State: "k2", Code: "204060"}})
	fmt.Println(grant.Session.Methods, err)
	// Output:
	// code map[state:k2]
	// [pin otp] <nil>
}

func ExampleAuth_Issue() {
	ctx, auth := context.Background(), exampleAuth(exampleConfig())
	token, err := auth.Issue(ctx, "service-7", jeton.IssueOptions{TTL: time.Hour, Scopes: []string{"reports:read"}})
	if err != nil {
		log.Fatal(err)
	}
	caller, err := auth.Verify(ctx, token)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(caller.Subject(), caller.HasScope("reports:read"), caller.HasScope("reports:write"))

	if err := auth.RevokeToken(ctx, caller, jeton.Client{}); err != nil {
		log.Fatal(err)
	}
	_, err = auth.Verify(ctx, token)
	fmt.Println(errors.Is(err, jwt.ErrRevoked))
	// Output:
	// service-7 true false
	// true
}

func ExampleClaimsOf() {
	type claims struct {
		Tenant string   `json:"tenant"`
		Plan   []string `json:"plan"`
	}
	ctx, auth := context.Background(), exampleAuth(exampleConfig())
	caller := exampleCaller(ctx, auth, jeton.IssueOptions{
		Claims: map[string]any{"tenant": "acme", "plan": []string{"news", "mail"}},
	})
	own, err := jeton.ClaimsOf[claims](caller)
	fmt.Println(own.Tenant, own.Plan, err)
	// Output: acme [news mail] <nil>
}

func ExampleConfig_claims() {
	cfg := exampleConfig()
	cfg.Claims = func(_ context.Context, in jeton.ClaimsInput) (map[string]any, error) {
		_, domain, _ := strings.Cut(in.User.EmailKey, "@")
		return map[string]any{"tenant": domain}, nil // "sub" and whatever else jeton writes itself would be an error
	}
	ctx, auth := context.Background(), exampleAuth(cfg)
	me, err := auth.Verify(ctx, exampleGrant(ctx, auth).AccessToken)
	if err != nil {
		log.Fatal(err)
	}
	claims, err := jeton.ClaimsOf[map[string]any](me)
	fmt.Println(claims["tenant"], err)
	// Output: example.com <nil>
}

func ExampleAuth_Refresh() {
	now := time.Date(2030, time.May, 1, 12, 0, 0, 0, time.UTC)
	cfg := exampleConfig()
	cfg.Now = func() time.Time { return now }
	ctx, auth := context.Background(), exampleAuth(cfg)
	first := exampleGrant(ctx, auth)

	now = now.Add(time.Hour)
	second, err := auth.Refresh(ctx, jeton.RefreshRequest{Token: first.RefreshToken})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(second.ExpiresAt.Format(time.TimeOnly), second.RefreshToken != first.RefreshToken)

	now = now.Add(time.Hour) // the first one again, as a thief would: the session is over
	_, err = auth.Refresh(ctx, jeton.RefreshRequest{Token: first.RefreshToken})
	fmt.Println(errors.Is(err, jeton.ErrInvalidGrant))
	_, err = auth.Refresh(ctx, jeton.RefreshRequest{Token: second.RefreshToken})
	fmt.Println(errors.Is(err, jeton.ErrInvalidGrant))
	// Output:
	// 13:15:00 true
	// true
	// true
}

// Some routes want more of a token than others.
func ExampleAuth_Verifier() {
	ctx, auth := context.Background(), exampleAuth(exampleConfig())
	billing, err := auth.Verifier(jeton.VerifyOptions{
		Audience: []string{"https://billing.example.com"},
		Required: []string{"tenant"},
	})
	if err != nil {
		log.Fatal(err)
	}
	for _, opts := range []jeton.IssueOptions{
		{Audience: []string{"https://billing.example.com"}, Claims: map[string]any{"tenant": "acme"}},
		{Audience: []string{"https://billing.example.com"}},
		{Claims: map[string]any{"tenant": "acme"}},
	} {
		token, err := auth.Issue(ctx, "service-7", opts)
		if err != nil {
			log.Fatal(err)
		}
		_, err = billing.Verify(ctx, token)
		fmt.Println(err)
	}
	// Output:
	// <nil>
	// jwt: token missing claim: "tenant"
	// jwt: token wrong audience: "aud" "https://api.example.com", expected "https://billing.example.com"
}

// Signing keys in the store, the same on every node, sealed under a key that the store does not have.
func ExampleNewKeyRing() {
	master := make([]byte, 32) // from an environment variable or a file, the same on every node
	rand.Read(master)
	ctx, store := context.Background(), memory.New()
	ring, err := jeton.NewKeyRing(jeton.KeyRingConfig{
		Store:     store,
		MasterKey: master,
		Logger:    slog.New(slog.DiscardHandler),
	})
	if err != nil {
		log.Fatal(err)
	}
	if err := ring.Ensure(ctx); err != nil { // makes the first key
		log.Fatal(err)
	}
	auth, err := jeton.New(jeton.Config{Issuer: "https://api.example.com", Keys: ring, Store: store})
	if err != nil {
		log.Fatal(err)
	}
	keys, err := auth.PublicKeys(ctx)
	fmt.Println(keys.Len(), err)
	// Output: 1 <nil>
}

// A new key is published a quarter of an hour before it signs; a key that has leaked is gone at once.
func ExampleKeyRing_Rotate() {
	master := make([]byte, 32)
	rand.Read(master)
	ctx := context.Background()
	ring, err := jeton.NewKeyRing(jeton.KeyRingConfig{
		Store: memory.New(), MasterKey: master, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		log.Fatal(err)
	}
	if err := ring.Ensure(ctx); err != nil {
		log.Fatal(err)
	}
	next, err := ring.Rotate(ctx)
	if err != nil {
		log.Fatal(err)
	}
	_, err = ring.Rotate(ctx)
	fmt.Println("again:", errors.Is(err, jeton.ErrConflict))
	if err := ring.Revoke(ctx, next.ID); err != nil {
		log.Fatal(err)
	}
	keys, err := ring.Keys(ctx)
	if err != nil {
		log.Fatal(err)
	}
	for _, key := range keys {
		fmt.Println(key.Algorithm, key.State)
	}
	// Output:
	// again: true
	// ES256 active
	// ES256 revoked
}

// In a handler, the context is the request's, and guard.Require has put the principal in.
func ExampleFromContext() {
	listNews := func(ctx context.Context) {
		me, ok := jeton.FromContext(ctx)
		if !ok {
			fmt.Println("nobody")
			return
		}
		fmt.Println(me.Subject())
	}
	ctx, auth := context.Background(), exampleAuth(exampleConfig())
	listNews(jeton.NewContext(ctx, exampleCaller(ctx, auth, jeton.IssueOptions{})))
	listNews(ctx)
	// Output:
	// service-7
	// nobody
}

// While clients move from HS256 to ES256, both are accepted, each with its own names for things.
func ExampleProfile() {
	secret, err := jwk.Generate(jwk.HS256) // jwk.FromSecret, for one that other programs have
	if err != nil {
		log.Fatal(err)
	}
	cfg := exampleConfig() // ES256
	cfg.Profiles = []jeton.Profile{{
		Name:   "old",
		Issuer: "old.example.com",
		Keys:   jwk.Static(secret),
		Type:   "JWT",
		Claims: jeton.ClaimNames{Subject: "user_id"},
	}}
	ctx, auth := context.Background(), exampleAuth(cfg)
	for _, profile := range []string{"old", jeton.DefaultProfile} {
		caller := exampleCaller(ctx, auth, jeton.IssueOptions{Profile: profile})
		fmt.Println(caller.Profile(), caller.Issuer(), caller.Subject())
	}
	// Output:
	// old old.example.com service-7
	// default https://api.example.com service-7
}

// Whoever verifies can be wrapped, here to let nobody in during maintenance. It is no fault of the tokens.
func ExampleVerifierFunc() {
	ctx, auth := context.Background(), exampleAuth(exampleConfig())
	closed := true
	verifier := jeton.VerifierFunc(func(ctx context.Context, token string) (*jeton.Principal, error) {
		if closed {
			return nil, fmt.Errorf("%w: maintenance", jeton.ErrUnavailable) // a guard answers 503
		}
		return auth.Verify(ctx, token)
	})
	token, err := auth.Issue(ctx, "service-7", jeton.IssueOptions{})
	if err != nil {
		log.Fatal(err)
	}
	_, err = verifier.Verify(ctx, token)
	fmt.Println(err)
	closed = false
	caller, err := verifier.Verify(ctx, token)
	fmt.Println(caller.Subject(), err)
	// Output:
	// jeton: unavailable: maintenance
	// service-7 <nil>
}

// A grant holds two tokens. Whatever prints or logs it shows neither.
func ExampleGrant() {
	ctx, auth := context.Background(), exampleAuth(exampleConfig())
	grant := exampleGrant(ctx, auth)
	text := fmt.Sprintf("%v %+v %#v %s", grant, *grant, grant, slog.AnyValue(grant).Resolve())
	fmt.Println(strings.Contains(text, grant.AccessToken), strings.Contains(text, grant.RefreshToken))
	fmt.Println(strings.Contains(text, grant.Session.ID))
	// Output:
	// false false
	// true
}
