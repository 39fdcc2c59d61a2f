package bench

import (
	"time"

	"github.com/jetonauth/jeton/jwk"
	"github.com/jetonauth/jeton/jwt"
)

type jetonContender struct {
	verifier *jwt.Verifier
	keys     *jwk.Set
	key      *jwk.Key
	claims   jwt.Claims
}

func newJeton(k Key, c Content) (Contender, error) {
	keys, err := jwk.NewSet(k.JWK)
	if err != nil {
		return nil, err
	}
	verifier, err := jwt.NewVerifier(jwt.VerifierConfig{
		Issuer:     Issuer,
		Audience:   []string{Audience},
		Algorithms: []jwk.Algorithm{k.Algorithm},
		Leeway:     Leeway,
	})
	if err != nil {
		return nil, err
	}
	return &jetonContender{verifier: verifier, keys: keys, key: k.JWK, claims: jetonClaims(c)}, nil
}

func jetonClaims(c Content) jwt.Claims {
	return jwt.Claims{
		Issuer:    c.Issuer,
		Subject:   c.Subject,
		Audience:  []string{c.Audience},
		ExpiresAt: time.Unix(c.ExpiresAt, 0),
		IssuedAt:  time.Unix(c.IssuedAt, 0),
		ID:        c.ID,
		Extra: map[string]any{
			"amr": c.Methods, "auth_time": c.AuthTime, "client_id": c.ClientID, "sid": c.Session,
		},
	}
}

func (j *jetonContender) Verify(token string) (Claims, error) {
	t, err := j.verifier.Verify(token, j.keys)
	if err != nil {
		return Claims{}, err
	}
	return Claims{
		Issuer: t.Issuer(), Subject: t.Subject(), ID: t.ID(), IssuedAt: t.IssuedAt(), ExpiresAt: t.ExpiresAt(),
	}, nil
}

func (j *jetonContender) Sign() (string, error) {
	return jwt.Sign(j.key, Type, j.claims)
}
