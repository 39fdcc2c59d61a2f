package foal

import (
	"bytes"
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/dialect/internal/jsonwebtoken"
	"github.com/jetonauth/jeton/guard"
	"github.com/jetonauth/jeton/jwt"
)

// csrfClaim is the claim that a CSRF token has, and no other token.
const csrfClaim = "csrfToken"

// The places in which a request may repeat the CSRF token.
var csrfHeaders = []string{"X-Csrf-Token", "X-Xsrf-Token"}

const csrfField = "_csrf"

// maxJSON is how much of a body of JSON is read for its CSRF token, in bytes.
const maxJSON = 1 << 20

// csrf is Foal's protection: a token in a cookie that scripts can read, signed with the key of the access token and for the same subject,
// which the request must repeat where only a page of this site can write it.
type csrf struct {
	cookie   string
	verifier jeton.Verifier
}

// newCSRFVerifier returns what proves CSRF tokens, which have the keys of access tokens. Of their rules those about the signature and the clock
// hold: whose token it is csrf.check sees, and its type is JWT, whatever access tokens have.
func newCSRFVerifier(cfg jsonwebtoken.Config) (*jsonwebtoken.Verifier, error) {
	access := cfg.Verify
	cfg.Verify = VerifyOptions{
		Algorithms: access.Algorithms, ClockTolerance: access.ClockTolerance, Now: access.Now, AnyAudience: true, AnyIssuer: true,
	}
	return jsonwebtoken.NewVerifier(cfg)
}

// wrap returns middleware for inside a guard.
func (c *csrf) wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx := r.Context()
		if _, signedIn := jeton.FromContext(ctx); signedIn && !readsOnly(r.Method) {
			refusal := guard.CheckPolicy(ctx, func(ctx context.Context, p *jeton.Principal) (bool, error) { return c.check(ctx, r, p) })
			if refusal != nil {
				guard.Of(ctx).Answer(refusal).Write(w)
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

// readsOnly reports whether a method changes nothing (RFC 9110, section 9.2.1).
func readsOnly(method string) bool {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodTrace:
		return true
	default:
		return false
	}
}

// check is a [guard.Policy] about a request.
func (c *csrf) check(ctx context.Context, r *http.Request, p *jeton.Principal) (bool, error) {
	forged := &guard.Refusal{Code: guard.ForgedRequest, Err: guard.ErrCSRFValue}
	cookies := r.CookiesNamed(c.cookie)
	if len(cookies) != 1 || !c.repeats(r, cookies[0].Value) {
		return false, forged
	}
	proved, err := c.verifier.Verify(ctx, cookies[0].Value)
	if _, refused := errors.AsType[*jwt.Refusal](err); refused && !errors.Is(err, jeton.ErrUnavailable) {
		return false, forged
	}
	if err != nil {
		return false, err
	}
	if _, ok := proved.StringClaim(csrfClaim); !ok || proved.Subject() != p.Subject() {
		return false, forged
	}
	return true, nil
}

// repeats reports whether the request has the token in at least one of the places, and no other in any. The body is only looked at if no
// header has one.
func (c *csrf) repeats(r *http.Request, want string) bool {
	var given []string
	for _, name := range csrfHeaders {
		given = append(given, r.Header[name]...)
	}
	if len(given) == 0 {
		given = inBody(r)
	}
	for _, value := range given {
		if subtle.ConstantTimeCompare([]byte(value), []byte(want)) != 1 {
			return false
		}
	}
	return len(given) > 0
}

// inBody returns the tokens that a form or a JSON object has. The handler can read either again: a form in r.PostForm, which net/http bounds
// to 10 MB, and JSON as it came.
func inBody(r *http.Request) []string {
	mediaType, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch {
	case err != nil:
		return nil
	case mediaType == "application/x-www-form-urlencoded" && r.ParseForm() == nil:
		return r.PostForm[csrfField]
	case mediaType == "application/json":
		return inJSON(r)
	}
	return nil
}

// inJSON looks at no more than maxJSON bytes.
func inJSON(r *http.Request) []string {
	text, err := io.ReadAll(io.LimitReader(r.Body, maxJSON))
	r.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(text), r.Body), r.Body}
	var members map[string]json.RawMessage
	var token string
	if err != nil || json.Unmarshal(text, &members) != nil || json.Unmarshal(members[csrfField], &token) != nil {
		return nil
	}
	return []string{token}
}
