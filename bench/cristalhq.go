package bench

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"errors"
	"fmt"
	"time"

	"github.com/cristalhq/jwt/v5"
)

// What this package refuses by itself, since the library leaves the claims to its caller.
var (
	errIssuer   = errors.New("bench: another issuer")
	errAudience = errors.New("bench: another audience")
	errTime     = errors.New("bench: expired or not yet valid")
)

type cristal struct {
	verifier jwt.Verifier
	builder  *jwt.Builder
	claims   cristalClaims
}

// cristalClaims are the registered claims and jeton's others.
type cristalClaims struct {
	jwt.RegisteredClaims

	Methods  []string `json:"amr,omitempty"`
	AuthTime int64    `json:"auth_time,omitempty"`
	ClientID string   `json:"client_id,omitempty"`
	Session  string   `json:"sid,omitempty"`
}

func newCristal(k Key, c Content) (Contender, error) {
	signer, verifier, err := cristalKeys(k)
	if err != nil {
		return nil, err
	}
	return &cristal{
		verifier: verifier,
		builder:  jwt.NewBuilder(signer, jwt.WithKeyID(k.ID)),
		claims: cristalClaims{
			RegisteredClaims: jwt.RegisteredClaims{
				Issuer:    c.Issuer,
				Subject:   c.Subject,
				Audience:  jwt.Audience{c.Audience},
				ExpiresAt: jwt.NewNumericDate(time.Unix(c.ExpiresAt, 0)),
				IssuedAt:  jwt.NewNumericDate(time.Unix(c.IssuedAt, 0)),
				ID:        c.ID,
			},
			Methods: c.Methods, AuthTime: c.AuthTime, ClientID: c.ClientID, Session: c.Session,
		},
	}, nil
}

func cristalKeys(k Key) (signer jwt.Signer, verifier jwt.Verifier, err error) {
	switch private := k.Private.(type) {
	case []byte:
		both, err := jwt.NewSignerHS(jwt.HS256, private)
		return both, both, err
	case *rsa.PrivateKey:
		if verifier, err = jwt.NewVerifierRS(jwt.RS256, &private.PublicKey); err == nil {
			signer, err = jwt.NewSignerRS(jwt.RS256, private)
		}
	case *ecdsa.PrivateKey:
		if verifier, err = jwt.NewVerifierES(jwt.ES256, &private.PublicKey); err == nil {
			signer, err = jwt.NewSignerES(jwt.ES256, private)
		}
	case ed25519.PrivateKey:
		if verifier, err = jwt.NewVerifierEdDSA(ed25519.PublicKey(private[ed25519.SeedSize:])); err == nil {
			signer, err = jwt.NewSignerEdDSA(private)
		}
	default:
		err = fmt.Errorf("bench: no key of type %T signs", k.Private)
	}
	return signer, verifier, err
}

// Verify accepts a token without "exp", as the library's own IsValidAt does, which knows no leeway.
func (c *cristal) Verify(token string) (Claims, error) {
	var claims jwt.RegisteredClaims
	if err := jwt.ParseClaims([]byte(token), c.verifier, &claims); err != nil {
		return Claims{}, err
	}
	now := time.Now()
	switch {
	case !claims.IsIssuer(Issuer):
		return Claims{}, errIssuer
	case !claims.IsForAudience(Audience):
		return Claims{}, errAudience
	case !claims.IsValidExpiresAt(now.Add(-Leeway)) || !claims.IsValidNotBefore(now.Add(Leeway)):
		return Claims{}, errTime
	}
	result := Claims{Issuer: claims.Issuer, Subject: claims.Subject, ID: claims.ID}
	if claims.IssuedAt != nil {
		result.IssuedAt = claims.IssuedAt.Time
	}
	if claims.ExpiresAt != nil {
		result.ExpiresAt = claims.ExpiresAt.Time
	}
	return result, nil
}

// Sign writes "JWT" as the type: there is no option for another.
func (c *cristal) Sign() (string, error) {
	token, err := c.builder.Build(c.claims)
	if err != nil {
		return "", err
	}
	return token.String(), nil
}
