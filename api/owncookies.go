package api

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/jetonauth/jeton"
)

// SetCookies puts the tokens of a grant into the cookies that the operations use, for a handler of the application's own that signs people in or
// up, such as one of a form without scripts. The grant is the answer to a request that said Cookies. It is called before the answer's
// status is written.
//
// Where a browser says that another site's page has sent the request, which would sign its user in as somebody else, the error is a
// [guard.Refusal], and nothing is set. A service without cookies has an error that wraps [errors.ErrUnsupported].
func (a *API) SetCookies(w http.ResponseWriter, r *http.Request, grant *jeton.Grant) error {
	if !a.cookies.areThere() {
		return fmt.Errorf("api: there are no cookies here, since %s: %w", a.cookies.unavailable, errors.ErrUnsupported)
	}
	if grant.CSRF == "" || grant.RefreshToken == "" {
		return errors.New("api: a grant for cookies has a refresh token and a CSRF value: say Cookies in the request that it answers")
	}
	if err := a.cookies.sameOrigin(r); err != nil {
		return err
	}
	return a.cookies.set(w.Header(), grant)
}

// RemoveCookies removes the cookies from the browser, for a handler of the application's own that signs people out. It ends no session.
func (a *API) RemoveCookies(w http.ResponseWriter) { a.cookies.clear(w.Header()) }
