package api_test

import (
	"maps"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/guard"
)

// browser is one that a server is reached with by https, and which keeps its cookies.
type browser struct {
	*server
	jar  *cookiejar.Jar
	bare *server // the same without the cookies
}

// site serves the operations by https, below a path, and beside them /news, which only who is signed in may read or change.
func (s *server) site(path string) (address string, client *http.Client) {
	s.t.Helper()
	g, err := s.api.Guard(guard.Config{})
	if err != nil {
		s.t.Fatal(err)
	}
	mux, operations := http.NewServeMux(), s.mux(s.t)
	mux.Handle("/", http.StripPrefix(path, operations))
	news := g.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		me, _ := jeton.FromContext(r.Context())
		_, _ = w.Write([]byte(me.Subject()))
	}))
	mux.HandleFunc(path+"/news", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Request-Id", "that of the application")
		news.ServeHTTP(w, r)
	})
	running := httptest.NewTLSServer(mux)
	s.t.Cleanup(running.Close)
	return running.URL + path, running.Client()
}

// browse opens a browser at a site of the server's own.
func (s *server) browse() *browser {
	s.t.Helper()
	address, client := s.site("")
	return s.browseAt(address, client)
}

func (s *server) browseAt(address string, client *http.Client) *browser {
	s.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.t.Fatal(err)
	}
	own, by, bare := *client, *s, *s
	own.Jar = jar
	by.url, by.round, bare.url, bare.round = address, own.Do, address, client.Do
	return &browser{&by, jar, &bare}
}

// fetch sends a request as a page of the server does: with the cookies, the origin and, unless it only reads, the CSRF value.
func (b *browser) fetch(method, path, body string) answer {
	b.t.Helper()
	header := b.fromHere()
	if value := b.cookies("/")["__Host-jeton-csrf"]; method != http.MethodGet && value != "" {
		header.Set("X-CSRF-Token", value)
	}
	return b.send(request{method: method, path: path, body: body, header: header})
}

// fromHere is what a browser says of where a request of a page of the server comes from.
func (b *browser) fromHere() http.Header {
	u, err := url.Parse(b.url)
	if err != nil {
		b.t.Fatal(err)
	}
	return http.Header{"Origin": {u.Scheme + "://" + u.Host}, "Sec-Fetch-Site": {"same-origin"}}
}

// cookies are those that the browser would send to a path.
func (b *browser) cookies(path string) map[string]string {
	b.t.Helper()
	u, err := url.Parse(b.url + path)
	if err != nil {
		b.t.Fatal(err)
	}
	values := map[string]string{}
	for _, cookie := range b.jar.Cookies(u) {
		values[cookie.Name] = cookie.Value
	}
	return values
}

// setCookie gives the browser a cookie.
func (b *browser) setCookie(cookie *http.Cookie) {
	b.t.Helper()
	u, err := url.Parse(b.url + "/auth")
	if err != nil {
		b.t.Fatal(err)
	}
	b.jar.SetCookies(u, []*http.Cookie{cookie})
}

// signUp makes the account that most tests use, and signs the browser in.
func (b *browser) signUp() cookieGrant {
	b.t.Helper()
	return b.fetch(http.MethodPost, "/auth/signup", object("email", email, "password", password, "name", "Ada", "cookies", true)).
		expect(http.StatusCreated).cookieGrant()
}

func (b *browser) signIn() cookieGrant {
	b.t.Helper()
	return b.fetch(http.MethodPost, "/auth/login", object("email", email, "password", password, "cookies", true)).
		expect(http.StatusOK).cookieGrant()
}

// cookieGrant is the answer to who wants the tokens in cookies.
type cookieGrant struct {
	CSRFToken string   `json:"csrf_token"`
	ExpiresIn int      `json:"expires_in"`
	SessionID string   `json:"session_id"`
	Scope     string   `json:"scope"`
	User      *account `json:"user"`
}

func (a answer) cookieGrant() (g cookieGrant) {
	a.t.Helper()
	a.decode(&g)
	return g
}

// setCookies returns the Set-Cookie headers with "…" in place of the values, and the values.
func (a answer) setCookies() (lines []string, values map[string]string) {
	values = map[string]string{}
	for _, line := range a.header["Set-Cookie"] {
		pair, attributes, _ := strings.Cut(line, "; ")
		name, value, _ := strings.Cut(pair, "=")
		if value != "" {
			values[name], value = value, "…"
		}
		lines = append(lines, name+"="+value+"; "+attributes)
	}
	return lines, values
}

// expectCookies demands these Set-Cookie headers.
func (a answer) expectCookies(want ...string) answer {
	a.t.Helper()
	if got, _ := a.setCookies(); !slices.Equal(got, want) {
		a.t.Errorf("cookies\n got %q\nwant %q", got, want)
	}
	return a
}

// What is set by default, and what removes it.
var (
	defaultCookies = []string{
		"__Host-jeton=…; Path=/; Max-Age=900; HttpOnly; Secure; SameSite=Lax",
		"__Secure-jeton-refresh=…; Path=/auth; Max-Age=2592000; HttpOnly; Secure; SameSite=Strict",
		"__Host-jeton-csrf=…; Path=/; Max-Age=2592000; Secure; SameSite=Lax",
	}
	clearedCookies = []string{
		"__Host-jeton=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Lax",
		"__Secure-jeton-refresh=; Path=/auth; Max-Age=0; HttpOnly; Secure; SameSite=Strict",
		"__Host-jeton-csrf=; Path=/; Max-Age=0; Secure; SameSite=Lax",
	}
)

// expectSignedIn demands that the browser's cookies let it in, or not.
func (b *browser) expectSignedIn(want bool) {
	b.t.Helper()
	status := http.StatusUnauthorized
	if want {
		status = http.StatusOK
	}
	b.fetch(http.MethodGet, "/auth/me", "").expect(status)
	b.fetch(http.MethodGet, "/news", "").expect(status)
}

// with returns a copy of a header with more in it.
func with(header http.Header, namesAndValues ...string) http.Header {
	copied := maps.Clone(header)
	if copied == nil {
		copied = http.Header{}
	}
	for pair := range slices.Chunk(namesAndValues, 2) {
		copied[http.CanonicalHeaderKey(pair[0])] = []string{pair[1]}
	}
	return copied
}

// expectRefusedForgery demands that a request was refused for where it comes from, and left the cookies alone.
func (a answer) expectRefusedForgery(t *testing.T) {
	t.Helper()
	a.t = t
	a.expectProblem(http.StatusForbidden, "csrf_failed")
	a.expectCookies()
}
