package remote_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jetonauth/jeton/jwk/remote"
)

// document answers with a discovery document.
func document(issuer, keys string) http.HandlerFunc {
	body, err := json.Marshal(map[string]string{"issuer": issuer, "jwks_uri": keys})
	if err != nil {
		panic(err)
	}
	return serveBody("", string(body))
}

// routes answers by the whole address; anything else is not found.
func routes(routes map[string]http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, req *http.Request) {
		if handler, ok := routes[req.URL.String()]; ok {
			handler(w, req)
			return
		}
		http.NotFound(w, req)
	}
}

func TestDiscovery(t *testing.T) {
	t.Parallel()
	keys := serve(t, "", newKey(t, "a"))
	const other = "https://keys.other.test/jwks"
	tests := []struct {
		issuer string
		answer map[string]http.HandlerFunc
		asked  []string
	}{
		{
			issuer: issuerURL,
			answer: map[string]http.HandlerFunc{
				"https://issuer.test/.well-known/oauth-authorization-server": document(issuerURL, keysURL),
				"https://issuer.test/.well-known/openid-configuration":       fail,
			},
			asked: []string{"https://issuer.test/.well-known/oauth-authorization-server", keysURL},
		},
		{
			issuer: issuerURL,
			answer: map[string]http.HandlerFunc{"https://issuer.test/.well-known/openid-configuration": document(issuerURL, other)},
			asked: []string{
				"https://issuer.test/.well-known/oauth-authorization-server",
				"https://issuer.test/.well-known/openid-configuration", other,
			},
		},
		{
			issuer: issuerURL + "/",
			answer: map[string]http.HandlerFunc{"https://issuer.test/.well-known/openid-configuration": document(issuerURL+"/", keysURL)},
			asked: []string{
				"https://issuer.test/.well-known/oauth-authorization-server",
				"https://issuer.test/.well-known/openid-configuration", keysURL,
			},
		},
		{
			issuer: issuerURL + ":8443/realms/a%20b",
			answer: map[string]http.HandlerFunc{
				"https://issuer.test:8443/realms/a%20b/.well-known/openid-configuration": document(issuerURL+":8443/realms/a%20b", keysURL),
			},
			asked: []string{
				"https://issuer.test:8443/.well-known/oauth-authorization-server/realms/a%20b",
				"https://issuer.test:8443/realms/a%20b/.well-known/openid-configuration", keysURL,
			},
		},
		{ // the first document is another issuer's, the second is the right one
			issuer: issuerURL + "/tenant",
			answer: map[string]http.HandlerFunc{
				"https://issuer.test/.well-known/oauth-authorization-server/tenant": document(issuerURL, "https://issuer.test/wrong"),
				"https://issuer.test/tenant/.well-known/openid-configuration":       document(issuerURL+"/tenant", keysURL),
			},
			asked: []string{
				"https://issuer.test/.well-known/oauth-authorization-server/tenant",
				"https://issuer.test/tenant/.well-known/openid-configuration", keysURL,
			},
		},
	}
	for i, tt := range tests {
		t.Run(fmt.Sprint(i, " ", tt.issuer), func(t *testing.T) {
			t.Parallel()
			tt.answer[keysURL], tt.answer[other] = keys, keys
			s, transport, err := newWith(t.Context(), remote.Config{Issuer: tt.issuer}, routes(tt.answer))
			if err != nil {
				t.Fatal(err)
			}
			wantIDs(t, verifyingKeys(t, s), "a")
			if !slices.Equal(transport.asked, tt.asked) {
				t.Errorf("asked %q, want %q", transport.asked, tt.asked)
			}
		})
	}
}

func TestDiscoveryRefuses(t *testing.T) {
	t.Parallel()
	keys := serve(t, "", newKey(t, "a"))
	for name, answer := range map[string]http.HandlerFunc{
		"another issuer":             document("https://evil.test", keysURL),
		"a slash more":               document(issuerURL+"/", keysURL),
		"in capitals":                document("https://ISSUER.test", keysURL),
		"no issuer":                  serveBody("", `{"jwks_uri":"`+keysURL+`"}`),
		"ISSUER in place of issuer":  serveBody("", `{"ISSUER":"`+issuerURL+`","jwks_uri":"`+keysURL+`"}`),
		"an issuer that is no text":  serveBody("", `{"issuer":["`+issuerURL+`"],"jwks_uri":"`+keysURL+`"}`),
		"no jwks_uri":                serveBody("", `{"issuer":"`+issuerURL+`"}`),
		"jwks_uri null":              serveBody("", `{"issuer":"`+issuerURL+`","jwks_uri":null}`),
		"jwks_uri number":            serveBody("", `{"issuer":"`+issuerURL+`","jwks_uri":1}`),
		"jwks_uri relative":          document(issuerURL, "/keys"),
		"jwks_uri http":              document(issuerURL, "http://issuer.test/keys"),
		"jwks_uri file":              document(issuerURL, "file:///etc/passwd"),
		"jwks_uri with user":         document(issuerURL, "https://user:pw@issuer.test/keys"),
		"not JSON":                   serveBody("", "<html>"),
		"an array":                   serveBody("", "[]"),
		"null":                       serveBody("", "null"),
		"giant":                      serveBody("", `{"issuer":"`+issuerURL+`","jwks_uri":"`+keysURL+`"}`+strings.Repeat(" ", 1<<20)),
		"server error":               fail,
		"a redirect to another host": http.RedirectHandler("https://evil.test/", http.StatusFound).ServeHTTP,
	} {
		s, transport, err := newWith(t.Context(), remote.Config{Issuer: issuerURL}, routes(map[string]http.HandlerFunc{
			"https://issuer.test/.well-known/oauth-authorization-server": answer,
			"https://issuer.test/.well-known/openid-configuration":       answer,
			keysURL: keys, "http://issuer.test/keys": keys, "https://evil.test/": document(issuerURL, keysURL),
		}))
		if s != nil || !errors.Is(err, remote.ErrUnavailable) {
			t.Errorf("%s: %v, %v", name, s, err)
		}
		if n := transport.requests(); n != 2 {
			t.Errorf("%s: %d requests", name, n)
		}
		if strings.Contains(fmt.Sprint(err), "\n") {
			t.Errorf("%s: the error takes several lines: %v", name, err)
		}
	}
}

func TestKeysMove(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const wellKnown = "https://issuer.test/.well-known/oauth-authorization-server"
		a, b := serve(t, "", newKey(t, "a")), serve(t, "", newKey(t, "b"))
		s, issuer, err := newWith(t.Context(), remote.Config{Issuer: issuerURL},
			routes(map[string]http.HandlerFunc{wellKnown: document(issuerURL, keysURL), keysURL: a}))
		if err != nil {
			t.Fatal(err)
		}
		pass(time.Hour)
		issuer.requests()
		verifyingKeys(t, s)
		synctest.Wait()
		if n := issuer.requests(); n != 1 {
			t.Errorf("discovered again without need: %d requests", n)
		}

		const moved = "https://issuer.test/moved"
		issuer.answer(routes(map[string]http.HandlerFunc{wellKnown: document(issuerURL, moved), moved: b}))
		for range 2 { // one fetch fails, the next discovers
			pass(time.Hour)
			verifyingKeys(t, s)
			synctest.Wait()
		}
		wantIDs(t, verifyingKeys(t, s), "b")

		// Without a failure the address is looked up again after a day.
		issuer.answer(routes(map[string]http.HandlerFunc{wellKnown: document(issuerURL, keysURL), moved: b, keysURL: a}))
		for range 24 {
			pass(time.Hour)
			verifyingKeys(t, s)
			synctest.Wait()
		}
		wantIDs(t, verifyingKeys(t, s), "a")

		// An issuer that turns into another is not believed.
		issuer.answer(routes(map[string]http.HandlerFunc{wellKnown: document("https://evil.test", keysURL), keysURL: b}))
		for range 23 {
			pass(time.Hour)
			verifyingKeys(t, s)
			synctest.Wait()
		}
		pass(2 * time.Hour)
		verifyingKeys(t, s)
		synctest.Wait()
		if set, err := s.RefreshKeys(t.Context(), "c"); err == nil {
			t.Errorf("%v", set)
		}
	})
}

func TestConfig(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		cfg  remote.Config
		want string
	}{
		"nothing":               {remote.Config{}, "Config.Issuer or Config.URL"},
		"http":                  {remote.Config{URL: "http://issuer.test/keys"}, "Config.URL"},
		"no scheme":             {remote.Config{URL: "issuer.test/keys"}, "Config.URL"},
		"no host":               {remote.Config{URL: "https:///keys"}, "Config.URL"},
		"opaque":                {remote.Config{URL: "https:issuer.test"}, "Config.URL"},
		"port only":             {remote.Config{URL: "https://:443/keys"}, "Config.URL"},
		"ftp":                   {remote.Config{URL: "ftp://issuer.test"}, "Config.URL"},
		"user":                  {remote.Config{URL: "https://a:topsecret@issuer.test"}, "Config.URL"},
		"fragment":              {remote.Config{URL: "https://issuer.test/#a"}, "Config.URL"},
		"unreadable":            {remote.Config{URL: "https://a:topsecret@%zz"}, "Config.URL"},
		"looks like loopback":   {remote.Config{URL: "http://localhost.evil.test"}, "Config.URL"},
		"all addresses":         {remote.Config{URL: "http://0.0.0.0"}, "Config.URL"},
		"http issuer":           {remote.Config{Issuer: "http://issuer.test"}, "Config.Issuer"},
		"issuer with query":     {remote.Config{Issuer: "https://issuer.test/?a"}, "Config.Issuer"},
		"issuer with empty one": {remote.Config{Issuer: "https://issuer.test/?"}, "Config.Issuer"},
	} {
		s, transport, err := newWith(t.Context(), tt.cfg, fail)
		if s != nil || !strings.Contains(fmt.Sprint(err), tt.want) || strings.Contains(fmt.Sprint(err), "topsecret") {
			t.Errorf("%s: %v, %v", name, s, err)
		}
		if errors.Is(err, remote.ErrUnavailable) || transport.requests() != 0 {
			t.Errorf("%s: asked all the same: %v", name, err)
		}
	}
	for _, address := range []string{
		"http://localhost:8080/keys", "http://127.0.0.1/keys", "http://127.8.9.1/keys", "http://[::1]:99/keys",
		"http://[::ffff:127.0.0.1]/keys", "https://issuer.test/keys?version=2",
	} {
		if _, _, err := newWith(t.Context(), remote.Config{URL: address}, serve(t, "", newKey(t, "a"))); err != nil {
			t.Errorf("%s: %v", address, err)
		}
	}
}

func TestRedirects(t *testing.T) {
	t.Parallel()
	keys := serve(t, "", newKey(t, "a"))
	to := func(address string) http.HandlerFunc {
		return http.RedirectHandler(address, http.StatusTemporaryRedirect).ServeHTTP
	}
	for name, tt := range map[string]struct {
		start, target string
		follows       bool
	}{
		"same host":             {keysURL, "https://issuer.test/v2/keys", true},
		"relative":              {keysURL, "/v2/keys", true},
		"port spelled out":      {keysURL, "https://issuer.test:443/v2/keys", true},
		"another host":          {keysURL, "https://evil.test/v2/keys", false},
		"a host below":          {keysURL, "https://keys.issuer.test/v2/keys", false},
		"another port":          {keysURL, "https://issuer.test:8443/v2/keys", false},
		"http":                  {keysURL, "http://issuer.test/v2/keys", false},
		"http, port of https":   {keysURL, "http://issuer.test:443/v2/keys", false},
		"loopback":              {keysURL, "http://127.0.0.1/v2/keys", false},
		"user":                  {keysURL, "https://user@issuer.test/v2/keys", false},
		"within loopback":       {"http://localhost/keys", "http://localhost/v2/keys", true},
		"out of loopback":       {"http://localhost/keys", "https://issuer.test/v2/keys", false},
		"loopback with TLS":     {"http://localhost:80/keys", "https://localhost:80/v2/keys", false},
		"another loopback port": {"http://localhost/keys", "http://localhost:81/v2/keys", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, transport, err := newWith(t.Context(), remote.Config{URL: tt.start}, func(w http.ResponseWriter, req *http.Request) {
				if strings.HasPrefix(req.URL.Path, "/v2/") {
					keys(w, req)
					return
				}
				to(tt.target)(w, req)
			})
			if (err == nil) != tt.follows || err != nil && !errors.Is(err, remote.ErrUnavailable) {
				t.Error(err)
			}
			if n := transport.requests(); !tt.follows && n != 1 {
				t.Errorf("%d requests", n)
			}
		})
	}
	_, transport, err := newWith(t.Context(), remote.Config{URL: keysURL}, to(keysURL))
	if !errors.Is(err, remote.ErrUnavailable) || transport.requests() != 6 {
		t.Errorf("a loop: %v", err)
	}
}

func TestClientIsAskedAboutRedirects(t *testing.T) {
	t.Parallel()
	refused := errors.New("no redirects here")
	client := &http.Client{
		Transport:     &inProcess{handler: http.RedirectHandler("/v2", http.StatusFound).ServeHTTP},
		CheckRedirect: func(*http.Request, []*http.Request) error { return refused },
	}
	_, err := remote.New(t.Context(), remote.Config{URL: keysURL, Client: client})
	if !errors.Is(err, refused) {
		t.Error(err)
	}
}

// Once over a real socket, with TLS: the wiring.
func TestOverTLS(t *testing.T) {
	t.Parallel()
	mux := http.NewServeMux()
	server := httptest.NewTLSServer(mux)
	defer server.Close()
	a, b := newKey(t, "a"), newKey(t, "b")
	mux.HandleFunc("/.well-known/openid-configuration", document(server.URL, server.URL+"/keys"))
	answer := make(chan http.HandlerFunc, 2)
	answer <- serve(t, "max-age=60", a)
	answer <- serve(t, "max-age=60", b)
	mux.HandleFunc("/keys", func(w http.ResponseWriter, req *http.Request) { (<-answer)(w, req) })

	s, err := remote.New(t.Context(), remote.Config{Issuer: server.URL, Client: server.Client()})
	if err != nil {
		t.Fatal(err)
	}
	wantIDs(t, verifyingKeys(t, s), "a")
	set, err := s.RefreshKeys(t.Context(), "b")
	if err != nil {
		t.Fatal(err)
	}
	wantIDs(t, set, "b")
	if _, err := remote.Discover(t.Context(), server.URL); !errors.Is(err, remote.ErrUnavailable) {
		t.Errorf("a certificate that nobody vouches for is accepted: %v", err)
	}
}
