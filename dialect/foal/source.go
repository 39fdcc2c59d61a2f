package foal

import (
	"strings"

	"github.com/jetonauth/jeton/guard"
)

// source is where the token is: in one place only, as with Foal.
func (o *Options) source() guard.Source {
	if o.Cookie {
		return guard.Cookie(o.Settings.cookieName())
	}
	return guard.SourceFunc(bearer)
}

// bearer takes what follows the word Bearer and a space for a token, whatever it is: the verifier says what is no token, and the black list is
// asked about it. [guard.Bearer] would refuse some of it as a malformed header. The scheme's case does not matter (RFC 9110, section 11.1).
func bearer(c guard.Carrier) (string, error) {
	values := c.Header("Authorization")
	switch {
	case len(values) > 1:
		const description = "The request has more than one Authorization header."
		return "", &guard.Refusal{Code: guard.InvalidRequest, Err: guard.ErrAmbiguous, Description: description}
	case len(values) == 0 || values[0] == "":
		return "", nil
	}
	scheme, token, _ := strings.Cut(values[0], " ")
	if token = strings.TrimLeft(token, " "); token == "" || !strings.EqualFold(scheme, "Bearer") {
		return "", &guard.Refusal{Code: guard.InvalidRequest, Err: guard.ErrOtherScheme, Description: otherScheme}
	}
	return token, nil
}
