package guardtest

import (
	"testing"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/guard"
	"github.com/jetonauth/jeton/jwk"
	"github.com/jetonauth/jeton/jwt"
)

const (
	issuerURL = "https://issuer.example.com"
	audience  = "news"
	// csrfValue is the one that cookieScenarios' pages read.
	csrfValue = "a value that only pages of this site can read"
)

// issuer signs tokens with a key of its own. Its time stands still.
type issuer struct {
	key *jwk.Key
	now time.Time
}

func newIssuer(t testing.TB) *issuer {
	t.Helper()
	key, err := jwk.Generate(jwk.ES256)
	must(t, err)
	return &issuer{key: key, now: time.Date(2030, time.January, 2, 3, 4, 5, 0, time.UTC)}
}

// verifier accepts the issuer's tokens, by rules that change may alter.
func (i *issuer) verifier(t testing.TB, change ...func(*jeton.VerifierConfig)) jeton.Verifier {
	t.Helper()
	cfg := jeton.VerifierConfig{
		Issuer: issuerURL, Audience: []string{audience}, Keys: jwk.Static(i.key), Now: func() time.Time { return i.now },
	}
	for _, f := range change {
		f(&cfg)
	}
	v, err := jeton.NewVerifier(cfg)
	must(t, err)
	return v
}

// token returns a good token for subject, except for what change does to it. It may read and write news, as an editor.
func (i *issuer) token(t testing.TB, subject string, change ...func(*jwt.Claims)) string {
	t.Helper()
	claims := jwt.Claims{
		Issuer: issuerURL, Audience: []string{audience}, Subject: subject, ID: "token of " + subject,
		IssuedAt: i.now, ExpiresAt: i.now.Add(15 * time.Minute),
		Extra: map[string]any{
			"scope": "news:read news:write", "roles": []string{"editor"}, guard.DefaultCSRFClaim: guard.CSRFDigest(csrfValue),
		},
	}
	for _, f := range change {
		f(&claims)
	}
	token, err := jwt.Sign(i.key, "at+jwt", claims)
	must(t, err)
	return token
}

// foundOf is what a handler finds that was called with the issuer's token for subject.
func foundOf(subject string) string { return subject + ` ["news:read" "news:write"] ["editor"]` }

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
