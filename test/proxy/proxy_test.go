package proxy_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/jetontest"
)

// eachProxy runs a test in front of every proxy.
func eachProxy(t *testing.T, query string, test func(s *site)) {
	t.Helper()
	for _, p := range proxies {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			test(p.open(t, query))
		})
	}
}

func TestIdentity(t *testing.T) {
	t.Parallel()
	eachProxy(t, "", func(s *site) {
		in := s.auth.SignUp("ada@example.com")
		got := s.send(http.MethodPut, "/a%2Fb/c?x=1&access_token=y&scope=z", "text", withToken(in.AccessToken, nil)).
			expectSeen(map[string]string{"X_AUTH_SUBJECT": in.User.ID, "X_AUTH_SESSION": in.Session.ID})
		if got.Method != http.MethodPut || got.Target != "/a%2Fb/c?x=1&access_token=y&scope=z" || got.Body != "text" {
			s.t.Errorf("the application got %s %s %q", got.Method, got.Target, got.Body)
		}
		token := s.auth.Token("ada", jetontest.Roles("editor", "chief"), jetontest.Scopes("news:read", "news:write"))
		s.get(token, nil).expectSeen(map[string]string{
			"X_AUTH_SUBJECT": "ada", "X_AUTH_ROLES": "editor,chief", "X_AUTH_SCOPE": "news:read news:write",
		})
		if err := s.auth.SignOut(s.t.Context(), jeton.SignOutRequest{Token: in.AccessToken}); err != nil {
			s.t.Fatal(err)
		}
		s.get(in.AccessToken, nil).expectRefused(401, `Bearer realm="api", error="invalid_token"`)
	})
}

// Whose a request is cannot be made to say something else by what the token says.
func TestStrangeSubjects(t *testing.T) {
	t.Parallel()
	eachProxy(t, "", func(s *site) {
		for id, want := range map[string]string{
			"Zoë":                             "Zo%C3%AB",
			" root":                           "%20root",
			"50%":                             "50%25",
			"x\r\nX-Auth-Roles: admin\r\n":    "x%0D%0AX-Auth-Roles:%20admin%0D%0A",
			"x\nX-Auth-Roles: admin\r\n\r\n{": "x%0AX-Auth-Roles:%20admin%0D%0A%0D%0A{",
			"{http.request.host}":             "{http.request.host}",
			"$http_authorization":             "$http_authorization",
			"x\x00y":                          "x%00y",
		} {
			s.get(s.auth.Token(id), nil).expectSeen(subject(want))
		}
	})
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	eachProxy(t, "", func(s *site) {
		good, expired := s.auth.Token("ada"), s.auth.Token("ada", jetontest.TTL(time.Second))
		s.auth.Advance(2 * time.Minute)
		const bad = `Bearer realm="api", error="invalid_token"`
		s.get("", nil).expectRefused(401, `Bearer realm="api"`)
		s.get("x", nil).expectRefused(401, bad)
		s.get(good[:len(good)-8]+"AAAAAAAA", nil).expectRefused(401, bad)
		s.get(jetontest.New(s.t).Token("ada"), nil).expectRefused(401, bad)
		s.get(expired, nil).expectRefused(401, bad+`, error_description="The access token has expired."`)
		s.get("", http.Header{"Authorization": {"Bearer a b"}}).expectRefused(401, `Bearer realm="api", error="invalid_request"`)
		s.get("", http.Header{"Authorization": {"Basic YTpi"}}).expectRefused(401, `Bearer realm="api"`)
		s.send(http.MethodPost, "/", "text", nil).expectRefused(401, `Bearer realm="api"`)
		if a := s.get("", http.Header{"Authorization": {"Bearer " + good, "Bearer " + good}}); a.status != 400 && a.status != 401 {
			s.t.Errorf("two Authorization headers: %d", a.status)
		}
		if n := s.reached.Load(); n != 0 {
			s.t.Errorf("%d requests reached the application", n)
		}
		s.get(good, nil).expectSeen(subject("ada"))
		if a := s.send(http.MethodGet, "/_verify", "", withToken(good, nil)); a.header.Get("X-Auth-Subject") != "" {
			s.t.Errorf("the question can be asked from outside: %v", a.header)
		}
	})
}

// What a client says of the question does not change it.
func TestForgedQuestion(t *testing.T) {
	t.Parallel()
	eachProxy(t, "scope=news:write", func(s *site) {
		writer := s.auth.Token("ada", jetontest.Scopes("news:read", "news:write"))
		reader := s.auth.Token("bob", jetontest.Scopes("news:read"))
		all := http.Header{
			"X-Original-Uri": {"/auth/verify?scope=news:read"}, "X-Original-Method": {"OPTIONS"}, "X-Forwarded-Uri": {"/?scope=news:read"},
			"X-Forwarded-Method": {"OPTIONS"}, "X-Forwarded-Host": {"evil.example.com"}, "X-Forwarded-For": {"127.0.0.1"},
			"X-Rewrite-Url": {"/"}, "X-Http-Method-Override": {"OPTIONS"}, "X-Accel-Redirect": {"/"},
		}
		ada := map[string]string{"X_AUTH_SUBJECT": "ada", "X_AUTH_SCOPE": "news:read news:write"}
		s.get(writer, nil).expectSeen(ada)
		s.get(writer, all).expectSeen(ada)
		reached := s.reached.Load()
		s.get(reader, nil).expectRefused(403, "")
		s.get(reader, all).expectRefused(403, "")
		s.send(http.MethodGet, "/?scope=news:read", "", withToken(reader, nil)).expectRefused(403, "")
		s.send(http.MethodOptions, "/", "", withToken(reader, nil)).expectRefused(403, "")
		if n := s.reached.Load(); n != reached {
			s.t.Errorf("%d requests reached the application", n-reached)
		}
	})
}

// jeton is told what the request is, as it judges cookies by, whatever a client says of it.
func TestQuestion(t *testing.T) {
	t.Parallel()
	eachProxy(t, "", func(s *site) {
		const target, origin = "/a%20b?x=1", "https://evil.example.com"
		s.send(http.MethodPut, target, "text", withToken(s.auth.Token("ada"), http.Header{
			"X-Original-Method": {"GET"}, "X-Forwarded-Method": {"GET"}, "X-Original-Uri": {"/"}, "X-Forwarded-Uri": {"/"},
			"X-Forwarded-Host": {"evil.example.com"}, "Origin": {origin}, "Sec-Fetch-Site": {"cross-site"}, "Cookie": {"a=1; b=2"},
		})).expectSeen(subject("ada"))
		asked := s.asked.all(s.t)[0].Header
		for names, want := range map[[2]string]string{
			{"X-Original-Method", "X-Forwarded-Method"}: http.MethodPut, {"X-Original-Uri", "X-Forwarded-Uri"}: target,
			{"X-Forwarded-Host"}: s.address, {"Origin"}: origin, {"Sec-Fetch-Site"}: "cross-site", {"Cookie"}: "a=1; b=2",
		} {
			if !slices.Equal(asked[names[0]], []string{want}) && !slices.Equal(asked[names[1]], []string{want}) {
				s.t.Errorf("jeton was told %s %q, %s %q, want %q", names[0], asked[names[0]], names[1], asked[names[1]], want)
			}
		}
	})
}

// A mistake in the configuration, and a jeton that is not there, let nobody through.
func TestNobodyToAsk(t *testing.T) {
	t.Parallel()
	eachProxy(t, "scopes=news:write", func(s *site) {
		token := s.auth.Token("ada", jetontest.Scopes("news:write"))
		if a := s.get(token, nil); a.status != http.StatusServiceUnavailable || a.header.Get("Retry-After") != "1" {
			s.t.Errorf("a broken question: %d, %v", a.status, a.header)
		}
		s.jeton.CloseClientConnections()
		s.jeton.Close()
		for range 3 {
			if a := s.get(token, nil); a.status < 500 {
				s.t.Errorf("jeton is stopped: %d", a.status)
			}
			if a := s.get("", nil); a.status < 500 {
				s.t.Errorf("jeton is stopped, and there is no token: %d", a.status)
			}
		}
		if n := s.reached.Load(); n != 0 {
			s.t.Errorf("%d requests reached the application", n)
		}
	})
}

func TestBodies(t *testing.T) {
	t.Parallel()
	eachProxy(t, "", func(s *site) {
		body := strings.Repeat("GET / HTTP/1.1\r\nHost: x\r\n\r\n", 30_000) // nginx keeps 1 MB by default
		for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
			got := s.send(method, "/upload", body, withToken(s.auth.Token("ada"), http.Header{"Content-Type": {"text/plain"}})).
				expectSeen(subject("ada"))
			if got.Method != method || got.Body != body || got.Header.Get("Content-Type") != "text/plain" {
				s.t.Errorf("the application got %s with %d bytes of %q", got.Method, len(got.Body), got.Header.Get("Content-Type"))
			}
		}
		if n := len(s.asked.all(s.t)); n != 4 {
			s.t.Errorf("jeton was asked %d times", n)
		}
	})
}

func TestLargeHeaders(t *testing.T) {
	t.Parallel()
	eachProxy(t, "", func(s *site) {
		var roles []string
		for i := range 150 {
			roles = append(roles, fmt.Sprintf("role-%050d", i))
		}
		token := s.auth.Token("ada", jetontest.Roles(roles...))
		if len(token) < 10_000 {
			s.t.Fatalf("the token has %d bytes", len(token))
		}
		large := strings.Repeat("x", 20_000)
		got := s.get(token, http.Header{"X-Large": {large}}).
			expectSeen(map[string]string{"X_AUTH_SUBJECT": "ada", "X_AUTH_ROLES": strings.Join(roles, ",")})
		if got.Header.Get("X-Large") != large {
			s.t.Errorf("the application got %d bytes of another header", len(got.Header.Get("X-Large")))
		}
	})
}

func TestWebSocket(t *testing.T) {
	t.Parallel()
	eachProxy(t, "", func(s *site) {
		if status, _ := s.upgrade(""); status != 401 {
			s.t.Errorf("without a token: %d", status)
		}
		if n := s.reached.Load(); n != 0 {
			s.t.Errorf("%d handshakes reached the application", n)
		}
		status, said := s.upgrade("Authorization: Bearer " + s.auth.Token("ada") + "\r\n")
		if status != 101 || said != "hello" {
			s.t.Errorf("with a token: %d, %q", status, said)
		}
		for _, question := range s.asked.all(s.t) {
			if question.Header.Get("Sec-Websocket-Version") == "" {
				s.t.Errorf("jeton was not told of the handshake: %v", question.Header)
			}
		}
	})
}

// upgrade opens a WebSocket, says hello, and returns what comes back.
func (s *site) upgrade(header string) (status int, said string) {
	s.t.Helper()
	dialer := net.Dialer{Timeout: patience}
	conn, err := dialer.DialContext(s.t.Context(), "tcp", s.address)
	if err != nil {
		s.t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		s.t.Fatal(err)
	}
	handshake := fmt.Sprintf("GET /live HTTP/1.1\r\nHost: %s\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"+
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n%s\r\n", s.address, header)
	if _, err := io.WriteString(conn, handshake); err != nil {
		s.t.Fatal(err)
	}
	reader := bufio.NewReader(conn)
	response, err := http.ReadResponse(reader, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusSwitchingProtocols {
		return response.StatusCode, ""
	}
	if _, err := io.WriteString(conn, "hello"); err != nil {
		s.t.Fatal(err)
	}
	text := make([]byte, 5)
	if _, err := io.ReadFull(reader, text); err != nil {
		s.t.Fatal(err)
	}
	return response.StatusCode, string(text)
}
