package foal_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/dialect/foal"
	"github.com/jetonauth/jeton/jetontest"
	"github.com/jetonauth/jeton/jwk"
	"github.com/jetonauth/jeton/jwt"
)

func withCSRF(o *foal.Options) { o.Cookie, o.CSRF = true, foal.CSRFOn }

// post is a request with cookies, one of which may have a CSRF token, and headers.
func post(token, csrf string, headers ...string) request {
	cookie := "auth=" + token
	if csrf != "" {
		cookie += "; XSRF-TOKEN=" + csrf
	}
	header := http.Header{"Cookie": {cookie}}
	for i := 0; i < len(headers); i += 2 {
		header.Add(headers[i], headers[i+1])
	}
	return request{method: http.MethodPost, header: header}
}

func (r request) with(method, mediaType, body string) request {
	r.method, r.body = method, body
	if mediaType != "" {
		r.header.Set("Content-Type", mediaType)
	}
	return r
}

func TestCSRF(t *testing.T) {
	t.Parallel()
	const form = "application/x-www-form-urlencoded"
	token, good := sign(t, nil), sign(t, claims{"csrfToken": "v"})
	ofOther := sign(t, claims{"csrfToken": "v", "sub": "2"})
	expired := sign(t, claims{"csrfToken": "v", "exp": now.Unix()})
	forged := signWith(t, newKey(t), jwt.Claims{Extra: map[string]any{"csrfToken": "v"}})
	ok, no := letThrough("hello, 1"), forbidden()
	tests := map[string]struct {
		sent request
		want reply
	}{
		"reading":             {post(token, "").with(http.MethodGet, "", ""), ok},
		"HEAD":                {post(token, "").with(http.MethodHead, "", ""), letThrough("")},
		"OPTIONS":             {post(token, "").with(http.MethodOptions, "", ""), ok},
		"TRACE":               {post(token, "").with(http.MethodTrace, "", ""), ok},
		"X-XSRF-Token":        {post(token, good, "X-Xsrf-Token", good), ok},
		"X-CSRF-Token":        {post(token, good, "X-Csrf-Token", good), ok},
		"both headers":        {post(token, good, "X-Csrf-Token", good, "X-Xsrf-Token", good), ok},
		"field of a form":     {post(token, good).with(http.MethodPost, form, "_csrf="+good), ok},
		"member of an object": {post(token, good).with(http.MethodPost, "application/json; charset=utf-8", `{"a":1,"_csrf":"`+good+`"}`), ok},
		"PUT":                 {post(token, good, "X-Csrf-Token", good).with(http.MethodPut, "", ""), ok},
		"neither":             {post(token, ""), no},
		"cookie only":         {post(token, good), no},
		"header only":         {post(token, "", "X-Csrf-Token", good), no},
		"other header":        {post(token, good, "X-Csrf-Token", "x"), no},
		"two values":          {post(token, good, "X-Csrf-Token", good, "X-Csrf-Token", "x"), no},
		"headers differ":      {post(token, good, "X-Csrf-Token", good, "X-Xsrf-Token", "x"), no},
		"two cookies":         {post(token, good+"; XSRF-TOKEN="+good, "X-Csrf-Token", good), no},
		"of another user":     {post(token, ofOther, "X-Csrf-Token", ofOther), no},
		"expired":             {post(token, expired, "X-Csrf-Token", expired), no},
		"forged":              {post(token, forged, "X-Csrf-Token", forged), no},
		"no token at all":     {post(token, "x", "X-Csrf-Token", "x"), no},
		"the access token":    {post(token, token, "X-Csrf-Token", token), no},
		"other field":         {post(token, good).with(http.MethodPost, form, "_csrf=x"), no},
		"empty field":         {post(token, good).with(http.MethodPost, form, "a=1"), no},
		"field in the query":  {post(token, good).with(http.MethodPost, form, ""), no},
		"broken form":         {post(token, good).with(http.MethodPost, form, "_csrf="+good+"&x=%"), no},
		"broken object":       {post(token, good).with(http.MethodPost, "application/json", `{"_csrf":"`+good), no},
		"null":                {post(token, good).with(http.MethodPost, "application/json", `{"_csrf":null}`), no},
		"other media type":    {post(token, good).with(http.MethodPost, "text/plain", "_csrf="+good), no},
		"an object, as text":  {post(token, good).with(http.MethodPost, "text/plain", `{"_csrf":"`+good+`"}`), no},
		"DELETE":              {post(token, good).with(http.MethodDelete, "", ""), no},
		"PATCH":               {post(token, good).with(http.MethodPatch, "", ""), no},
		"an unknown method":   {post(token, good).with("MOVE", "", ""), no},
		"expired token":       {post(sign(t, claims{"exp": now.Unix()}), good, "X-Csrf-Token", good), unauthorized("jwt expired")},
	}
	for name, tt := range tests {
		for _, optional := range []bool{false, true} {
			t.Run(variant(name, optional), func(t *testing.T) {
				t.Parallel()
				ask(t, protect(t, options(withCSRF), optional), tt.sent).expect(t, tt.want)
			})
		}
	}
	nothing := request{method: http.MethodPost, header: http.Header{"X-Csrf-Token": {good}}}
	ask(t, protect(t, options(withCSRF), false), nothing).expect(t, badRequest("Auth cookie not found."))
	ask(t, protect(t, options(withCSRF), true), nothing).expect(t, letThrough("hello, stranger"))
}

// Whether there is protection: the option, or else the settings.
func TestCSRFMode(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		mode      foal.CSRFMode
		setting   bool
		protected bool
	}{
		"by default": {foal.CSRFBySettings, false, false}, "by settings": {foal.CSRFBySettings, true, true},
		"on": {foal.CSRFOn, false, true}, "off": {foal.CSRFOff, true, false},
	} {
		want := letThrough("hello, 1")
		if tt.protected {
			want = forbidden()
		}
		o := options(func(o *foal.Options) { o.Cookie, o.CSRF, o.Settings.CSRF.Enabled = true, tt.mode, tt.setting })
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ask(t, protect(t, o, false), post(sign(t, nil), "")).expect(t, want)
		})
	}
	// In the header the setting means nothing.
	o := options(func(o *foal.Options) { o.Settings.CSRF.Enabled = true })
	ask(t, protect(t, o, false), withBearer(sign(t, nil)).with(http.MethodPost, "", "")).expect(t, letThrough("hello, 1"))
}

// What a browser says to come from elsewhere is refused with and without a CSRF token, and reading is not.
func TestOrigins(t *testing.T) {
	t.Parallel()
	token, csrf := sign(t, nil), sign(t, claims{"csrfToken": "v"})
	for name, tt := range map[string]struct {
		change func(*foal.Options)
		sent   request
		want   reply
	}{
		"same origin":      {nil, post(token, "", "Sec-Fetch-Site", "same-origin"), letThrough("hello, 1")},
		"cross site":       {nil, post(token, "", "Sec-Fetch-Site", "cross-site"), forbidden()},
		"cross site, GET":  {nil, post(token, "", "Sec-Fetch-Site", "cross-site").with(http.MethodGet, "", ""), letThrough("hello, 1")},
		"with CSRF token":  {withCSRF, post(token, csrf, "X-Csrf-Token", csrf, "Sec-Fetch-Site", "cross-site"), forbidden()},
		"other origin":     {nil, post(token, "", "Origin", "https://evil.example.com"), forbidden()},
		"trusted":          {trusted, post(token, "", "Origin", "https://app.example.com", "Sec-Fetch-Site", "same-site"), letThrough("hello, 1")},
		"not that trusted": {trusted, post(token, "", "Origin", "https://app.example.com:8443", "Sec-Fetch-Site", "same-site"), forbidden()},
		"any":              {func(o *foal.Options) { o.AnyOrigin = true }, post(token, "", "Sec-Fetch-Site", "cross-site"), letThrough("hello, 1")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := options(func(o *foal.Options) { o.Cookie = true })
			if tt.change != nil {
				tt.change(&o)
			}
			ask(t, protect(t, o, false), tt.sent).expect(t, tt.want)
		})
	}
}

func trusted(o *foal.Options) { o.TrustedOrigins = []string{"https://app.example.com"} }

// The handler can still read what was looked through for the CSRF token.
func TestBodyStaysReadable(t *testing.T) {
	t.Parallel()
	token, csrf := sign(t, nil), sign(t, claims{"csrfToken": "v"})
	hook, err := foal.JWTRequired(options(withCSRF))
	if err != nil {
		t.Fatal(err)
	}
	h := hook(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if name := r.FormValue("name"); name != "" {
			fmt.Fprint(w, name)
			return
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		fmt.Fprint(w, len(body))
	}))
	form := url.Values{"_csrf": {csrf}, "name": {"Ada"}}.Encode()
	ask(t, h, post(token, csrf).with(http.MethodPost, "application/x-www-form-urlencoded", form)).expect(t, letThrough("Ada"))
	object := `{"_csrf":"` + csrf + `"` + strings.Repeat(" ", 100_000) + `}`
	ask(t, h, post(token, csrf).with(http.MethodPost, "application/json", object)).expect(t, letThrough(fmt.Sprint(len(object))))
	// With the token in a header nobody looks at a body, however long it is.
	long := strings.Repeat("x", 2<<20)
	ask(t, h, post(token, csrf, "X-Csrf-Token", csrf).with(http.MethodPost, "application/json", long)).expect(t, letThrough(fmt.Sprint(len(long))))
	tooLong := `{"x":"` + long + `","_csrf":"` + csrf + `"}`
	ask(t, h, post(token, csrf).with(http.MethodPost, "application/json", tooLong)).expect(t, forbidden())
}

// Scripts can read a CSRF token: with it nobody is signed in.
func TestCSRFTokenIsNoAccessToken(t *testing.T) {
	t.Parallel()
	csrf := sign(t, claims{"csrfToken": "v"})
	ask(t, protect(t, options(), false), withBearer(csrf)).expect(t, unauthorized("invalid token"))
	ask(t, protect(t, options(withCSRF), false), post(csrf, csrf, "X-Csrf-Token", csrf)).expect(t, unauthorized("invalid token"))
}

// CSRF tokens of keys that a function finds, or that stand beside a verifier.
func TestCSRFKeys(t *testing.T) {
	t.Parallel()
	key := newKey(t)
	token := signWith(t, key, jwtClaims())
	csrf := signWith(t, key, jwt.Claims{Issuer: "csrf", Extra: map[string]any{"csrfToken": "v"}})
	fail := errors.New("a secret")
	var found error
	o := options(withCSRF, func(o *foal.Options) {
		o.SecretOrPublicKey = func(_ context.Context, _ jwt.Header, payload map[string]any) (*jwk.Key, error) {
			if payload["iss"] == "csrf" {
				return key, found
			}
			return key, nil
		}
	})
	h := protect(t, o, false)
	ask(t, h, post(token, csrf, "X-Csrf-Token", csrf)).expect(t, letThrough("hello, 1"))
	found = fail
	ask(t, h, post(token, csrf, "X-Csrf-Token", csrf)).expect(t, unavailable())
	found = errors.Join(foal.InvalidToken("no such key"), jeton.ErrUnavailable) // which says nothing about the token
	ask(t, h, post(token, csrf, "X-Csrf-Token", csrf)).expect(t, unavailable())
	found = foal.InvalidToken("no such key")
	ask(t, h, post(token, csrf, "X-Csrf-Token", csrf)).expect(t, forbidden())

	a := jetontest.New(t)
	o = options(withCSRF, func(o *foal.Options) { o.Verifier, o.Verify = a, foal.VerifyOptions{Now: clock} })
	good := sign(t, claims{"csrfToken": "v", "sub": "user-1"})
	ask(t, protect(t, o, false), post(a.Token("user-1"), good, "X-Csrf-Token", good)).expect(t, letThrough("hello, user-1"))
	ask(t, protect(t, o, false), post(a.Token("user-2"), good, "X-Csrf-Token", good)).expect(t, forbidden())
	o.Settings = foal.Settings{}
	if _, err := foal.JWTRequired(o); !errors.Is(err, foal.ErrNoKey) {
		t.Errorf("CSRF without a key: %v", err)
	}
}

// CSRF tokens need not say what access tokens must, and are not excused from what access tokens may be.
func TestCSRFRules(t *testing.T) {
	t.Parallel()
	strict := foal.VerifyOptions{
		Now: clock, Audience: []string{"api"}, Issuer: []string{"me"}, Subject: "1", ID: "x", Nonce: "x", MaxAge: time.Minute,
		IgnoreExpiration: true, IgnoreNotBefore: true, ClockTolerance: time.Minute,
	}
	h := protect(t, options(withCSRF, func(o *foal.Options) { o.Verify = strict }), false)
	access := sign(t, claims{"aud": "api", "iss": "me", "jti": "x", "nonce": "x", "exp": now.Unix() - 9999})
	for seconds, want := range map[int64]reply{3600: letThrough("hello, 1"), -59: letThrough("hello, 1"), -60: forbidden()} {
		csrf := sign(t, claims{"csrfToken": "v", "iat": nil, "exp": now.Unix() + seconds})
		ask(t, h, post(access, csrf, "X-Csrf-Token", csrf)).expect(t, want)
	}
	early := sign(t, claims{"csrfToken": "v", "nbf": now.Unix() + 61})
	ask(t, h, post(access, early, "X-Csrf-Token", early)).expect(t, forbidden())

	h = protect(t, options(withCSRF, func(o *foal.Options) { o.Verify.Types = []string{"at+jwt"} }), false)
	typed, csrf := forge(t, `{"alg":"HS256","typ":"at+jwt"}`, `{"sub":"1","exp":1893559445}`), sign(t, claims{"csrfToken": "v"})
	ask(t, h, post(typed, csrf, "X-Csrf-Token", csrf)).expect(t, letThrough("hello, 1"))

	key := newKey(t, jwk.ES256)
	set, err := jwk.NewSet(key.Public())
	if err != nil {
		t.Fatal(err)
	}
	strict = foal.VerifyOptions{Now: clock, Audience: []string{"api"}, Issuer: []string{"me"}}
	h = protect(t, options(withCSRF, func(o *foal.Options) { o.Keys, o.Verify = set, strict }), false)
	foreign := signWith(t, key, jwt.Claims{Issuer: "me", Audience: []string{"api"}})
	csrf = signWith(t, key, jwt.Claims{Extra: map[string]any{"csrfToken": "v"}})
	ask(t, h, post(foreign, csrf, "X-Csrf-Token", csrf)).expect(t, letThrough("hello, 1"))
}

// Where access tokens are of one algorithm only, CSRF tokens are, too.
func TestCSRFAlgorithms(t *testing.T) {
	t.Parallel()
	key, other := newKey(t), newKey(t, jwk.ES256)
	token := signWith(t, key, jwtClaims())
	csrf := signWith(t, other, jwt.Claims{Extra: map[string]any{"csrfToken": "v"}})
	for _, tt := range []struct {
		allowed []jwk.Algorithm
		want    reply
	}{
		{nil, letThrough("hello, 1")},
		{[]jwk.Algorithm{key.Algorithm(), jwk.ES256}, letThrough("hello, 1")},
		{[]jwk.Algorithm{key.Algorithm()}, forbidden()},
	} {
		o := options(withCSRF, func(o *foal.Options) {
			o.Verify.Algorithms = tt.allowed
			o.SecretOrPublicKey = func(_ context.Context, header jwt.Header, _ map[string]any) (*jwk.Key, error) {
				if header.Algorithm == jwk.ES256 {
					return other.Public(), nil
				}
				return key, nil
			}
		})
		ask(t, protect(t, o, false), post(token, csrf, "X-Csrf-Token", csrf)).expect(t, tt.want)
	}
}

// A sign-in sets cookies, with which a browser then calls the API.
func TestCookies(t *testing.T) {
	t.Parallel()
	yes := true
	for name, settings := range map[string]foal.Settings{
		"secret":   {Secret: secret},
		"encoded":  {Secret: secret, SecretEncoding: "base64"},
		"key pair": keyPair(t),
		"named": {
			SecretOrPublicKey: secret,
			Cookie:            foal.CookieSettings{Name: "sid", Path: "/foo", SameSite: "strict", Domain: "example.com", HTTPOnly: &yes, Secure: &yes},
			CSRF:              foal.CSRFSettings{Cookie: foal.CSRFCookieSettings{Name: "CSRF-Token"}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			settings.CSRF.Enabled = true
			cookies, err := foal.NewCookies(settings)
			if err != nil {
				t.Fatal(err)
			}
			key, err := settings.SigningKey("")
			if err != nil {
				t.Fatal(err)
			}
			w := httptest.NewRecorder()
			if err := cookies.Set(w, signWith(t, key, jwtClaims())); err != nil {
				t.Fatal(err)
			}
			set := w.Result().Cookies()
			if len(set) != 2 {
				t.Fatalf("%d cookies", len(set))
			}
			header := http.Header{"Cookie": {set[0].Name + "=" + set[0].Value + "; " + set[1].Name + "=" + set[1].Value}, "X-Xsrf-Token": {set[1].Value}}
			h := protect(t, options(func(o *foal.Options) { o.Cookie, o.Settings = true, settings }), false)
			ask(t, h, request{method: http.MethodPost, header: header}).expect(t, letThrough("hello, 1"))
			header.Del("X-Xsrf-Token")
			ask(t, h, request{method: http.MethodPost, header: header}).expect(t, forbidden())
		})
	}
}

func keyPair(t *testing.T) foal.Settings {
	t.Helper()
	key := newKey(t, jwk.ES256)
	private, err := key.MarshalPrivatePEM()
	if err != nil {
		t.Fatal(err)
	}
	return foal.Settings{PrivateKey: foal.Secret(private), PublicKey: publicPEM(t, key)}
}

func TestCookieAttributes(t *testing.T) {
	t.Parallel()
	yes, no := true, false
	plain := foal.CookieSettings{HTTPOnly: &no, Secure: &no, SameSite: "none", Path: "/foo", Domain: "example.com", Name: "sid"}
	token := sign(t, nil)
	const until = "; Expires=Wed, 02 Jan 2030 04:04:05 GMT"
	for name, tt := range map[string]struct {
		settings foal.Settings
		set      []string // what the cookies begin with
		removed  []string
	}{
		"by default": {
			foal.Settings{},
			[]string{"auth=" + token + "; Path=/" + until + "; HttpOnly; Secure; SameSite=Lax"},
			[]string{"auth=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Lax"},
		},
		"name of release 1": {
			foal.Settings{CookieName: "old"},
			[]string{"old=" + token + "; Path=/" + until + "; HttpOnly; Secure; SameSite=Lax"},
			[]string{"old=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Lax"},
		},
		"set": {
			foal.Settings{Cookie: plain},
			[]string{"sid=" + token + "; Path=/foo; Domain=example.com" + until + "; SameSite=None"},
			[]string{"sid=; Path=/foo; Domain=example.com; Max-Age=0; SameSite=None"},
		},
		"said": {
			foal.Settings{Cookie: foal.CookieSettings{HTTPOnly: &yes, Secure: &yes, SameSite: "Lax", Path: "/"}},
			[]string{"auth=" + token + "; Path=/" + until + "; HttpOnly; Secure; SameSite=Lax"},
			[]string{"auth=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Lax"},
		},
		"strict": {
			foal.Settings{Cookie: foal.CookieSettings{SameSite: "strict"}},
			[]string{"auth=" + token + "; Path=/" + until + "; HttpOnly; Secure; SameSite=Strict"},
			[]string{"auth=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Strict"},
		},
		"with CSRF token": {
			foal.Settings{Secret: secret, CSRF: foal.CSRFSettings{Enabled: true}},
			[]string{"auth=" + token + "; Path=/" + until + "; HttpOnly; Secure; SameSite=Lax", "XSRF-TOKEN=ey"},
			[]string{"auth=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Lax", "XSRF-TOKEN=; Path=/; Max-Age=0; Secure; SameSite=Lax"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cookies, err := foal.NewCookies(tt.settings)
			if err != nil {
				t.Fatal(err)
			}
			w := httptest.NewRecorder()
			if err := cookies.Set(w, token); err != nil {
				t.Fatal(err)
			}
			expectCookies(t, w, tt.set)
			if last := w.Header().Values("Set-Cookie")[len(tt.set)-1]; strings.HasPrefix(last, "XSRF") && !strings.HasSuffix(last, until+"; Secure; SameSite=Lax") {
				t.Errorf("CSRF cookie %s", last)
			}
			w = httptest.NewRecorder()
			cookies.Remove(w)
			expectCookies(t, w, tt.removed)
		})
	}
}

func expectCookies(t *testing.T, w *httptest.ResponseRecorder, want []string) {
	t.Helper()
	got := w.Header().Values("Set-Cookie")
	if len(got) != len(want) {
		t.Fatalf("cookies %q, want %q", got, want)
	}
	for i := range want {
		if !strings.HasPrefix(got[i], want[i]) {
			t.Errorf("cookie\n got %s\nwant %s", got[i], want[i])
		}
	}
}

// A CSRF token is new each time, and for the subject of the access token.
func TestCSRFTokensDiffer(t *testing.T) {
	t.Parallel()
	cookies, err := foal.NewCookies(foal.Settings{Secret: secret, CSRF: foal.CSRFSettings{Enabled: true}})
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for range 3 {
		w := httptest.NewRecorder()
		if err := cookies.Set(w, sign(t, nil)); err != nil {
			t.Fatal(err)
		}
		seen[w.Result().Cookies()[1].Value] = true
	}
	if len(seen) != 3 {
		t.Errorf("%d different tokens of 3", len(seen))
	}
}

func TestCookiesErrors(t *testing.T) {
	t.Parallel()
	for want, settings := range map[string]foal.Settings{
		"Settings.Cookie.SameSite": {Cookie: foal.CookieSettings{SameSite: "sometimes"}},
		"Settings.Cookie: ":        {Cookie: foal.CookieSettings{Name: "a b"}},
		"Settings.Cookie":          {Cookie: foal.CookieSettings{Domain: "a b"}},
		"there is no key":          {CSRF: foal.CSRFSettings{Enabled: true}},
	} {
		if _, err := foal.NewCookies(settings); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
	cookies, err := foal.NewCookies(foal.Settings{Secret: secret, CSRF: foal.CSRFSettings{Enabled: true}})
	if err != nil {
		t.Fatal(err)
	}
	rsa := signWith(t, newKey(t, jwk.RS256), jwtClaims())
	for _, token := range []string{"", "abc", "a.b.c", sign(t, claims{"exp": nil}), rsa} {
		w := httptest.NewRecorder()
		if err := cookies.Set(w, token); err == nil || len(w.Header()) > 0 {
			t.Errorf("%.20q: %v, %v", token, err, w.Header())
		}
	}
}

var _ jeton.Verifier = (*jetontest.Auth)(nil)
