package express_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/dialect/express"
	"github.com/jetonauth/jeton/guard"
	"github.com/jetonauth/jeton/revoke"
)

const (
	noToken   = "No authorization token was found"
	badFormat = "Format is Authorization: Bearer [token]"
)

// withCodes answers with the code, too, as an error handler of an application's own can.
func withCodes(o *express.Options) {
	o.Unauthorized = func(err *express.UnauthorizedError) guard.Answer {
		return guard.Answer{
			Status: http.StatusUnauthorized,
			Header: http.Header{"Content-Type": {"application/json; charset=utf-8"}, "Www-Authenticate": {"Bearer realm=\"api\""}},
			Body:   fmt.Appendf(nil, `{"status":%q,"code":%q}`, err.Message, err.Code),
		}
	}
}

func coded(code, reason string) reply {
	return reply{status: http.StatusUnauthorized, body: fmt.Sprintf(`{"status":%q,"code":%q}`, reason, code)}
}

func optional(o *express.Options) { o.CredentialsOptional = true }

// What express-jwt 8.5 was seen to answer to each form of the header, with credentialsRequired and without.
func TestHeader(t *testing.T) {
	t.Parallel()
	good := sign(t, nil)
	through, stranger := letThrough("hello, 1"), letThrough("hello, stranger")
	required, scheme, format := coded("credentials_required", noToken), coded("credentials_bad_scheme", badFormat), coded("credentials_bad_format", badFormat)
	for name, tt := range map[string]struct {
		header             []string
		required, optional reply
	}{
		"none":               {nil, required, stranger},
		"empty":              {[]string{""}, required, stranger},
		"Basic":              {[]string{"Basic YTpi"}, scheme, stranger},
		"Token":              {[]string{"Token x"}, scheme, stranger},
		"Basic alone":        {[]string{"Basic"}, format, format},
		"three words":        {[]string{"Digest a, b"}, format, format},
		"Bearer alone":       {[]string{"Bearer"}, format, format},
		"no scheme":          {[]string{good}, format, format},
		"two spaces":         {[]string{"Bearer  " + good}, format, format},
		"two tokens":         {[]string{"Bearer a b"}, format, format},
		"no space":           {[]string{"Bearer" + good}, format, format},
		"a tab":              {[]string{"Bearer\t" + good}, format, format},
		"two headers":        {[]string{"Bearer " + good, "Bearer " + good}, format, format},
		"Bearer":             {[]string{"Bearer " + good}, through, through},
		"bearer":             {[]string{"bearer " + good}, through, through},
		"BEARER":             {[]string{"BEARER " + good}, through, through},
		"not a token":        {[]string{"Bearer #"}, coded("invalid_token", "jwt malformed"), coded("invalid_token", "jwt malformed")},
		"padding at the end": {[]string{"Bearer " + good + "=="}, coded("invalid_token", "invalid token"), coded("invalid_token", "invalid token")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ask(t, protect(t, options(withCodes)), withHeader(tt.header...)).expect(t, tt.required)
			ask(t, protect(t, options(withCodes, optional)), withHeader(tt.header...)).expect(t, tt.optional)
		})
	}
}

// What jsonwebtoken says: each message once.
func TestTokens(t *testing.T) {
	t.Parallel()
	good := sign(t, nil)
	header, payload := `{"alg":"HS256","typ":"JWT"}`, `{"sub":"1","exp":1893559445}`
	for name, tt := range map[string]struct {
		token string
		want  reply
	}{
		"good":            {good, letThrough("hello, 1")},
		"a key id":        {forge(`{"alg":"HS256","kid":"any"}`, payload), letThrough("hello, 1")},
		"no typ":          {forge(`{"alg":"HS256"}`, payload), letThrough("hello, 1")},
		"not a JWT":       {"abc", unauthorized("jwt malformed")},
		"payload no JSON": {forge(header, "junk"), unauthorized("invalid token")},
		"no signature":    {good[:strings.LastIndexByte(good, '.')+1], unauthorized("jwt signature is required")},
		"signature":       {good[:len(good)-6] + "AAAAAA", unauthorized("invalid signature")},
		"alg none":        {forge(`{"alg":"none"}`, payload), unauthorized("invalid algorithm")},
		"exp no number":   {forge(header, `{"exp":"x"}`), unauthorized("invalid exp value")},
		"nbf no number":   {forge(header, `{"nbf":"x","exp":1893559445}`), unauthorized("invalid nbf value")},
		"expired":         {sign(t, claims{"exp": now.Unix()}), unauthorized("jwt expired")},
		"not yet valid":   {sign(t, claims{"nbf": now.Unix() + 1}), unauthorized("jwt not active")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ask(t, protect(t, options()), withBearer(tt.token)).expect(t, tt.want)
			ask(t, protect(t, options(optional)), withBearer(tt.token)).expect(t, tt.want)
		})
	}
}

// Where jeton refuses what express-jwt lets through. CHECKLIST.md has the reasons.
func TestStricter(t *testing.T) {
	t.Parallel()
	preflight := request{method: http.MethodOptions, header: http.Header{
		"Origin": {"https://app.example.com"}, "Access-Control-Request-Method": {"GET"}, "Access-Control-Request-Headers": {"authorization"},
	}}
	for name, tt := range map[string]struct {
		sent request
		want reply
	}{
		"no expiry":           {withBearer(sign(t, claims{"exp": nil})), unauthorized("invalid exp value")},
		"typ of another kind": {withBearer(forge(`{"alg":"HS256","typ":"access"}`, `{"exp":1893559445}`)), unauthorized("invalid token")},
		"names twice":         {withBearer(forge(`{"alg":"HS256","alg":"HS256"}`, `{"exp":1893559445}`)), unauthorized("invalid token")},
		"claims in no object": {withBearer(forge(`{"alg":"HS256"}`, `[1]`)), unauthorized("invalid token")},
		"subject is a number": {withBearer(sign(t, claims{"sub": 1})), unauthorized("invalid token")},
		"longer than 16 KiB":  {withBearer(sign(t, claims{"x": strings.Repeat("x", 17<<10)})), unauthorized("invalid token")},
		"preflight":           {preflight, unauthorized(noToken)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ask(t, protect(t, options()), tt.sent).expect(t, tt.want)
		})
	}
}

func TestIsRevoked(t *testing.T) {
	t.Parallel()
	var asked []revoke.Token
	o := options(withCodes, func(o *express.Options) {
		o.IsRevoked = revoke.CheckerFunc(func(_ context.Context, token revoke.Token) (bool, error) {
			asked = append(asked, token)
			if token.ID == "lost" {
				return true, errors.New("a secret")
			}
			return token.ID == "stolen", nil
		})
	})
	h := protect(t, o)
	named := sign(t, claims{"jti": "good", "sid": "session-1"})
	ask(t, h, withBearer(named)).expect(t, letThrough("hello, 1"))
	ask(t, h, withBearer(sign(t, claims{"jti": "stolen"}))).expect(t, coded("revoked_token", "The token has been revoked."))
	ask(t, h, withBearer(sign(t, claims{"jti": "lost"}))).expect(t, unavailable())
	// Only what is good otherwise is asked about.
	ask(t, h, withBearer(sign(t, claims{"jti": "stolen", "exp": now.Unix()}))).expect(t, coded("invalid_token", "jwt expired"))
	ask(t, h, withBearer("abc")).expect(t, coded("invalid_token", "jwt malformed"))
	want := revoke.Token{Raw: named, ID: "good", Session: "session-1"}
	if len(asked) != 3 || asked[0] != want {
		t.Errorf("asked %d times, first about %+v", len(asked), asked[0])
	}
}

func TestOnExpired(t *testing.T) {
	t.Parallel()
	broken := errors.New("a secret")
	var seen []*express.UnauthorizedError
	o := options(withCodes, func(o *express.Options) {
		o.OnExpired = func(_ context.Context, err *express.UnauthorizedError) error {
			seen = append(seen, err)
			switch age := now.Sub(err.ExpiredAt); {
			case age < 5*time.Second:
				return nil
			case age < time.Minute:
				return err
			case age < time.Hour:
				return &express.UnauthorizedError{Code: "too_old", Message: "Sign in again."}
			default:
				return broken
			}
		}
		o.Verify.Audience = []string{"api"}
		o.IsRevoked = revoke.CheckerFunc(func(_ context.Context, token revoke.Token) (bool, error) { return token.ID == "stolen", nil })
	})
	h := protect(t, o)
	expired := func(seconds int64, c claims) request {
		all := claims{"exp": now.Unix() - seconds, "aud": "api"}
		maps.Copy(all, c)
		return withBearer(sign(t, all))
	}
	ask(t, h, expired(-1, nil)).expect(t, letThrough("hello, 1"))
	ask(t, h, expired(4, nil)).expect(t, letThrough("hello, 1"))
	ask(t, h, expired(5, nil)).expect(t, coded("invalid_token", "jwt expired"))
	ask(t, h, expired(100, nil)).expect(t, coded("too_old", "Sign in again."))
	ask(t, h, expired(5000, nil)).expect(t, internal())
	if len(seen) != 4 || seen[0].Code != express.CodeInvalidToken || seen[0].Message != "jwt expired" || !seen[0].ExpiredAt.Equal(now.Add(-4*time.Second)) {
		t.Errorf("asked %d times, first about %+v", len(seen), seen[0])
	}
	// What is let through is held to all other rules, unlike with express-jwt.
	ask(t, h, expired(1, claims{"aud": "other"})).expect(t, coded("invalid_token", "jwt audience invalid. expected: api"))
	ask(t, h, expired(1, claims{"jti": "stolen"})).expect(t, coded("revoked_token", "The token has been revoked."))
	ask(t, h, expired(1, claims{"nbf": now.Unix() + 60})).expect(t, coded("invalid_token", "jwt not active"))
	forged := sign(t, claims{"exp": now.Unix() - 1, "aud": "api"})
	ask(t, h, withBearer(forged[:len(forged)-6]+"AAAAAA")).expect(t, coded("invalid_token", "invalid signature"))
}

func TestSources(t *testing.T) {
	t.Parallel()
	good := sign(t, nil)
	from := func(sources ...guard.Source) express.Options {
		return options(withCodes, func(o *express.Options) { o.Sources = sources })
	}
	function := guard.SourceFunc(func(c guard.Carrier) (string, error) {
		switch values := c.Header("X-Token"); {
		case len(values) == 0:
			return "", nil
		case values[0] == "own":
			return "", &express.UnauthorizedError{Code: "bad_day", Message: "Not today."}
		case values[0] == "down":
			return "", fmt.Errorf("tokens: %w", jeton.ErrUnavailable)
		case values[0] == "broken":
			return "", errors.New("a secret")
		default:
			return values[0], nil
		}
	})
	header := func(name, value string) request { return request{header: http.Header{name: {value}}} }
	for name, tt := range map[string]struct {
		o    express.Options
		sent request
		want reply
	}{
		"query":               {from(guard.Query("token")), request{path: "/?token=" + good}, letThrough("hello, 1")},
		"query, not there":    {from(guard.Query("token")), withBearer(good), coded("credentials_required", noToken)},
		"query, twice":        {from(guard.Query("token")), request{path: "/?token=" + good + "&token=" + good}, coded("credentials_bad_format", badFormat)},
		"header or query":     {from(guard.Bearer(), guard.Query("token")), withBearer(good), letThrough("hello, 1")},
		"header's scheme":     {from(guard.Bearer(), guard.Query("token")), withHeader("Basic x"), coded("credentials_bad_scheme", badFormat)},
		"function":            {from(function), header("X-Token", good), letThrough("hello, 1")},
		"function, nothing":   {from(function), request{}, coded("credentials_required", noToken)},
		"function, refusing":  {from(function), header("X-Token", "own"), coded("bad_day", "Not today.")},
		"function, down":      {from(function), header("X-Token", "down"), unavailable()},
		"function, broken":    {from(function), header("X-Token", "broken"), internal()},
		"cookie":              {from(guard.Cookie("token")), header("Cookie", "token="+good), letThrough("hello, 1")},
		"cookie, cross site":  {from(guard.Cookie("token")), request{http.MethodPost, "", http.Header{"Cookie": {"token=" + good}, "Sec-Fetch-Site": {"cross-site"}}, ""}, status(http.StatusForbidden, "The request comes from another site.")},
		"cookie, unprotected": {from(guard.Cookie("token")), request{http.MethodPost, "", http.Header{"Cookie": {"token=" + good}}, ""}, status(http.StatusForbidden, "The request does not repeat the CSRF value of its session, or a wrong one.")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ask(t, protect(t, tt.o), tt.sent).expect(t, tt.want)
		})
	}
	originOnly := from(guard.Cookie("token"))
	originOnly.CSRF = guard.CSRF{OriginOnly: true}
	ask(t, protect(t, originOnly), request{http.MethodPost, "", http.Header{"Cookie": {"token=" + good}}, ""}).expect(t, letThrough("hello, 1"))
}

func TestUnless(t *testing.T) {
	t.Parallel()
	o := options(func(o *express.Options) {
		o.Unless = func(r *http.Request) bool {
			return r.URL.Path == "/index.html" || r.URL.Path == "/" && slices.Contains([]string{http.MethodGet, http.MethodPut}, r.Method)
		}
	})
	h := protect(t, o)
	for path, want := range map[string]reply{
		"GET /index.html": letThrough("hello, stranger"), "POST /index.html": letThrough("hello, stranger"), "GET /": letThrough("hello, stranger"),
		"PUT /": letThrough("hello, stranger"), "POST /": unauthorized(noToken), "GET /other": unauthorized(noToken), "GET /index.html/": unauthorized(noToken),
		"OPTIONS /other": unauthorized(noToken),
	} {
		method, path, _ := strings.Cut(path, " ")
		ask(t, h, request{method: method, path: path}).expect(t, want)
	}
}

func TestClaims(t *testing.T) {
	t.Parallel()
	middleware, err := express.JWT(options(optional))
	if err != nil {
		t.Fatal(err)
	}
	h := middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		all := express.Claims(r.Context())
		user, ok := express.UserOf[express.User](r.Context())
		id, isText := express.UserOf[string](r.Context())
		if p, signedIn := jeton.FromContext(r.Context()); signedIn != (all != nil) || signedIn && p.Subject() != all["sub"] {
			t.Errorf("principal %v, claims %v", p, all)
		}
		fmt.Fprintf(w, "%v %v, %s %t, %s %t", all["admin"], all["level"], user.Email, ok, id, isText)
	}))
	ask(t, h, withBearer(sign(t, claims{"admin": true, "level": 7, "user": claims{"id": "1", "email": "ada@example.com"}}))).
		expect(t, letThrough("true 7, ada@example.com true,  false"))
	ask(t, h, withBearer(sign(t, claims{"user": "ada"}))).expect(t, letThrough("<nil> <nil>,  false, ada true"))
	ask(t, h, withBearer(sign(t, nil))).expect(t, letThrough("<nil> <nil>,  false,  false"))
	ask(t, h, request{}).expect(t, letThrough("<nil> <nil>,  false,  false"))
}

// What is inside the guard answers in the same form.
func TestPermissionsInside(t *testing.T) {
	t.Parallel()
	middleware, err := express.JWT(options(optional))
	if err != nil {
		t.Fatal(err)
	}
	users := guard.Users(func(_ context.Context, subject string) (string, error) {
		switch subject {
		case "1":
			return "Ada", nil
		case "2":
			return "", jeton.ErrNotFound
		case "3":
			return "", &guard.Refusal{Code: guard.InvalidToken, Description: "Your account is closed."}
		default:
			return "", errors.New("a secret")
		}
	})
	h := middleware(users.Load(guard.Scopes("news:read")(http.HandlerFunc(hello))))
	ask(t, h, request{}).expect(t, unauthorized(noToken))
	ask(t, h, withBearer(sign(t, nil))).expect(t, status(http.StatusForbidden, "The access token does not allow this."))
	ask(t, h, withBearer(sign(t, claims{"scope": "news:read"}))).expect(t, letThrough("hello, 1"))
	ask(t, h, withBearer(sign(t, claims{"sub": "2"}))).expect(t, unauthorized("invalid token"))
	ask(t, h, withBearer(sign(t, claims{"sub": "3"}))).expect(t, unauthorized("Your account is closed."))
	got := ask(t, h, withBearer(sign(t, claims{"sub": "4"})))
	got.expect(t, unavailable())
	if got.header.Get("Retry-After") != "1" {
		t.Error("no Retry-After")
	}
}
