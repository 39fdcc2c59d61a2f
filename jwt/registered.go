package jwt

import (
	"time"

	"github.com/jetonauth/jeton/internal/strictjson"
)

// registeredClaims are the claims of RFC 7519, section 4.1. An absent one is zero.
type registeredClaims struct {
	issuer, subject, id            string
	audience                       []string
	expiresAt, notBefore, issuedAt time.Time

	oneAudience [1]string // holds the audience that a token names as a string
}

// registeredNames are their names, in the order in which they are written.
var registeredNames = [...]string{"iss", "sub", "aud", "exp", "nbf", "iat", "jti"}

// read takes over a claim if it is a registered one. Names match exactly: "Exp" is some other claim.
func (c *registeredClaims) read(name string, claim strictjson.Span, payload string) (err error) {
	switch name {
	case "iss":
		c.issuer, err = claim.String(payload)
	case "sub":
		c.subject, err = claim.String(payload)
	case "jti":
		c.id, err = claim.String(payload)
	case "aud":
		err = c.readAudience(claim, payload)
	case "exp":
		c.expiresAt, err = numericDate(claim.Value(payload))
	case "nbf":
		c.notBefore, err = numericDate(claim.Value(payload))
	case "iat":
		c.issuedAt, err = numericDate(claim.Value(payload))
	}
	return err
}

func (c *registeredClaims) readAudience(claim strictjson.Span, payload string) (err error) {
	if value := claim.Value(payload); value[0] != '"' {
		c.audience, err = strictjson.Strings(value)
		return err
	}
	c.oneAudience[0], err = claim.String(payload)
	c.audience = c.oneAudience[:]
	return err
}

// decodeClaims makes a token of its header and the payload as encoded in it. It judges the form of the claims, not what
// they say.
func decodeClaims(header *protectedHeader, segment string, s *scratch) (*Token, error) {
	payload, ok := appendSegment(s.payload[:0], segment)
	s.payload = payload
	if !ok {
		return nil, malformed("", "payload: "+explainSegment(segment).Error())
	}
	t := &Token{header: header, payload: string(payload)}
	var err error
	if t.claims, err = strictjson.Index(t.payload, t.few[:0]); err != nil {
		return nil, malformed("", "payload: "+err.Error())
	}
	for _, claim := range t.claims {
		name := claim.Name(t.payload)
		if err := t.registered.read(name, claim, t.payload); err != nil {
			return nil, malformed(name, "payload: "+err.Error())
		}
	}
	return t, nil
}
