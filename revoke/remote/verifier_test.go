package remote_test

import (
	"errors"
	"testing"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/jetontest"
	"github.com/jetonauth/jeton/jwt"
	"github.com/jetonauth/jeton/revoke"
)

// verifier is a service that only verifies, and follows what the issuer revokes.
func verifier(t *testing.T, is *issuer, follower *revoke.Follower) *jeton.TokenVerifier {
	t.Helper()
	keys, err := is.auth.PublicKeys(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	v, err := jeton.NewVerifier(jeton.VerifierConfig{
		Issuer: jetontest.Issuer, Audience: []string{jetontest.Issuer}, Keys: keys, Revoked: follower, Now: is.auth.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// A token that is signed out is refused within a second where nothing but its keys and the feed are known.
func TestRefusedWithinASecond(t *testing.T) {
	t.Parallel()
	is := newIssuer(t)
	v := verifier(t, is, newFollower(t, is.feed(t), 0))
	stays := is.auth.SignUp("grace@example.com")
	for _, email := range []string{"ada@example.com", "alan@example.com", "edsger@example.com"} {
		grant := is.auth.SignUp(email)
		if p, err := v.Verify(t.Context(), grant.AccessToken); err != nil || p.Session() == "" {
			t.Fatal(p, err)
		}
		if err := is.auth.SignOut(t.Context(), jeton.SignOutRequest{Token: grant.AccessToken}); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		eventually(t, soon, "it is refused", func() bool {
			_, err := v.Verify(t.Context(), grant.AccessToken)
			if err != nil && !errors.Is(err, jwt.ErrRevoked) {
				t.Fatal(err)
			}
			return err != nil
		})
		took := time.Since(began)
		t.Logf("refused after %v", took)
		if took > time.Second {
			t.Errorf("refused after %v", took)
		}
	}
	if _, err := v.Verify(t.Context(), stays.AccessToken); err != nil {
		t.Errorf("another one's token: %v", err)
	}
}

// Without the issuer a verifier goes on for MaxStaleness, then it says that it does not know, until the issuer is back.
func TestIssuerGoesAway(t *testing.T) {
	t.Parallel()
	is := newIssuer(t)
	v := verifier(t, is, newFollower(t, is.feed(t), 2*time.Second))
	in, out := is.auth.SignUp("grace@example.com"), is.auth.SignUp("ada@example.com")
	if _, err := v.Verify(t.Context(), in.AccessToken); err != nil {
		t.Fatal(err)
	}
	is.away.Store(true)
	if _, err := v.Verify(t.Context(), in.AccessToken); err != nil {
		t.Errorf("at once: %v", err)
	}
	began := time.Now()
	eventually(t, soon, "it is unavailable", func() bool {
		_, err := v.Verify(t.Context(), in.AccessToken)
		if err != nil && !errors.Is(err, jeton.ErrUnavailable) {
			t.Fatal(err)
		}
		return err != nil
	})
	if took := time.Since(began); took < time.Second {
		t.Errorf("unavailable after %v", took)
	}
	if err := is.auth.SignOut(t.Context(), jeton.SignOutRequest{Token: out.AccessToken}); err != nil {
		t.Fatal(err)
	}
	is.away.Store(false)
	eventually(t, soon, "it is accepted again", func() bool {
		_, err := v.Verify(t.Context(), in.AccessToken)
		return err == nil
	})
	if _, err := v.Verify(t.Context(), out.AccessToken); !errors.Is(err, jwt.ErrRevoked) {
		t.Errorf("signed out meanwhile: %v", err)
	}
}
