package bench

import (
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

type goJOSE struct {
	algorithms []jose.SignatureAlgorithm
	key        Key
	signer     jose.Signer
	claims     joseClaims
}

// joseClaims are the registered claims and jeton's others.
type joseClaims struct {
	jwt.Claims

	Methods  []string `json:"amr,omitempty"`
	AuthTime int64    `json:"auth_time,omitempty"`
	ClientID string   `json:"client_id,omitempty"`
	Session  string   `json:"sid,omitempty"`
}

func newGoJOSE(k Key, c Content) (Contender, error) {
	algorithm := jose.SignatureAlgorithm(k.Algorithm)
	options := (&jose.SignerOptions{}).WithType(Type).WithHeader("kid", k.ID)
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: algorithm, Key: k.Private}, options)
	if err != nil {
		return nil, err
	}
	return &goJOSE{
		algorithms: []jose.SignatureAlgorithm{algorithm},
		key:        k,
		signer:     signer,
		claims: joseClaims{
			Claims: jwt.Claims{
				Issuer:   c.Issuer,
				Subject:  c.Subject,
				Audience: jwt.Audience{c.Audience},
				Expiry:   jwt.NewNumericDate(time.Unix(c.ExpiresAt, 0)),
				IssuedAt: jwt.NewNumericDate(time.Unix(c.IssuedAt, 0)),
				ID:       c.ID,
			},
			Methods: c.Methods, AuthTime: c.AuthTime, ClientID: c.ClientID, Session: c.Session,
		},
	}, nil
}

// Verify accepts a token without "exp": there is no option to require it.
func (g *goJOSE) Verify(token string) (Claims, error) {
	parsed, err := jwt.ParseSigned(token, g.algorithms)
	if err != nil {
		return Claims{}, err
	}
	var claims jwt.Claims
	if err := parsed.Claims(g.key.Public, &claims); err != nil {
		return Claims{}, err
	}
	expected := jwt.Expected{Issuer: Issuer, AnyAudience: jwt.Audience{Audience}, Time: time.Now()}
	if err := claims.ValidateWithLeeway(expected, Leeway); err != nil {
		return Claims{}, err
	}
	return Claims{
		Issuer: claims.Issuer, Subject: claims.Subject, ID: claims.ID,
		IssuedAt: claims.IssuedAt.Time(), ExpiresAt: claims.Expiry.Time(),
	}, nil
}

func (g *goJOSE) Sign() (string, error) {
	return jwt.Signed(g.signer).Claims(g.claims).Serialize()
}
