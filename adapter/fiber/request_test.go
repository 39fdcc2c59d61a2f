package jetonfiber_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v3"

	"github.com/jetonauth/jeton"
	jetonfiber "github.com/jetonauth/jeton/adapter/fiber"
	"github.com/jetonauth/jeton/guard"
	"github.com/jetonauth/jeton/jetontest"
)

// reply is what an app answered.
type reply struct {
	status int
	header http.Header
	body   string
}

// ask returns what app answers to a request with a token, unless that is empty.
func ask(app *fiber.App, method, path, token string) reply {
	request := httptest.NewRequest(method, path, http.NoBody)
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := app.Test(request)
	if err != nil {
		panic(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		panic(err)
	}
	return reply{response.StatusCode, response.Header, string(body)}
}

// Without a verifier, nothing is let through.
func TestNoVerifier(t *testing.T) {
	t.Parallel()
	token := jetontest.New(t).Token("ada")
	var none *jeton.Auth
	for name, h := range map[string]fiber.Handler{
		"require": jetonfiber.Require(nil), "optional": jetonfiber.Optional(nil), "require nil": jetonfiber.Require(none),
	} {
		app := fiber.New()
		app.Get("/", h, func(fiber.Ctx) error { t.Errorf("%s: the handler was called", name); return nil })
		for _, token := range []string{"", token} {
			if got := ask(app, http.MethodGet, "/", token).status; got != http.StatusServiceUnavailable {
				t.Errorf("%s: %d", name, got)
			}
		}
	}
}

// What stands around the guard sees what it answered, who was let in, and the handler's error.
func TestAround(t *testing.T) {
	t.Parallel()
	a := jetontest.New(t)
	var status int
	var known bool
	var failed error
	app := fiber.New()
	app.Use(func(c fiber.Ctx) error {
		failed = c.Next()
		_, known = jeton.FromContext(c.Context())
		status = c.Response().StatusCode()
		return failed
	})
	app.Get("/", jetonfiber.Require(a), func(fiber.Ctx) error { return fiber.ErrConflict })
	if ask(app, http.MethodGet, "/", ""); status != http.StatusUnauthorized || known || failed != nil {
		t.Errorf("refused: status %d, known %t, %v", status, known, failed)
	}
	if got := ask(app, http.MethodGet, "/", a.Token("ada")).status; got != http.StatusConflict || !known || !errors.Is(failed, fiber.ErrConflict) {
		t.Errorf("let through: status %d, known %t, %v", got, known, failed)
	}
}

// The words that were given are the ones that count, whatever becomes of the slice.
func TestWordsAreCopied(t *testing.T) {
	t.Parallel()
	a := jetontest.New(t)
	scopes, roles := []string{"news:write"}, []string{"admin"}
	app := fiber.New()
	done := func(c fiber.Ctx) error { return c.SendStatus(http.StatusOK) }
	app.Get("/scopes", jetonfiber.Require(a), jetonfiber.Scopes(scopes...), done)
	app.Get("/roles", jetonfiber.Require(a), jetonfiber.Roles(roles...), done)
	scopes[0], roles[0] = "news:read", "reader"
	token := a.Token("ada", jetontest.Scopes("news:read"), jetontest.Roles("reader"))
	for _, path := range []string{"/scopes", "/roles"} {
		if got := ask(app, http.MethodGet, path, token).status; got != http.StatusForbidden {
			t.Errorf("%s: %d", path, got)
		}
	}
}

// Fiber keeps a request where it keeps the next one of the connection. What a guard was shown stays as it was.
func TestNothingChangesWithTheNextRequest(t *testing.T) {
	t.Parallel()
	var shown []string
	var principals []*jeton.Principal
	a := jetontest.New(t)
	g, err := guard.New(guard.Config{Verifier: a, Sources: []guard.Source{guard.Bearer(), guard.SourceFunc(func(c guard.Carrier) (string, error) {
		shown = append(shown, c.Method(), c.Host())
		for _, name := range []string{"Authorization", "Cookie", "X-Csrf-Token", "Host", "User-Agent", "Content-Type"} {
			shown = append(shown, c.Header(name)...)
		}
		shown = append(shown, c.Query("q")...)
		return "", nil
	})}})
	if err != nil {
		t.Fatal(err)
	}
	app := fiber.New()
	app.All("/", jetonfiber.Wrap(g), func(c fiber.Ctx) error {
		p, _ := jeton.FromContext(c.Context())
		principals = append(principals, p)
		return nil
	})
	client := &http.Client{Transport: &http.Transport{MaxConnsPerHost: 1}}
	url := listen(t, app)
	defer client.CloseIdleConnections()
	var want []string
	for i, word := range []string{"one", "two", "six"} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/?q="+word+"&q=%20"+word, strings.NewReader(word))
		if err != nil {
			t.Fatal(err)
		}
		token := "Bearer " + a.Token("user-"+word)
		for name, value := range map[string]string{
			"Authorization": token, "Cookie": "a=" + word, "X-Csrf-Token": word, "User-Agent": word, "Content-Type": "text/" + word,
		} {
			request.Header.Set(name, value)
		}
		request.Host = word + ".example.com"
		response, err := client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		if response.Body.Close(); response.StatusCode != http.StatusOK {
			t.Fatalf("request %d: %d", i, response.StatusCode)
		}
		want = append(want, "POST", request.Host, token, "a="+word, word, request.Host, word, "text/"+word, word, " "+word)
	}
	if !slices.Equal(shown, want) {
		t.Errorf("shown, after all requests:\n%q\nwant\n%q", shown, want)
	}
	if got := fmt.Sprint(principals[0].Subject(), principals[1].Subject(), principals[2].Subject()); got != "user-oneuser-twouser-six" {
		t.Errorf("principals, after all requests: %s", got)
	}
}

// Behind a proxy that fiber trusts, the host is what the proxy was asked for; what anybody else says of it does not count.
func TestHost(t *testing.T) {
	t.Parallel()
	for trusted, want := range map[bool]string{true: "news.example.com", false: "127.0.0.1"} {
		var host string
		g, err := guard.New(guard.Config{Verifier: jetontest.New(t), Optional: true, Sources: []guard.Source{
			guard.SourceFunc(func(c guard.Carrier) (string, error) { host = c.Host(); return "", nil }),
		}})
		if err != nil {
			t.Fatal(err)
		}
		app := fiber.New(fiber.Config{TrustProxy: trusted, TrustProxyConfig: fiber.TrustProxyConfig{Loopback: true}})
		app.Get("/", jetonfiber.Wrap(g))
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, listen(t, app), http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("X-Forwarded-Host", "news.example.com")
		client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
		response, err := client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if !strings.HasPrefix(host, want) {
			t.Errorf("trusted %t: host %s, want %s", trusted, host, want)
		}
	}
}

// An answer's headers replace those of the same name, and leave the others.
func TestAnswerReplacesHeaders(t *testing.T) {
	t.Parallel()
	app := fiber.New()
	app.Get("/", func(c fiber.Ctx) error {
		c.Set("Cache-Control", "public")
		c.Set("X-Other", "stays")
		c.Set("Content-Type", "text/html")
		return c.Next()
	}, jetonfiber.Require(jetontest.New(t)))
	got := ask(app, http.MethodGet, "/", "").header
	for name, want := range map[string]string{"Cache-Control": "no-store", "X-Other": "stays", "Content-Type": "application/problem+json"} {
		if values := got.Values(name); !slices.Equal(values, []string{want}) {
			t.Errorf("%s: %q, want %q", name, values, want)
		}
	}
}

type contextKey struct{}

// What stands in front gives the guard a context: its values arrive, and its deadline ends the judging.
func TestContextFromInFront(t *testing.T) {
	t.Parallel()
	a := jetontest.New(t)
	token := a.Token("ada")
	var seen any
	verifier := jeton.VerifierFunc(func(ctx context.Context, token string) (*jeton.Principal, error) {
		seen = ctx.Value(contextKey{})
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		return a.Verify(ctx, token)
	})
	for name, tt := range map[string]struct {
		deadline time.Time
		status   int
	}{"in time": {time.Now().Add(time.Hour), http.StatusOK}, "too late": {time.Now().Add(-time.Hour), http.StatusServiceUnavailable}} {
		with := func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithDeadline(context.WithValue(ctx, contextKey{}, name), tt.deadline)
		}
		app := fiber.New()
		app.Get("/", func(c fiber.Ctx) error {
			ctx, cancel := with(c.Context())
			defer cancel()
			c.SetContext(ctx)
			return c.Next()
		}, jetonfiber.Require(verifier), func(c fiber.Ctx) error {
			if c.Context().Value(contextKey{}) != name {
				t.Errorf("%s: the handler does not see the value", name)
			}
			return nil
		})
		if got := ask(app, http.MethodGet, "/", token).status; got != tt.status || seen != name {
			t.Errorf("%s: %d, the verifier saw %v", name, got, seen)
		}
	}
}
