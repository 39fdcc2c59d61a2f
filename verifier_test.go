package jeton_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/jwk"
	"github.com/jetonauth/jeton/jwt"
	"github.com/jetonauth/jeton/revoke"
)

// turningKeys is a source that gets a new key only when it is asked to look again.
type turningKeys struct {
	known, fresh *jwk.Set
	asked        []string
	err          error
}

func (k *turningKeys) VerifyingKeys(context.Context) (*jwk.Set, error) { return k.known, k.err }

func (k *turningKeys) RefreshKeys(_ context.Context, unknown string) (*jwk.Set, error) {
	k.asked = append(k.asked, unknown)
	k.known = k.fresh
	return k.known, k.err
}

func mustSet(t *testing.T, keys ...*jwk.Key) *jwk.Set {
	t.Helper()
	set, err := jwk.NewSet(keys...)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func TestVerifierLooksAgainForAnUnknownKey(t *testing.T) {
	t.Parallel()
	old, next, foreign := mustKey(jwk.Generate(jwk.ES256)), mustKey(jwk.Generate(jwk.ES256)), mustKey(jwk.Generate(jwk.ES256))
	keys := &turningKeys{known: mustSet(t, old), fresh: mustSet(t, old, next)}
	v, err := jeton.NewVerifier(jeton.VerifierConfig{Issuer: issuer, Audience: []string{"api"}, Keys: keys})
	if err != nil {
		t.Fatal(err)
	}
	token := func(key *jwk.Key) string { return mustToken(t, key, "", issuer, "api", time.Now()) }
	if p, err := v.Verify(t.Context(), token(next)); err != nil || p.Subject() != "u" {
		t.Errorf("a token of the new key: %v, %v", p, err)
	}
	_, err = v.Verify(t.Context(), token(foreign))
	wantErr(t, "a token of nobody's key", err, jwt.ErrUnknownKey)
	if len(keys.asked) != 2 || keys.asked[0] != next.ID() {
		t.Errorf("looked again for %v", keys.asked)
	}
	keys.err = errors.New("issuer is away")
	_, err = v.Verify(t.Context(), token(next))
	wantErr(t, "keys away", err, jeton.ErrUnavailable)
	if _, refused := errors.AsType[*jwt.Refusal](err); refused {
		t.Error("keys that are away are no refusal")
	}
}

func TestVerifierAsksWhetherATokenIsRevoked(t *testing.T) {
	t.Parallel()
	key := mustKey(jwk.Generate(jwk.EdDSA))
	var asked revoke.Token
	var answer bool
	var failure error
	cfg := jeton.VerifierConfig{
		Issuer: issuer, AnyAudience: true, Keys: mustSet(t, key), Claims: jeton.ClaimNames{Session: "client_id"},
		Revoked: revoke.CheckerFunc(func(_ context.Context, token revoke.Token) (bool, error) {
			asked = token
			return answer, failure
		}),
	}
	v, err := jeton.NewVerifier(cfg)
	if err != nil {
		t.Fatal(err)
	}
	token := mustToken(t, key, "at+jwt", issuer, "api", time.Now())
	if _, err := v.Verify(t.Context(), token); err != nil || asked != (revoke.Token{Raw: token, ID: "j", Session: "c"}) {
		t.Errorf("asked about %+v, %v", asked, err)
	}
	cfg.Cache = jeton.NewTokenCache(16)
	cached, err := jeton.NewVerifier(cfg)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		_, err := cached.Verify(t.Context(), token)
		if err != nil || asked.Raw != token || asked.ID != "j" || asked.Session != "c" || asked.IDs == nil || *asked.IDs != revoke.IDsOf("j", "c") {
			t.Errorf("with a cache: asked about %+v, %v", asked, err)
		}
	}
	answer = true
	p, err := v.Verify(t.Context(), token)
	wantErr(t, "revoked", err, jwt.ErrRevoked)
	failure = errors.New("list is away")
	_, err = v.Verify(t.Context(), token)
	wantErr(t, "list away", err, jeton.ErrUnavailable)
	if p != nil {
		t.Error("a refused token came with a principal")
	}
}

func TestNewVerifierNamesTheFieldThatIsWrong(t *testing.T) {
	t.Parallel()
	set := mustSet(t, mustKey(jwk.Generate(jwk.ES256)))
	for field, cfg := range map[string]jeton.VerifierConfig{
		"Keys":     {Issuer: issuer, Audience: []string{"a"}},
		"Issuer":   {Audience: []string{"a"}, Keys: set},
		"Audience": {Issuer: issuer, Keys: set},
	} {
		if _, err := jeton.NewVerifier(cfg); err == nil || !strings.Contains(err.Error(), field) {
			t.Errorf("%s: error %v", field, err)
		}
	}
}

func TestClaimNames(t *testing.T) {
	t.Parallel()
	key := mustKey(jwk.Generate(jwk.ES256))
	v, err := jeton.NewVerifier(jeton.VerifierConfig{
		Issuer: issuer, Audience: []string{"api"}, Keys: mustSet(t, key),
		Claims: jeton.ClaimNames{Subject: "oid", Scope: "scp", Roles: "groups", Session: "session_id"},
	})
	if err != nil {
		t.Fatal(err)
	}
	token, err := jwt.Sign(key, "JWT", jwt.Claims{
		Issuer: issuer, Audience: []string{"api", "web"}, ExpiresAt: time.Now().Add(time.Minute), Subject: "pairwise",
		Extra: map[string]any{"oid": "u7", "scp": []string{"a", "b c"}, "groups": "one", "session_id": "s7"},
	})
	if err != nil {
		t.Fatal(err)
	}
	p, err := v.Verify(t.Context(), token)
	if err != nil {
		t.Fatal(err)
	}
	if p.Subject() != "u7" || p.Session() != "s7" || !p.HasScope("a", "b", "c") || !p.HasRole("one") {
		t.Errorf("subject %q, session %q, scopes %v, roles %v", p.Subject(), p.Session(), p.Scopes(), p.Roles())
	}
}

// Run with -race: whoever changes what a principal gives must not reach the principal, nor another request.
func TestPrincipalGivesCopies(t *testing.T) {
	t.Parallel()
	s := newService(t, func(c *jeton.Config) {
		c.Claims = func(context.Context, jeton.ClaimsInput) (map[string]any, error) {
			return map[string]any{"list": []string{"x"}}, nil
		}
	})
	token, err := s.Issue(t.Context(), "u", jeton.IssueOptions{
		Scopes: []string{"a", "b"}, Roles: []string{"r"}, Claims: map[string]any{"list": []string{"x"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	p := s.principal(token)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			p.Scopes()[0], p.Roles()[0] = "changed", "changed"
			claims, err := jeton.ClaimsOf[map[string]any](p)
			if err != nil {
				t.Error(err)
				return
			}
			claims["list"].([]any)[0] = "changed"
			claims["sub"] = "changed"
		})
	}
	wg.Wait()
	claims, err := jeton.ClaimsOf[struct{ List []string }](p)
	if !p.HasScope("a", "b") || !p.HasRole("r") || err != nil || claims.List[0] != "x" || p.Subject() != "u" {
		t.Errorf("scopes %v, roles %v, claims %v, %v", p.Scopes(), p.Roles(), claims, err)
	}
}

func TestVerifyOptions(t *testing.T) {
	t.Parallel()
	s := newService(t, func(c *jeton.Config) { c.Audience = []string{"web", "app"} })
	g := s.signUp(ada)
	for name, test := range map[string]struct {
		opts jeton.VerifyOptions
		err  error
	}{
		"none":             {},
		"own audience":     {opts: jeton.VerifyOptions{Audience: []string{"app"}}},
		"another audience": {opts: jeton.VerifyOptions{Audience: []string{"admin"}}, err: jwt.ErrWrongAudience},
		"a claim":          {opts: jeton.VerifyOptions{Required: []string{"sid"}}},
		"a missing claim":  {opts: jeton.VerifyOptions{Required: []string{"tenant"}}, err: jwt.ErrMissingClaim},
		"a short limit":    {opts: jeton.VerifyOptions{MaxSize: 100}, err: jwt.ErrMalformed},
	} {
		v, err := s.Verifier(test.opts)
		if err != nil {
			t.Fatal(err)
		}
		if _, err = v.Verify(t.Context(), g.AccessToken); !errors.Is(err, test.err) {
			t.Errorf("%s: error %v, want %v", name, err, test.err)
		}
	}
	if _, err := s.Verifier(jeton.VerifyOptions{Profiles: []string{"nosuch"}}); err == nil {
		t.Error("an unknown profile was accepted")
	}
	s.advance(15*time.Minute + 29*time.Second)
	s.principal(g.AccessToken) // inside the leeway
	strict, err := s.Verifier(jeton.VerifyOptions{Leeway: -1})
	if err != nil {
		t.Fatal(err)
	}
	_, err = strict.Verify(t.Context(), g.AccessToken)
	wantErr(t, "without leeway", err, jwt.ErrExpired)
	s.advance(2 * time.Second)
	_, err = s.Verify(t.Context(), g.AccessToken)
	wantErr(t, "after the leeway", err, jwt.ErrExpired)
	if err := s.SignOut(t.Context(), jeton.SignOutRequest{Token: g.AccessToken}); err != nil {
		t.Fatal(err)
	}
}

// Whatever holds a secret must not show it, however it is printed; nor may it come into the log.
func TestSecretsAreNotPrinted(t *testing.T) {
	t.Parallel()
	s := newService(t, func(c *jeton.Config) { c.Audit = nil })
	g := s.signUp(ada)
	if _, err := s.signIn(ada, another, browser); err == nil {
		t.Fatal("signed in with a wrong password")
	}
	if _, err := s.refresh(g.RefreshToken, browser); err != nil {
		t.Fatal(err)
	}
	if _, err := s.refresh(g.RefreshToken, browser); err != nil {
		t.Fatal(err)
	}
	if err := s.SignOut(t.Context(), jeton.SignOutRequest{Token: g.AccessToken}); err != nil {
		t.Fatal(err)
	}
	credentials := jeton.Credentials{Email: ada, Password: good}
	client := &jeton.ServiceClient{Name: "billing", SecretHash: []byte(good)}
	for _, v := range []any{
		g, *g, g.User, *g.User, g.Session, *g.Session, credentials, &credentials, s.principal(mustIssue(t, s)),
		jeton.RefreshRequest{Token: g.RefreshToken},
		jeton.SignOutRequest{Token: g.AccessToken, CurrentPassword: good},
		jeton.ChangePasswordRequest{Current: good, New: good},
		jeton.NewUser{Password: good},
		jeton.ImportedUser{Email: ada, PasswordHash: g.User.PasswordHash},
		&jeton.ImportedUser{PasswordHash: g.User.PasswordHash},
		jeton.SignInRequest{Credentials: &credentials},
		jeton.SignUpRequest{Password: good},
		jeton.AccountChange{CurrentPassword: good},
		jeton.DeletionRequest{CurrentPassword: good},
		jeton.Config{Secret: []byte(good)},
		jeton.KeyRingConfig{MasterKey: []byte(good)},
		s.Auth,
		jeton.PasswordChange{Old: good, New: good},
		client, *client,
	} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "slog", "JSON"} {
			text := fmt.Sprintf(verb, v)
			var line bytes.Buffer
			switch verb {
			case "slog":
				slog.New(slog.NewJSONHandler(&line, nil)).Info("", "v", v)
				text = line.String()
			case "JSON": // as a logger writes what holds it
				slog.New(slog.NewJSONHandler(&line, nil)).Info("", "v", struct{ V any }{v})
				text = line.String()
			}
			for _, secret := range []string{good, g.AccessToken, g.RefreshToken, g.User.PasswordHash} {
				if strings.Contains(text, secret) {
					t.Errorf("%T with %s shows a secret: %.60s", v, verb, text)
				}
			}
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	logs := s.logs.String()
	for _, secret := range []string{good, another, g.AccessToken, g.RefreshToken, g.User.PasswordHash, ada} {
		if strings.Contains(logs, secret) {
			t.Errorf("the log holds %q", secret)
		}
	}
	for _, event := range []string{"sign_up", "sign_in_failed", "refresh_replayed", "sign_out"} {
		if !strings.Contains(logs, event) {
			t.Errorf("the log lacks %s", event)
		}
	}
}

func mustIssue(t *testing.T, s *service) string {
	t.Helper()
	token, err := s.Issue(t.Context(), "u", jeton.IssueOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return token
}
