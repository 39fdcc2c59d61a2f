package jsonwebtoken

import (
	"slices"
	"strings"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/jwt"
)

// check judges what a proved token says, in jsonwebtoken's order.
func (v *Verifier) check(p *jeton.Principal) error {
	o := &v.rules
	if len(o.Audience)+len(o.AudiencePatterns)+len(o.Issuer) == 0 && o.Subject == "" && o.ID == "" && o.Nonce == "" && o.MaxAge == 0 {
		return nil
	}
	claims, err := jeton.ClaimsOf[map[string]any](p)
	if err != nil {
		return err
	}
	if err := o.checkAudience(claims["aud"]); err != nil {
		return err
	}
	if err := o.checkIssuer(p.Issuer()); err != nil {
		return err
	}
	for _, equal := range []struct{ option, claim, want string }{
		{"subject", "sub", o.Subject}, {"jwtid", "jti", o.ID}, {"nonce", "nonce", o.Nonce},
	} {
		if got, _ := claims[equal.claim].(string); equal.want != "" && got != equal.want {
			refusal := &jwt.Refusal{Reason: jwt.ErrMissingClaim, Claim: equal.claim, Expected: equal.want}
			return Refused("jwt "+equal.option+" invalid. expected: "+equal.want, refusal)
		}
	}
	return o.checkAge(claims["iat"])
}

func (o *VerifyOptions) checkAudience(claim any) error {
	var names []string
	switch aud := claim.(type) {
	case string:
		names = []string{aud}
	case []any:
		for _, value := range aud {
			if name, ok := value.(string); ok {
				names = append(names, name)
			}
		}
	}
	if len(o.Audience)+len(o.AudiencePatterns) == 0 || slices.ContainsFunc(names, o.hasAudience) {
		return nil
	}
	expected := slices.Clone(o.Audience)
	for _, pattern := range o.AudiencePatterns {
		expected = append(expected, "/"+pattern.String()+"/")
	}
	message := "jwt audience invalid. expected: " + strings.Join(expected, " or ")
	return Refused(message, &jwt.Refusal{Reason: jwt.ErrWrongAudience, Claim: "aud", Expected: strings.Join(expected, ", ")})
}

func (o *VerifyOptions) hasAudience(name string) bool {
	if slices.Contains(o.Audience, name) {
		return true
	}
	for _, pattern := range o.AudiencePatterns {
		if pattern.MatchString(name) {
			return true
		}
	}
	return false
}

func (o *VerifyOptions) checkIssuer(issuer string) error {
	if len(o.Issuer) == 0 || slices.Contains(o.Issuer, issuer) {
		return nil
	}
	expected := strings.Join(o.Issuer, ",")
	return Refused("jwt issuer invalid. expected: "+expected, &jwt.Refusal{Reason: jwt.ErrWrongIssuer, Claim: "iss", Expected: expected})
}

func (o *VerifyOptions) checkAge(claim any) error {
	if o.MaxAge == 0 {
		return nil
	}
	seconds, ok := claim.(float64)
	if !ok {
		return Refused("iat required when maxAge is specified", &jwt.Refusal{Reason: jwt.ErrMissingClaim, Claim: "iat"})
	}
	now, end := o.Now(), time.Unix(int64(seconds), 0).Add(o.MaxAge)
	if now.Before(end.Add(o.ClockTolerance)) {
		return nil
	}
	return Refused("maxAge exceeded", &jwt.Refusal{Reason: jwt.ErrExpired, Claim: "iat", At: now, Detail: "older than " + o.MaxAge.String()})
}
