package jwt

import "time"

// registeredClaims are the claims of RFC 7519, section 4.1. An absent one is zero.
type registeredClaims struct {
	issuer, subject, id            string
	audience                       []string
	expiresAt, notBefore, issuedAt time.Time
}

// registeredNames are their names, in the order in which they are written.
var registeredNames = [...]string{"iss", "sub", "aud", "exp", "nbf", "iat", "jti"}

// read takes over m if it is a registered claim. Names match exactly: "Exp" is some other claim.
func (c *registeredClaims) read(m member) (err error) {
	switch m.name {
	case "iss":
		c.issuer, err = stringValue(m.value)
	case "sub":
		c.subject, err = stringValue(m.value)
	case "jti":
		c.id, err = stringValue(m.value)
	case "aud":
		c.audience, err = stringsValue(m.value)
	case "exp":
		c.expiresAt, err = numericDate(m.value)
	case "nbf":
		c.notBefore, err = numericDate(m.value)
	case "iat":
		c.issuedAt, err = numericDate(m.value)
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
	t.members, err = parseObject(t.payload)
	if err != nil {
		return nil, malformed("", "payload: "+err.Error())
	}
	for _, m := range t.members {
		if err := t.registered.read(m); err != nil {
			return nil, malformed(m.name, "payload: "+err.Error())
		}
	}
	return t, nil
}
