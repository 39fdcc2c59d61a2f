package bench

import (
	"fmt"
	"time"

	"github.com/lestrrat-go/jwx/v3/jwa"
	"github.com/lestrrat-go/jwx/v3/jws"
	"github.com/lestrrat-go/jwx/v3/jwt"
)

type jwx struct {
	parsing []jwt.ParseOption
	signing jwt.SignOption
	token   jwt.Token
}

func newJWX(k Key, c Content) (Contender, error) {
	algorithm, known := jwa.LookupSignatureAlgorithm(string(k.Algorithm))
	if !known {
		return nil, fmt.Errorf("bench: jwx does not know %s", k.Algorithm)
	}
	headers := jws.NewHeaders()
	if err := headers.Set(jws.KeyIDKey, k.ID); err != nil {
		return nil, err
	}
	if err := headers.Set(jws.TypeKey, Type); err != nil {
		return nil, err
	}
	token, err := jwxToken(c)
	if err != nil {
		return nil, err
	}
	return &jwx{
		parsing: []jwt.ParseOption{
			jwt.WithKey(algorithm, k.Public),
			jwt.WithIssuer(Issuer),
			jwt.WithAudience(Audience),
			jwt.WithRequiredClaim(jwt.ExpirationKey),
			jwt.WithAcceptableSkew(Leeway),
		},
		signing: jwt.WithKey(algorithm, k.Private, jws.WithProtectedHeaders(headers)),
		token:   token,
	}, nil
}

func jwxToken(c Content) (jwt.Token, error) {
	return jwt.NewBuilder().
		Issuer(c.Issuer).
		Subject(c.Subject).
		Audience([]string{c.Audience}).
		Expiration(time.Unix(c.ExpiresAt, 0)).
		IssuedAt(time.Unix(c.IssuedAt, 0)).
		JwtID(c.ID).
		Claim("amr", c.Methods).
		Claim("auth_time", c.AuthTime).
		Claim("client_id", c.ClientID).
		Claim("sid", c.Session).
		Build()
}

func (j *jwx) Verify(token string) (Claims, error) {
	t, err := jwt.ParseString(token, j.parsing...)
	if err != nil {
		return Claims{}, err
	}
	var c Claims
	c.Issuer, _ = t.Issuer()
	c.Subject, _ = t.Subject()
	c.ID, _ = t.JwtID()
	c.IssuedAt, _ = t.IssuedAt()
	c.ExpiresAt, _ = t.Expiration()
	return c, nil
}

func (j *jwx) Sign() (string, error) {
	token, err := jwt.Sign(j.token, j.signing)
	return string(token), err
}
