package jeton_test

import (
	"testing"

	"github.com/jetonauth/jeton"
)

// Who tests a handler may put a principal of nothing into a context.
func TestAZeroPrincipalHasNothing(t *testing.T) {
	t.Parallel()
	var p jeton.Principal
	if p.Subject() != "" || p.Session() != "" || p.TokenID() != "" || p.Issuer() != "" || p.Profile() != "" {
		t.Errorf("%q, %q, %q, %q, %q", p.Subject(), p.Session(), p.TokenID(), p.Issuer(), p.Profile())
	}
	if !p.ExpiresAt().IsZero() || !p.AuthTime().IsZero() {
		t.Errorf("%v, %v", p.ExpiresAt(), p.AuthTime())
	}
	if len(p.Scopes()) > 0 || len(p.Roles()) > 0 || p.HasScope("read") || p.HasRole("admin") || !p.HasScope() {
		t.Errorf("%v, %v", p.Scopes(), p.Roles())
	}
	if value, ok := p.StringClaim("sub"); ok {
		t.Errorf("claim %q", value)
	}
	if claims, err := jeton.ClaimsOf[map[string]any](&p); err == nil {
		t.Errorf("claims %v", claims)
	}
}
