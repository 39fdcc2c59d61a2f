package guard_test

import (
	"testing"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/jwk"
	"github.com/jetonauth/jeton/jwt"
)

const (
	issuerURL = "https://issuer.example.com"
	audience  = "news"
)

var now = time.Date(2030, time.January, 2, 3, 4, 5, 0, time.UTC)

// issuer signs tokens with a key of its own.
type issuer struct{ key *jwk.Key }

func newIssuer(t testing.TB) issuer {
	t.Helper()
	key, err := jwk.Generate(jwk.ES256)
	if err != nil {
		t.Fatal(err)
	}
	return issuer{key}
}

func (i issuer) verifier(t testing.TB) jeton.Verifier {
	t.Helper()
	v, err := jeton.NewVerifier(jeton.VerifierConfig{
		Issuer: issuerURL, Audience: []string{audience}, Keys: jwk.Static(i.key), Now: func() time.Time { return now },
	})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// token returns a good token for subject, except for what change does to it.
func (i issuer) token(t testing.TB, subject string, change ...func(*jwt.Claims)) string {
	t.Helper()
	claims := jwt.Claims{
		Issuer: issuerURL, Audience: []string{audience}, Subject: subject,
		IssuedAt: now, ExpiresAt: now.Add(15 * time.Minute),
	}
	for _, f := range change {
		f(&claims)
	}
	token, err := jwt.Sign(i.key, "at+jwt", claims)
	if err != nil {
		t.Fatal(err)
	}
	return token
}
