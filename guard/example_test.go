package guard_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/guard"
	"github.com/jetonauth/jeton/jwk"
	"github.com/jetonauth/jeton/jwt"
)

// signedIn returns a verifier and a token that it accepts. An application has a *jeton.Auth, or a verifier whose keys it discovers.
func signedIn(subject string) (verifier jeton.Verifier, token string) {
	key, err := jwk.Generate(jwk.ES256)
	if err != nil {
		panic(err)
	}
	verifier, err = jeton.NewVerifier(jeton.VerifierConfig{
		Issuer: "https://issuer.example.com", Audience: []string{"news"}, Keys: jwk.Static(key),
	})
	if err != nil {
		panic(err)
	}
	token, err = jwt.Sign(key, "at+jwt", jwt.Claims{
		Issuer: "https://issuer.example.com", Audience: []string{"news"}, Subject: subject,
		ExpiresAt: time.Now().Add(15 * time.Minute),
	})
	if err != nil {
		panic(err)
	}
	return verifier, token
}

// get asks h for /news, with a token unless it is empty.
func get(h http.Handler, token string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, "/news", http.NoBody)
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func ExampleRequire() {
	verifier, token := signedIn("ada")

	listNews := func(w http.ResponseWriter, r *http.Request) {
		me, _ := jeton.FromContext(r.Context()) // always there behind Require
		w.Write([]byte("news for " + me.Subject()))
	}
	mux := http.NewServeMux()
	mux.Handle("GET /news", guard.Require(verifier)(http.HandlerFunc(listNews)))

	fmt.Println(get(mux, token).Body)
	fmt.Println(get(mux, "").Header().Get("WWW-Authenticate"))
	fmt.Println(get(mux, "forged").Body)
	// Output:
	// news for ada
	// Bearer realm="api"
	// {"title":"Unauthorized","status":401,"code":"invalid_token","detail":"The access token is malformed, revoked or otherwise invalid."}
}

func ExampleOptional() {
	verifier, token := signedIn("ada")

	h := guard.Optional(verifier)(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if me, ok := jeton.FromContext(r.Context()); ok {
			w.Write([]byte("news for " + me.Subject()))
			return
		}
		w.Write([]byte("news for everybody"))
	}))

	fmt.Println(get(h, token).Body)
	fmt.Println(get(h, "").Body)
	fmt.Println(get(h, "forged").Code)
	// Output:
	// news for ada
	// news for everybody
	// 401
}

func ExampleNew() {
	verifier, _ := signedIn("ada")

	g, err := guard.New(guard.Config{
		Verifier: verifier,
		Realm:    "news",
		Logger:   slog.New(slog.DiscardHandler),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	h := g.Wrap(http.NotFoundHandler())
	fmt.Println(get(h, "").Header().Get("WWW-Authenticate"))

	_, err = guard.New(guard.Config{})
	fmt.Println(err)
	// Output:
	// Bearer realm="news"
	// guard: Config.Verifier: needed, such as a *jeton.Auth or what jeton.NewVerifier returns
}

func ExampleUsers() {
	verifier, token := signedIn("user-1")

	type Reader struct{ Name string }
	readers := map[string]*Reader{"user-1": {Name: "Ada"}}
	users := guard.Users(func(_ context.Context, subject string) (*Reader, error) {
		if reader, ok := readers[subject]; ok {
			return reader, nil
		}
		return nil, jeton.ErrNotFound
	})

	h := guard.Require(verifier)(users.Load(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		me, _ := users.From(r.Context()) // a *Reader
		w.Write([]byte("hello, " + me.Name))
	})))

	fmt.Println(get(h, token).Body)
	delete(readers, "user-1")
	fmt.Println(get(h, token).Code)
	// Output:
	// hello, Ada
	// 401
}

func ExampleAnswererFunc() {
	verifier, _ := signedIn("ada")

	plain := guard.AnswererFunc(func(r *guard.Refusal) guard.Answer {
		return guard.Answer{
			Status: r.Status(),
			Header: http.Header{"Content-Type": {"text/plain"}, "WWW-Authenticate": {r.Challenge()}},
			Body:   []byte("no: " + r.Code),
		}
	})
	g, err := guard.New(guard.Config{Verifier: verifier, Answerer: plain})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(get(g.Wrap(http.NotFoundHandler()), "").Body)
	// Output:
	// no: missing_token
}

// queued is a message of a queue, whose headers carry the token of who sent it.
type queued struct {
	headers map[string][]string
	text    string
}

func (q queued) Method() string              { return "" }
func (q queued) Host() string                { return "" }
func (q queued) Header(name string) []string { return q.headers[name] }
func (q queued) Query(string) []string       { return nil }

func ExampleGuard_Check() {
	verifier, token := signedIn("ada")
	g, err := guard.New(guard.Config{Verifier: verifier})
	if err != nil {
		fmt.Println(err)
		return
	}

	for _, q := range []queued{
		{map[string][]string{"Authorization": {"Bearer " + token}}, "print"},
		{map[string][]string{"Authorization": {"Bearer " + token + "A"}}, "delete"},
		{nil, "delete"},
	} {
		principal, refusal := g.Check(context.Background(), q)
		if refusal != nil {
			fmt.Println(q.text, "refused:", refusal.Code)
			continue
		}
		fmt.Println(q.text, "for", principal.Subject())
	}
	// Output:
	// print for ada
	// delete refused: invalid_token
	// delete refused: missing_token
}
