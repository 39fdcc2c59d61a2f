package jetontest_test

import (
	"errors"
	"testing"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/jetontest"
	"github.com/jetonauth/jeton/jwt"
)

func TestTokensExpireAndAreRevoked(t *testing.T) {
	t.Parallel()
	a := jetontest.New(t)
	token := a.Token("u", jetontest.Scopes("news:read"), jetontest.Roles("editor"), jetontest.Claim("tenant", "t1"))
	p, err := a.Verify(t.Context(), token)
	if err != nil || p.Subject() != "u" || !p.HasScope("news:read") || !p.HasRole("editor") {
		t.Fatalf("principal %v, %v", p, err)
	}
	a.Revoke(token)
	if _, err := a.Verify(t.Context(), token); !errors.Is(err, jwt.ErrRevoked) {
		t.Errorf("revoked: %v", err)
	}
	long, short := a.Token("u", jetontest.TTL(time.Hour)), a.Token("u")
	a.Expire()
	if _, err := a.Verify(t.Context(), short); !errors.Is(err, jwt.ErrExpired) {
		t.Errorf("expired: %v", err)
	}
	if _, err := a.Verify(t.Context(), long); err != nil {
		t.Errorf("an hour has not passed: %v", err)
	}
}

func TestSignUp(t *testing.T) {
	t.Parallel()
	a := jetontest.New(t, func(c *jeton.Config) { c.AccessTTL = time.Minute })
	g := a.SignUp("ada@example.com")
	if g.ExpiresIn != time.Minute || !g.ExpiresAt.Equal(a.Now().Add(time.Minute)) {
		t.Errorf("expires in %v at %v", g.ExpiresIn, g.ExpiresAt)
	}
}

func TestContext(t *testing.T) {
	t.Parallel()
	ctx := jetontest.Context(t.Context(), "user-1", jetontest.Scopes("a"))
	p, ok := jeton.FromContext(ctx)
	if !ok || p.Subject() != "user-1" || !p.HasScope("a") {
		t.Errorf("principal %v, %v", p, ok)
	}
}
