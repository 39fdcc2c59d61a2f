//go:build !race

package browser_test

import (
	"crypto/sha1"
	"encoding/base64"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/api"
	"github.com/jetonauth/jeton/guard"
	"github.com/jetonauth/jeton/jetontest"
)

// newsPage is a page whose scripts know jeton's cookies as any page would: by what they can read.
const newsPage = `<!doctype html>
<meta charset="utf-8"><title>News</title><link rel="icon" href="data:,">
<script>
const csrf = () => document.cookie.split('; ').map((c) => c.split('=')).find(([name]) => name.endsWith('jeton-csrf'))?.[1]
async function call(method, path, body) {
  const headers = {}
  if (body !== undefined) headers['Content-Type'] = 'application/json'
  if (method !== 'GET' && csrf()) headers['X-CSRF-Token'] = csrf()
  const answer = await fetch(path, { method, headers, body: JSON.stringify(body) })
  const text = await answer.text()
  return { status: answer.status, body: text.startsWith('{') ? JSON.parse(text) : text }
}
</script>
`

// cookieSite is an application with a page, jeton's operations and routes of its own, at an address on 127.0.0.1. What its routes change
// is counted.
type cookieSite struct {
	auth          *jetontest.Auth
	url           string
	changed, live atomic.Int64
}

// serveCookies starts a site, by https or by http.
func serveCookies(t *testing.T, secure bool) *cookieSite {
	t.Helper()
	s := &cookieSite{}
	mux := http.NewServeMux()
	listening, run := newListening(t, mux, secure)
	s.url = "http://" + listening.Listener.Addr().String()
	if secure {
		s.url = "https" + strings.TrimPrefix(s.url, "http")
	}
	s.auth = jetontest.New(t, func(c *jeton.Config) { c.Issuer = s.url })
	operations, err := api.New(api.Config{Auth: s.auth.Auth, Cookies: api.Cookies{Insecure: !secure}})
	if err != nil {
		t.Fatal(err)
	}
	signedIn, err := operations.Guard(guard.Config{})
	if err != nil {
		t.Fatal(err)
	}
	operations.Mount(mux)
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(newsPage)) })
	mux.Handle("/news", signedIn.Wrap(http.HandlerFunc(s.news)))
	mux.Handle("GET /live", signedIn.Wrap(http.HandlerFunc(s.openSocket)))
	run()
	return s
}

// newListening returns a server that has an address and does not answer before it is run. By https the browser is told not to mind its
// certificate, and complains first.
func newListening(t *testing.T, handler http.Handler, secure bool) (s *httptest.Server, run func()) {
	t.Helper()
	s = httptest.NewUnstartedServer(handler)
	t.Cleanup(s.Close)
	if !secure {
		return s, s.Start
	}
	s.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	return s, s.StartTLS
}

func (s *cookieSite) news(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet {
		s.changed.Add(1)
	}
	me, _ := jeton.FromContext(r.Context())
	_, _ = w.Write([]byte(me.Subject()))
}

// openSocket answers the handshake of a WebSocket (RFC 6455, section 4.2.2) with one message, and ends.
func (s *cookieSite) openSocket(w http.ResponseWriter, r *http.Request) {
	s.live.Add(1)
	connection, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	defer connection.Close()
	sum := sha1.Sum([]byte(r.Header.Get("Sec-WebSocket-Key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	_, _ = buffered.WriteString("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " +
		base64.StdEncoding.EncodeToString(sum[:]) + "\r\n\r\n\x81\x05hello\x88\x00")
	_ = buffered.Flush()
	_, _ = buffered.ReadByte() // until the browser has read it, and closes
}

// serveOther starts what has another origin: another port, which the browser opens by this host name and by another.
func serveOther(t *testing.T, secure bool) (address string) {
	t.Helper()
	handler := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`<!doctype html><meta charset="utf-8"><title>Elsewhere</title><link rel="icon" href="data:,"><body>`))
	})
	listening, run := newListening(t, handler, secure)
	run()
	return listening.URL
}

// serveControl starts what the script makes time pass with.
func (s *cookieSite) serveControl(t *testing.T) (address string) {
	t.Helper()
	listening := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { s.auth.Expire() }))
	t.Cleanup(listening.Close)
	return listening.URL
}

// answered is what the page's script got.
type answered struct {
	Status int
	Body   any
}

// kept is a cookie as the browser has it.
type kept struct {
	Name, Path, SameSite string
	HTTPOnly, Secure     bool
}

// forged is what came of requests of a page elsewhere.
type forged struct {
	Form, Refresh, SignIn, SignOut, StillIn int
	Live, Blind, JSON                       string
}

// cookieReport is what the script prints.
type cookieReport struct {
	Before, WithoutValue, Renamed, Expired, Reloaded, SignedOut, Kept int
	SignedUp, Read, Changed                                           answered
	Cookies, Left                                                     []kept
	Readable, Live                                                    string
	Forged                                                            map[string]forged
	Refreshed, Both, Out                                              []int
	Late                                                              []struct{ SignedIn, Had, Out, Left, Refresh int }
}

func TestCookiesByHTTP(t *testing.T) {
	testCookies(t, false, []kept{
		{"jeton", "/", "Lax", true, false},
		{"jeton-csrf", "/", "Lax", false, false},
		{"jeton-refresh", "/auth", "Strict", true, false},
	})
}

func TestCookiesByHTTPS(t *testing.T) {
	testCookies(t, true, []kept{
		{"__Host-jeton", "/", "Lax", true, true},
		{"__Host-jeton-csrf", "/", "Lax", false, true},
		{"__Secure-jeton-refresh", "/auth", "Strict", true, true},
	})
}

func testCookies(t *testing.T, secure bool, want []kept) {
	t.Helper()
	browser(t)
	s := serveCookies(t, secure)
	var got cookieReport
	run(t, "cookies.mjs", &server{t: t, url: s.url}, &got, "JETON_OTHER="+serveOther(t, secure), "JETON_CONTROL="+s.serveControl(t))

	slices.SortFunc(got.Cookies, func(a, b kept) int { return strings.Compare(a.Name, b.Name) })
	if !slices.Equal(got.Cookies, want) {
		t.Errorf("the browser keeps %+v, want %+v", got.Cookies, want)
	}
	got.signedIn(t, want[1].Name)
	got.refusesOthers(t)
	got.signsOut(t)
	if n := s.changed.Load(); n != 4 { // once alone, once in each of two tabs, once after the reload
		t.Errorf("the news were changed %d times, want 4", n)
	}
	if n := s.live.Load(); n != 1 {
		t.Errorf("%d connections, want 1", n)
	}
}

// signedIn checks what a page of the site itself can do, in one tab and in two.
func (got *cookieReport) signedIn(t *testing.T, csrf string) {
	t.Helper()
	body, _ := got.SignedUp.Body.(map[string]any)
	if got.SignedUp.Status != 201 || body["csrf_token"] == nil || body["access_token"] != nil || body["refresh_token"] != nil {
		t.Errorf("signed up with %d", got.SignedUp.Status)
	}
	if value, _ := body["csrf_token"].(string); got.Readable != csrf+"="+value {
		t.Errorf("scripts can read %q", got.Readable)
	}
	account, _ := body["user"].(map[string]any)
	if got.Before != 401 || got.Read.Status != 200 || got.Read.Body != account["id"] || got.Changed.Status != 200 || got.Renamed != 200 {
		t.Errorf("before %d, read %+v, changed %+v, renamed %d", got.Before, got.Read, got.Changed, got.Renamed)
	}
	if got.WithoutValue != 403 || got.Live != "hello" {
		t.Errorf("without the CSRF value %d, by WebSocket %q", got.WithoutValue, got.Live)
	}
	if got.Expired != 401 || !slices.Equal(got.Refreshed, []int{200, 200}) || !slices.Equal(got.Both, []int{200, 200}) || got.Reloaded != 200 {
		t.Errorf("expired %d, refreshed %v, then %v, reloaded %d", got.Expired, got.Refreshed, got.Both, got.Reloaded)
	}
}

// refusesOthers checks what pages elsewhere can do: nothing. Of another site the browser itself sends no cookies.
func (got *cookieReport) refusesOthers(t *testing.T) {
	t.Helper()
	want := map[string]forged{
		"crossSite": {Form: 401, Refresh: 400, SignIn: 415, SignOut: 403, StillIn: 200, Live: "refused", Blind: "opaque", JSON: "refused"},
		"sameSite":  {Form: 403, Refresh: 403, SignIn: 415, SignOut: 403, StillIn: 200, Live: "refused", Blind: "opaque", JSON: "refused"},
	}
	for name, want := range want {
		if got := got.Forged[name]; got != want {
			t.Errorf("%s:\n got %+v\nwant %+v", name, got, want)
		}
	}
	if got.Kept != 3 {
		t.Errorf("after that the browser keeps %d cookies", got.Kept)
	}
}

func (got *cookieReport) signsOut(t *testing.T) {
	t.Helper()
	if got.SignedOut != 204 || len(got.Left) != 0 || !slices.Equal(got.Out, []int{401, 401}) {
		t.Errorf("signed out with %d, %v is left, and then %v", got.SignedOut, got.Left, got.Out)
	}
	if len(got.Late) != 2 {
		t.Fatalf("late sign-outs: %v", got.Late)
	}
	for i, late := range got.Late {
		if late.SignedIn != 200 || late.Had != 3-i || late.Out != 204 || late.Left != 0 || late.Refresh != 400 {
			t.Errorf("sign-out with %d cookies after the token has expired: %+v", 3-i, late)
		}
	}
}
