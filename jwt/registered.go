package jwt

import (
	"errors"
	"time"

	"github.com/jetonauth/jeton/internal/strictjson"
)

// registeredNames are the claims of RFC 7519, section 4.1, in the order in which they are written.
var registeredNames = [...]string{"iss", "sub", "aud", "exp", "nbf", "iat", "jti"}

// Their places in registeredNames.
const (
	issuer = iota
	subject
	audience
	expiresAt
	notBefore
	issuedAt
	tokenID
)

// registeredPlace returns the place of a name in registeredNames, or -1. Names match exactly: "Exp" is some other claim.
func registeredPlace(name string) int {
	if len(name) != 3 {
		return -1
	}
	switch name {
	case "iss":
		return issuer
	case "sub":
		return subject
	case "aud":
		return audience
	case "exp":
		return expiresAt
	case "nbf":
		return notBefore
	case "iat":
		return issuedAt
	case "jti":
		return tokenID
	}
	return -1
}

// registered finds the claims of RFC 7519 again.
type registered struct {
	at         [len(registeredNames)]uint16 // which claim of the token each is, counted from 1; 0 if absent
	fractional bool                         // at least one of the times is no whole second, and must be read anew
	seconds    [issuedAt - expiresAt + 1]int64
}

// add takes over a registered claim, the place of which is given, after a look at its form.
func (r *registered) add(place, number int, value string) (err error) {
	r.at[place] = uint16(number)
	switch place {
	case audience:
		err = strictjson.CheckStrings(value)
	case expiresAt, notBefore, issuedAt:
		seconds, ok := wholeSeconds(value)
		r.seconds[place-expiresAt] = seconds
		if !ok {
			r.fractional = true
			_, err = numericDate(value)
		}
	default:
		if value[0] != '"' {
			err = errors.New("not a string")
		}
	}
	return err
}

// registeredText returns a registered claim that is a string, or nothing if it is absent.
func (t *Token) registeredText(place int) string {
	if t.registered.at[place] == 0 {
		return ""
	}
	// Its form was looked at when the token was read.
	text, _ := t.claim(int(t.registered.at[place]) - 1).String(t.payload)
	return text
}

// registeredTime returns a registered claim that is a NumericDate, or the zero time if it is absent.
func (t *Token) registeredTime(place int) time.Time {
	if t.registered.at[place] == 0 {
		return time.Time{}
	}
	if t.registered.fractional {
		value, _ := numericDate(t.claim(int(t.registered.at[place]) - 1).Value(t.payload))
		return value
	}
	return time.Unix(t.registered.seconds[place-expiresAt], 0).UTC()
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
	claims, err := strictjson.Index(t.payload, s.claims[:0])
	if err != nil {
		return nil, malformed("", "payload: "+err.Error())
	}
	s.claims = claims
	for i, claim := range claims {
		name := claim.Name(t.payload)
		if place := registeredPlace(name); place >= 0 {
			if err := t.registered.add(place, i+1, claim.Value(t.payload)); err != nil {
				return nil, malformed(name, "payload: "+err.Error())
			}
		}
	}
	t.keep(claims)
	return t, nil
}
