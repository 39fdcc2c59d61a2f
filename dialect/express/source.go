package express

import (
	"strings"

	"github.com/jetonauth/jeton/guard"
)

// bearer reads the Authorization header as express-jwt does: two words, of which the first is Bearer in any case of letters, and the second
// is the token, whatever it is. Another scheme is no token, and anything but two words is malformed, even where no token is needed.
func bearer(c guard.Carrier) (string, error) {
	values := c.Header("Authorization")
	switch {
	case len(values) > 1:
		return "", &guard.Refusal{Code: guard.InvalidRequest, Err: guard.ErrAmbiguous, Description: "The request has more than one Authorization header."}
	case len(values) == 0 || values[0] == "":
		return "", nil
	}
	words := strings.Split(values[0], " ")
	switch {
	case len(words) != 2:
		return "", &guard.Refusal{Code: guard.InvalidRequest, Err: guard.ErrMalformed, Description: badFormat}
	case !strings.EqualFold(words[0], "Bearer"):
		return "", &guard.Refusal{Code: guard.MissingToken, Err: guard.ErrOtherScheme}
	}
	return words[1], nil
}
