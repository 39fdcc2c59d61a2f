package proxy_test

import (
	"context"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jetonauth/jeton/api"
	"github.com/jetonauth/jeton/jetontest"
)

// site is a proxy in front of an application, and the jeton that it asks.
type site struct {
	t       *testing.T
	auth    *jetontest.Auth
	jeton   *httptest.Server
	asked   *questions
	reached *atomic.Int64 // how many requests the application got
	address string        // of the proxy
}

// questions are what jeton was asked.
type questions struct {
	mu   sync.Mutex
	list []*http.Request
}

func (q *questions) add(r *http.Request) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.list = append(q.list, r)
}

func (q *questions) forget() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.list = nil
}

// all returns the questions so far, each of which is one that a proxy may ask.
func (q *questions) all(t *testing.T) []*http.Request {
	t.Helper()
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, r := range q.list {
		if r.Method != http.MethodGet || r.URL.Path != "/auth/verify" || r.ContentLength != 0 {
			t.Errorf("jeton was asked %s %s with %d bytes", r.Method, r.RequestURI, r.ContentLength)
		}
	}
	return slices.Clone(q.list)
}

// open starts all of it. The query is that of the proxy's question.
func (p proxy) open(t *testing.T, query string) *site {
	t.Helper()
	s := &site{t: t, auth: jetontest.New(t), asked: &questions{}, reached: new(atomic.Int64)}
	operations, err := api.New(api.Config{
		Auth: s.auth.Auth, TrustedProxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")},
	})
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	operations.Mount(mux)
	s.jeton = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.asked.add(r)
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(s.jeton.Close)
	application := httptest.NewServer(http.HandlerFunc(s.application))
	t.Cleanup(application.Close)
	s.address = p.start(t, s.jeton.Listener.Addr().String(), application.Listener.Addr().String(), query)
	s.asked.forget() // what a proxy was asked to see whether it has started
	return s
}

// seen is what the application says of a request that reached it.
type seen struct {
	Method, Target, Body string
	Header               http.Header
}

func (s *site) application(w http.ResponseWriter, r *http.Request) {
	s.reached.Add(1)
	if strings.EqualFold(r.Header.Get("Upgrade"), "websocket") && strings.EqualFold(r.Header.Get("Connection"), "upgrade") {
		echo(w)
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(seen{r.Method, r.RequestURI, string(body), r.Header})
}

// echo speaks something else than HTTP: it repeats what it is sent.
func echo(w http.ResponseWriter) {
	conn, stream, err := http.NewResponseController(w).Hijack()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"); err == nil {
		_, _ = io.Copy(conn, stream)
	}
}

// answer is what a client gets.
type answer struct {
	t      *testing.T
	status int
	header http.Header
	text   string
}

// send sends a request to the proxy. Names of headers are sent as they are.
func (s *site) send(method, target, body string, header http.Header) answer {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), patience)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, method, "http://"+s.address+target, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	maps.Copy(r.Header, header)
	transport := &http.Transport{DisableKeepAlives: true}
	response, err := transport.RoundTrip(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return answer{s.t, response.StatusCode, response.Header, string(text)}
}

// get asks for a page, with a token unless it is empty, and other headers.
func (s *site) get(token string, header http.Header) answer {
	s.t.Helper()
	return s.send(http.MethodGet, "/", "", withToken(token, header))
}

func withToken(token string, header http.Header) http.Header {
	all := http.Header{}
	maps.Copy(all, header)
	if token != "" {
		all["Authorization"] = []string{"Bearer " + token}
	}
	return all
}

// request returns what the application got, which the request has to have reached.
func (a answer) request() seen {
	a.t.Helper()
	var got seen
	if err := json.Unmarshal([]byte(a.text), &got); err != nil || a.status != http.StatusOK {
		a.t.Fatalf("status %d, %.300s", a.status, a.text)
	}
	return got
}

// cgi returns a header's name as an application may read it: RFC 3875, section 4.1.18, has upper case and _ for -. PHP makes _ of a dot, too,
// and some servers of whatever is neither a letter nor a digit.
func cgi(name string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, strings.ToUpper(name))
}

// expectSeen demands that the request reached the application, with these values of headers about identity, by the names that cgi returns,
// and no others.
func (a answer) expectSeen(identity map[string]string) seen {
	a.t.Helper()
	got := a.request()
	found := map[string][]string{}
	var names []string
	for name, values := range got.Header {
		if variable := cgi(name); strings.HasPrefix(variable, "X_AUTH_") {
			found[variable] = append(found[variable], values...)
			names = append(names, name)
		}
	}
	maps.DeleteFunc(found, func(_ string, values []string) bool { return slices.Equal(values, []string{""}) })
	if !maps.EqualFunc(found, identity, func(values []string, want string) bool { return slices.Equal(values, []string{want}) }) {
		slices.Sort(names)
		a.t.Errorf("the application got %q, from %q, want %q", found, names, identity)
	}
	return got
}

// expectRefused demands an answer of the proxy's or jeton's.
func (a answer) expectRefused(status int, challenge string) {
	a.t.Helper()
	if a.status != status {
		a.t.Errorf("status %d, want %d: %.300s", a.status, status, a.text)
	}
	if got := a.header.Get("WWW-Authenticate"); !strings.HasPrefix(got, challenge) {
		a.t.Errorf("challenge %q, want %q", got, challenge)
	}
	for name := range a.header {
		if strings.HasPrefix(name, "X-Auth-") {
			a.t.Errorf("the client got %s", name)
		}
	}
}

// subject is the identity of a token that says nothing else.
func subject(id string) map[string]string { return map[string]string{"X_AUTH_SUBJECT": id} }
