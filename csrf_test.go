package jeton_test

import (
	"errors"
	"testing"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/guard"
	"github.com/jetonauth/jeton/jetontest"
)

// csrfClaim returns the claim of a token that its bearer presents.
func csrfClaim(t *testing.T, a *jetontest.Auth, token string) (string, bool) {
	t.Helper()
	p, err := a.Verify(t.Context(), token)
	if err != nil {
		t.Fatal(err)
	}
	return p.StringClaim("csrf")
}

// A session with cookies has one value from its beginning on, whose digest is in each of its access tokens; others have none.
func TestSessionsWithCookies(t *testing.T) {
	t.Parallel()
	a := jetontest.New(t)
	up, err := a.Auth.SignUp(t.Context(), jeton.SignUpRequest{Email: "ada@example.com", Password: "correct horse battery", Cookies: true})
	if err != nil {
		t.Fatal(err)
	}
	in, err := a.SignIn(t.Context(), jeton.SignInRequest{Credentials: &jeton.Credentials{Email: "ada@example.com", Password: "correct horse battery"}, Cookies: true})
	if err != nil {
		t.Fatal(err)
	}
	for name, grant := range map[string]*jeton.Grant{"sign-up": up, "sign-in": in} {
		if digest, _ := csrfClaim(t, a, grant.AccessToken); len(grant.CSRF) != 43 || digest != guard.CSRFDigest(grant.CSRF) {
			t.Errorf("%s: value %q, claim %q", name, grant.CSRF, digest)
		}
	}
	if up.CSRF == in.CSRF {
		t.Error("two sessions have the same value")
	}
	a.Advance(time.Minute)
	next, err := a.Refresh(t.Context(), jeton.RefreshRequest{Token: in.RefreshToken, Cookies: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, csrf := range []string{up.CSRF, "x", in.CSRF + "x"} { // of another session, or of none
		_, err := a.Refresh(t.Context(), jeton.RefreshRequest{Token: next.RefreshToken, Cookies: true, CSRF: csrf})
		if !errors.Is(err, jeton.ErrInvalidGrant) {
			t.Errorf("with the value %q the error is %v", csrf, err)
		}
	}
	if s, err := a.SessionOf(t.Context(), next.RefreshToken); err != nil || s.Generation != 1 {
		t.Errorf("the session has changed: %+v, %v", s, err)
	}
	replayed, err := a.Refresh(t.Context(), jeton.RefreshRequest{Token: in.RefreshToken, Cookies: true, CSRF: in.CSRF})
	if err != nil {
		t.Fatal(err)
	}
	if next.CSRF != in.CSRF || replayed.CSRF != in.CSRF {
		t.Error("the value of a session has changed")
	}
	without, err := a.Refresh(t.Context(), jeton.RefreshRequest{Token: next.RefreshToken})
	if err != nil {
		t.Fatal(err)
	}
	if digest, ok := csrfClaim(t, a, without.AccessToken); ok || without.CSRF != "" {
		t.Errorf("without cookies: value %q, claim %q", without.CSRF, digest)
	}
}

func TestSessionOf(t *testing.T) {
	t.Parallel()
	a := jetontest.New(t)
	grant := a.SignUp("ada@example.com")
	for range 2 { // it changes nothing
		s, err := a.SessionOf(t.Context(), grant.RefreshToken)
		if err != nil || s.ID != grant.Session.ID || s.Generation != 0 {
			t.Fatalf("%v, %v", s, err)
		}
	}
	next, err := a.Refresh(t.Context(), jeton.RefreshRequest{Token: grant.RefreshToken})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.SessionOf(t.Context(), grant.RefreshToken); err != nil {
		t.Errorf("an older token within the reuse interval: %v", err)
	}
	a.Advance(time.Minute)
	dead := map[string]string{"": "none", "rubbish": "rubbish", grant.RefreshToken: "an older token after the interval", grant.AccessToken: "an access token"}
	for token, name := range dead {
		if s, err := a.SessionOf(t.Context(), token); s != nil || !errors.Is(err, jeton.ErrInvalidGrant) {
			t.Errorf("%s: %v, %v", name, s, err)
		}
	}
	if _, err := a.SessionOf(t.Context(), next.RefreshToken); err != nil {
		t.Errorf("asking about an older token ended the session: %v", err)
	}
	if err := a.SetDisabled(t.Context(), grant.User.ID, true); err != nil {
		t.Fatal(err)
	}
	if s, err := a.SessionOf(t.Context(), next.RefreshToken); s != nil || !errors.Is(err, jeton.ErrInvalidGrant) {
		t.Errorf("a disabled account: %v, %v", s, err)
	}
}
