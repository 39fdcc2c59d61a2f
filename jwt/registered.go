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
}

// registeredNames are their names, in the order in which they are written.
var registeredNames = [...]string{"iss", "sub", "aud", "exp", "nbf", "iat", "jti"}

// read takes over m if it is a registered claim. Names match exactly: "Exp" is some other claim.
func (c *registeredClaims) read(m strictjson.Member) (err error) {
	switch m.Name {
	case "iss":
		c.issuer, err = strictjson.String(m.Value)
	case "sub":
		c.subject, err = strictjson.String(m.Value)
	case "jti":
		c.id, err = strictjson.String(m.Value)
	case "aud":
		c.audience, err = strictjson.Strings(m.Value)
	case "exp":
		c.expiresAt, err = numericDate(m.Value)
	case "nbf":
		c.notBefore, err = numericDate(m.Value)
	case "iat":
		c.issuedAt, err = numericDate(m.Value)
	}
	return err
}

// decodeClaims makes a token of its header and the payload as encoded in it. It judges the form of the claims, not what
// they say.
func decodeClaims(header Header, segment string) (*Token, error) {
	text, err := decodeSegment(segment)
	if err != nil {
		return nil, malformed("", "payload: "+err.Error())
	}
	t := &Token{header: header, payload: string(text)}
	t.members, err = strictjson.Object(t.payload)
	if err != nil {
		return nil, malformed("", "payload: "+err.Error())
	}
	for _, m := range t.members {
		if err := t.registered.read(m); err != nil {
			return nil, malformed(m.Name, "payload: "+err.Error())
		}
	}
	return t, nil
}
