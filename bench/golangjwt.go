package bench

import (
	"errors"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

var errNoClaims = errors.New("bench: a checked token without the claims that were asked for")

type golangJWT struct {
	parser *jwt.Parser
	method jwt.SigningMethod
	key    Key
	claims golangClaims
}

// golangClaims are the registered claims and jeton's others.
type golangClaims struct {
	jwt.RegisteredClaims

	Methods  []string `json:"amr,omitempty"`
	AuthTime int64    `json:"auth_time,omitempty"`
	ClientID string   `json:"client_id,omitempty"`
	Session  string   `json:"sid,omitempty"`
}

func newGolangJWT(k Key, c Content) (Contender, error) {
	return &golangJWT{
		parser: newGolangParser(k),
		method: jwt.GetSigningMethod(string(k.Algorithm)),
		key:    k,
		claims: golangClaims{
			RegisteredClaims: jwt.RegisteredClaims{
				Issuer:    c.Issuer,
				Subject:   c.Subject,
				Audience:  jwt.ClaimStrings{c.Audience},
				ExpiresAt: jwt.NewNumericDate(time.Unix(c.ExpiresAt, 0)),
				IssuedAt:  jwt.NewNumericDate(time.Unix(c.IssuedAt, 0)),
				ID:        c.ID,
			},
			Methods: c.Methods, AuthTime: c.AuthTime, ClientID: c.ClientID, Session: c.Session,
		},
	}, nil
}

// newGolangParser returns a parser with the options that its documentation recommends, the strictest where there is a choice.
func newGolangParser(k Key) *jwt.Parser {
	return jwt.NewParser(
		jwt.WithValidMethods([]string{string(k.Algorithm)}),
		jwt.WithIssuer(Issuer),
		jwt.WithAudience(Audience),
		jwt.WithExpirationRequired(),
		jwt.WithLeeway(Leeway),
		jwt.WithStrictDecoding(),
	)
}

func (g *golangJWT) Verify(token string) (Claims, error) {
	var claims jwt.RegisteredClaims
	if _, err := g.parser.ParseWithClaims(token, &claims, g.key.golangKey); err != nil {
		return Claims{}, err
	}
	return golangResult(&claims)
}

func golangResult(c *jwt.RegisteredClaims) (Claims, error) {
	if c.ExpiresAt == nil || c.IssuedAt == nil {
		return Claims{}, errNoClaims
	}
	return Claims{Issuer: c.Issuer, Subject: c.Subject, ID: c.ID, IssuedAt: c.IssuedAt.Time, ExpiresAt: c.ExpiresAt.Time}, nil
}

// golangKey is the key for every token: the parser has pinned its algorithm.
func (k Key) golangKey(*jwt.Token) (any, error) { return k.Public, nil }

func (g *golangJWT) Sign() (string, error) {
	token := jwt.NewWithClaims(g.method, g.claims)
	token.Header["kid"] = g.key.ID
	token.Header["typ"] = Type
	return token.SignedString(g.key.Private)
}
