package guard_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/guard"
	"github.com/jetonauth/jeton/jetontest"
	"github.com/jetonauth/jeton/jwk"
	"github.com/jetonauth/jeton/jwt"
)

const value = "CFp8Y0W1m0Zk2xg8Zf0m8d1m1Wc2o3J4"

// cookieRequest is one to https://app.example.com with a good token in its cookie.
func cookieRequest(t *testing.T, method, token string, headers ...string) guard.Carrier {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, "https://app.example.com/", http.NoBody)
	r.Header.Set("Cookie", "auth="+token)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	return guard.FromRequest(r)
}

// csrfIssuer returns a verifier, and what makes tokens for it with one more claim.
func csrfIssuer(t *testing.T) (verifier jeton.Verifier, mint func(claim string, value any) string) {
	t.Helper()
	key, err := jwk.Generate(jwk.ES256)
	if err != nil {
		t.Fatal(err)
	}
	verifier, err = jeton.NewVerifier(jeton.VerifierConfig{Issuer: "https://app.example.com", AnyAudience: true, Keys: jwk.Static(key)})
	if err != nil {
		t.Fatal(err)
	}
	return verifier, func(claim string, value any) string {
		claims := jwt.Claims{Issuer: "https://app.example.com", Subject: "user-1", ExpiresAt: time.Now().Add(time.Hour)}
		if claim != "" {
			claims.Extra = map[string]any{claim: value}
		}
		token, err := jwt.Sign(key, "at+jwt", claims)
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
}

func TestCSRF(t *testing.T) {
	t.Parallel()
	verifier, mint := csrfIssuer(t)
	good := mint("csrf", guard.CSRFDigest(value))
	page := mint("page", guard.CSRFDigest(value))
	without := mint("", nil)
	number := mint("csrf", 1)
	empty := mint("csrf", "")
	const header = "X-CSRF-Token"
	standard := guard.CSRF{TrustedOrigins: []string{"https://admin.example.com"}}
	for name, tt := range map[string]struct {
		cfg     guard.CSRF
		method  string
		token   string
		headers []string
		want    error
	}{
		"read":                        {standard, "GET", good, nil, nil},
		"read, from elsewhere":        {standard, "GET", good, []string{"Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example"}, nil},
		"head":                        {standard, "HEAD", good, nil, nil},
		"options":                     {standard, "OPTIONS", good, nil, nil},
		"trace":                       {standard, "TRACE", good, nil, nil},
		"read, nothing to upgrade to": {standard, "GET", good, []string{"Upgrade", " ", "Sec-Fetch-Site", "cross-site"}, nil},
		"change":                      {standard, "POST", good, []string{header, value}, nil},
		"change, same origin":         {standard, "POST", good, []string{header, value, "Sec-Fetch-Site", "same-origin"}, nil},
		"change, origin":              {standard, "DELETE", good, []string{header, value, "Origin", "https://app.example.com"}, nil},
		"change, trusted origin":      {standard, "PUT", good, []string{header, value, "Sec-Fetch-Site", "same-site", "Origin", "https://admin.example.com"}, nil},
		"no value":                    {standard, "POST", good, nil, guard.ErrCSRFValue},
		"no value, same origin":       {standard, "POST", good, []string{"Sec-Fetch-Site", "same-origin"}, guard.ErrCSRFValue},
		"empty value":                 {standard, "POST", good, []string{header, ""}, guard.ErrCSRFValue},
		"wrong value":                 {standard, "POST", good, []string{header, value + "x"}, guard.ErrCSRFValue},
		"the digest itself":           {standard, "POST", good, []string{header, guard.CSRFDigest(value)}, guard.ErrCSRFValue},
		"two values":                  {standard, "POST", good, []string{header, value, header, "other"}, guard.ErrCSRFValue},
		"token without the claim":     {standard, "POST", without, []string{header, value}, guard.ErrCSRFValue},
		"claim that is a number":      {standard, "POST", number, []string{header, value}, guard.ErrCSRFValue},
		"empty claim":                 {standard, "POST", empty, []string{header, ""}, guard.ErrCSRFValue},
		"another site":                {standard, "POST", good, []string{header, value, "Sec-Fetch-Site", "cross-site"}, guard.ErrOrigin},
		"same site":                   {standard, "POST", good, []string{header, value, "Sec-Fetch-Site", "same-site"}, guard.ErrOrigin},
		"another origin":              {standard, "POST", good, []string{header, value, "Origin", "https://evil.example"}, guard.ErrOrigin},
		"null origin":                 {standard, "POST", good, []string{header, value, "Origin", "null"}, guard.ErrOrigin},
		"unknown method":              {standard, "FROB", good, nil, guard.ErrCSRFValue},
		"method in lower case":        {standard, "get", good, nil, guard.ErrCSRFValue},
		"socket":                      {standard, "GET", good, []string{"Upgrade", "websocket", "Origin", "https://app.example.com"}, nil},
		"socket, trusted":             {standard, "GET", good, []string{"Upgrade", "websocket", "Origin", "https://admin.example.com"}, nil},
		"socket, same origin":         {standard, "GET", good, []string{"Upgrade", "websocket", "Sec-Fetch-Site", "same-origin"}, nil},
		"socket from elsewhere":       {standard, "GET", good, []string{"Upgrade", "websocket", "Origin", "https://evil.example"}, guard.ErrOrigin},
		"socket, fetch metadata":      {standard, "GET", good, []string{"Upgrade", "WebSocket", "Sec-Fetch-Site", "cross-site"}, guard.ErrOrigin},
		"socket without origin":       {standard, "GET", good, []string{"Upgrade", "websocket"}, guard.ErrOrigin},
		"socket, second line":         {standard, "GET", good, []string{"Upgrade", "", "Upgrade", "websocket", "Origin", "https://evil.example"}, guard.ErrOrigin},
		"origin only":                 {guard.CSRF{OriginOnly: true}, "POST", without, []string{"Sec-Fetch-Site", "same-origin"}, nil},
		"origin only, from elsewhere": {guard.CSRF{OriginOnly: true}, "POST", without, []string{"Sec-Fetch-Site", "cross-site"}, guard.ErrOrigin},
		"another header":              {guard.CSRF{Headers: []string{"x-a", "x-xsrf-token"}}, "POST", good, []string{"X-XSRF-Token", value}, nil},
		"another header, usual one":   {guard.CSRF{Headers: []string{"x-a"}}, "POST", good, []string{header, value}, guard.ErrCSRFValue},
		"another claim":               {guard.CSRF{Claim: "page"}, "POST", page, []string{header, value}, nil},
		"another claim, usual one":    {guard.CSRF{Claim: "page"}, "POST", good, []string{header, value}, guard.ErrCSRFValue},
		"off":                         {guard.CSRF{Off: true}, "POST", without, []string{"Sec-Fetch-Site", "cross-site"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newGuard(t, guard.Config{Verifier: verifier, Sources: []guard.Source{guard.Bearer(), guard.Cookie("auth")}, CSRF: tt.cfg})
			p, refusal := g.Check(t.Context(), cookieRequest(t, tt.method, tt.token, tt.headers...))
			if tt.want == nil {
				if refusal != nil || p.Subject() != "user-1" {
					t.Errorf("%v, %v", p, refusal)
				}
				return
			}
			if refusal == nil || refusal.Code != guard.ForgedRequest || !errors.Is(refusal, tt.want) || p != nil {
				t.Fatalf("%v, %v; want %v", p, refusal, tt.want)
			}
			answer := g.Answer(refusal)
			said := strings.Contains(string(answer.Body), `"csrf_failed","detail":"The request `)
			if answer.Status != http.StatusForbidden || answer.Header.Get("WWW-Authenticate") != "" || !said {
				t.Errorf("answer %d %v %s", answer.Status, answer.Header, answer.Body)
			}
		})
	}
}

// Other verifiers have to find the same digest. The value and its digest are those of RFC 7636, appendix B.
func TestCSRFDigest(t *testing.T) {
	t.Parallel()
	if got := guard.CSRFDigest("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"); got != "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM" {
		t.Error(got)
	}
}

// A client that says its token explicitly cannot have been made to by another site.
func TestCSRFIsForCookies(t *testing.T) {
	t.Parallel()
	a := jetontest.New(t)
	g := newGuard(t, guard.Config{Verifier: a.Auth, Sources: []guard.Source{guard.Bearer(), guard.Cookie("auth")}})
	token := a.Token("user-1")
	carrier := cookieRequest(t, http.MethodPost, token, "Authorization", "Bearer "+token, "Sec-Fetch-Site", "cross-site")
	if _, refusal := g.Check(t.Context(), carrier); refusal != nil {
		t.Error(refusal)
	}
}

func TestNewNamesTheCSRFField(t *testing.T) {
	t.Parallel()
	for field, cfg := range map[string]guard.CSRF{
		"Config.CSRF.Headers":        {Headers: []string{"X-A", "X B"}},
		"Config.CSRF.TrustedOrigins": {TrustedOrigins: []string{"app.example.com"}},
	} {
		if g, err := guard.New(guard.Config{Verifier: new(seen), CSRF: cfg}); g != nil || err == nil || !strings.HasPrefix(err.Error(), "guard: "+field+": ") {
			t.Errorf("%s: %v", field, err)
		}
	}
}
