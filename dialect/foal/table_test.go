package foal_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/dialect/foal"
	"github.com/jetonauth/jeton/revoke"
)

func encode(t *testing.T, value any) string {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// account is an application's user.
type account struct{ name string }

func findAccount(_ context.Context, id string) (*account, error) {
	if id != "1" {
		return nil, jeton.ErrNotFound
	}
	return &account{"Ada"}, nil
}

// The documented table, row by row, as @foal/jwt 2.11 and 4.4 were seen to answer it: required and optional, in the header and in the cookie.
func TestTable(t *testing.T) {
	t.Parallel()
	good := sign(t, nil)
	tests := map[string]struct {
		change func(*foal.Options)
		token  string
		want   reply
	}{
		"good":        {nil, good, letThrough("hello, 1")},
		"black list":  {blackListed("revoked"), "revoked", unauthorized("jwt revoked")},
		"not a JWT":   {nil, "abc", unauthorized("jwt malformed")},
		"signature":   {nil, good[:len(good)-6] + "AAAAAA", unauthorized("jwt signature")},
		"another key": {nil, signWith(t, newKey(t), jwtClaims()), unauthorized("jwt signature")},
		"expired":     {nil, sign(t, claims{"exp": now.Unix()}), unauthorized("jwt expired")},
		"audience": {
			func(o *foal.Options) { o.Verify.Audience = []string{"xxx"} }, sign(t, claims{"aud": "yyy"}),
			unauthorized("jwt audience invalid. expected: xxx"),
		},
		"issuer": {
			func(o *foal.Options) { o.Verify.Issuer = []string{"xxx"} }, sign(t, claims{"iss": "yyy"}),
			unauthorized("jwt issuer invalid. expected: xxx"),
		},
		"user": {withUser, good, letThrough("hello, 1")},
		"no subject": {
			withUser, sign(t, claims{"sub": nil}),
			unauthorized("The token must include a subject which is the id of the user."),
		},
		"no such user": {withUser, sign(t, claims{"sub": "2"}), unauthorized("The token subject does not match any user.")},
	}
	for name, tt := range tests {
		for _, optional := range []bool{false, true} {
			t.Run(variant(name, optional), func(t *testing.T) {
				t.Parallel()
				o := options()
				if tt.change != nil {
					tt.change(&o)
				}
				ask(t, protect(t, o, optional), withBearer(tt.token)).expect(t, tt.want)
				o.Cookie = true
				ask(t, protect(t, o, optional), withCookie(tt.token)).expect(t, tt.want)
			})
		}
	}
}

func variant(name string, optional bool) string {
	if optional {
		return name + ", optional"
	}
	return name
}

func blackListed(token string) func(*foal.Options) {
	return func(o *foal.Options) {
		o.BlackList = revoke.CheckerFunc(func(_ context.Context, asked revoke.Token) (bool, error) { return asked.Raw == token, nil })
	}
}

func withUser(o *foal.Options) { o.User = foal.Users(findAccount) }

func TestWithoutToken(t *testing.T) {
	t.Parallel()
	token := sign(t, nil)
	for name, tt := range map[string]struct {
		cookie bool
		header http.Header
		want   reply
	}{
		"nothing":             {false, nil, badRequest("Authorization header not found.")},
		"empty header":        {false, http.Header{"Authorization": {""}}, badRequest("Authorization header not found.")},
		"cookie for a header": {false, withCookie(token).header, badRequest("Authorization header not found.")},
		"no cookie":           {true, nil, badRequest("Auth cookie not found.")},
		"empty cookie":        {true, http.Header{"Cookie": {"auth="}}, badRequest("Auth cookie not found.")},
		"other cookie":        {true, http.Header{"Cookie": {"Auth=" + token}}, badRequest("Auth cookie not found.")},
		"header for a cookie": {true, withBearer(token).header, badRequest("Auth cookie not found.")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := options(func(o *foal.Options) { o.Cookie = tt.cookie })
			ask(t, protect(t, o, false), request{header: tt.header}).expect(t, tt.want)
			ask(t, protect(t, o, true), request{header: tt.header}).expect(t, letThrough("hello, stranger"))
		})
	}
}

func TestHeader(t *testing.T) {
	t.Parallel()
	good := sign(t, nil)
	expected := badRequest("Expected a bearer token. Scheme is Authorization: Bearer <token>.")
	for header, want := range map[string]reply{
		"Basic YTpi":            expected,
		"Bearer":                expected,
		"Bearer" + good:         expected,
		"Bearer\t" + good:       expected,
		good:                    expected,
		"Bearer " + good:        letThrough("hello, 1"),
		"Bearer a b":            unauthorized("jwt malformed"),
		"Bearer #":              unauthorized("jwt malformed"),
		"Bearer " + good + " x": unauthorized("invalid token"),
		"Bearer " + good + "==": unauthorized("invalid token"),
	} {
		for _, optional := range []bool{false, true} {
			t.Run(variant(strings.ReplaceAll(header, good, "<token>"), optional), func(t *testing.T) {
				t.Parallel()
				ask(t, protect(t, options(), optional), request{header: http.Header{"Authorization": {header}}}).expect(t, want)
			})
		}
	}
}

// What jsonwebtoken says beside the table: each message once.
func TestTokens(t *testing.T) {
	t.Parallel()
	good := sign(t, nil)
	header, payload := `{"alg":"HS256","typ":"JWT"}`, `{"sub":"1","exp":1893559445}`
	unsigned := good[:strings.LastIndexByte(good, '.')+1]
	for name, tt := range map[string]struct {
		token string
		want  reply
	}{
		"two parts":       {"a.b", unauthorized("jwt malformed")},
		"payload no JSON": {forge(t, header, "junk"), unauthorized("invalid token")},
		"no signature":    {unsigned, unauthorized("jwt signature is required")},
		"alg none":        {forge(t, `{"alg":"none"}`, payload), unauthorized("invalid algorithm")},
		"exp no number":   {forge(t, header, `{"exp":"x"}`), unauthorized("invalid exp value")},
		"nbf no number":   {forge(t, header, `{"nbf":"x","exp":1893559445}`), unauthorized("invalid nbf value")},
		"not yet valid":   {sign(t, claims{"nbf": now.Unix() + 1}), unauthorized("jwt not active")},
		"a key id":        {forge(t, `{"alg":"HS256","kid":"any"}`, payload), letThrough("hello, 1")},
		"no typ":          {forge(t, `{"alg":"HS256"}`, payload), letThrough("hello, 1")},
		"no subject":      {sign(t, claims{"sub": nil}), letThrough("hello, ")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ask(t, protect(t, options(), false), withBearer(tt.token)).expect(t, tt.want)
		})
	}
}

// Where jeton refuses what Foal lets through, or the other way about. CHECKLIST.md has the reasons.
func TestStricter(t *testing.T) {
	t.Parallel()
	good := sign(t, nil)
	header := func(values ...string) request { return request{header: http.Header{"Authorization": values}} }
	noSubject := unauthorized("The token must include a subject which is the id of the user.")
	for name, tt := range map[string]struct {
		cookie bool
		sent   request
		want   reply
	}{
		"scheme in lower case":    {false, header("bearer " + good), letThrough("hello, 1")},
		"several spaces":          {false, header("Bearer  " + good), letThrough("hello, 1")},
		"Bearer somewhere":        {false, header("Basic Bearer " + good), badRequest("Expected a bearer token. Scheme is Authorization: Bearer <token>.")},
		"two headers":             {false, header("Bearer "+good, "Bearer "+good), badRequest("The request has more than one Authorization header.")},
		"two cookies":             {true, withCookie(good + "; auth=" + good), badRequest("The request has more than one cookie with a token.")},
		"cookie in percent signs": {true, withCookie(strings.ReplaceAll(good, ".", "%2E")), unauthorized("jwt malformed")},
		"no expiry":               {false, withBearer(sign(t, claims{"exp": nil})), unauthorized("invalid exp value")},
		"typ of another kind":     {false, withBearer(forge(t, `{"alg":"HS256","typ":"access"}`, `{"exp":1893559445}`)), unauthorized("invalid token")},
		"names twice":             {false, withBearer(forge(t, `{"alg":"HS256","alg":"HS256"}`, `{"exp":1893559445}`)), unauthorized("invalid token")},
		"claims in no object":     {false, withBearer(forge(t, `{"alg":"HS256"}`, `[1]`)), unauthorized("invalid token")},
		"subject is a number":     {false, withBearer(sign(t, claims{"sub": 1})), noSubject},
		"longer than 16 KiB":      {false, withBearer(sign(t, claims{"x": strings.Repeat("x", 17<<10)})), unauthorized("invalid token")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := options(func(o *foal.Options) { o.Cookie = tt.cookie })
			ask(t, protect(t, o, false), tt.sent).expect(t, tt.want)
		})
	}
}

func TestSignatureMessage(t *testing.T) {
	t.Parallel()
	forged := signWith(t, newKey(t), jwtClaims())
	for set, want := range map[string]string{"": foal.JWTSignature, foal.JWTSignature: foal.JWTSignature, foal.InvalidSignature: foal.InvalidSignature} {
		o := options(func(o *foal.Options) { o.SignatureMessage = set })
		ask(t, protect(t, o, false), withBearer(forged)).expect(t, unauthorized(want))
	}
}

// Times are judged by the clock at the moment of the request.
func TestTimePasses(t *testing.T) {
	t.Parallel()
	at := now
	o := options(func(o *foal.Options) { o.Verify.Now = func() time.Time { return at } })
	h := protect(t, o, false)
	token := sign(t, nil)
	ask(t, h, withBearer(token)).expect(t, letThrough("hello, 1"))
	at = now.Add(time.Hour)
	ask(t, h, withBearer(token)).expect(t, unauthorized("jwt expired"))
}
