package guard_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/guard"
)

// answerTo returns the status and the challenge of an answer.
func answerTo(w *httptest.ResponseRecorder) string {
	return strings.TrimSpace(fmt.Sprint(w.Code, " ", w.Header().Get("WWW-Authenticate")))
}

func greet(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("hello")) }

func ExampleScopes() {
	verifier, token := signedIn("ada")

	signedIn := guard.Require(verifier)
	mux := http.NewServeMux()
	mux.Handle("GET /news", signedIn(guard.Scopes("news:read")(http.HandlerFunc(greet))))

	fmt.Println(answerTo(get(mux, token)))
	// Output:
	// 403 Bearer realm="api", error="insufficient_scope", error_description="The access token does not allow this.", scope="news:read"
}

func ExampleRoles() {
	verifier, token := signedIn("ada")
	h := guard.Require(verifier)(guard.Roles("editor", "admin")(http.HandlerFunc(greet)))

	fmt.Println(get(h, token).Code)
	// Output: 403
}

func ExampleAllow() {
	verifier, token := signedIn("ada")

	// What only the application knows: who may do what is often in its own tables.
	onlyAda := guard.Allow(func(_ context.Context, p *jeton.Principal) (bool, error) { return p.Subject() == "ada", nil })
	h := guard.Require(verifier)(onlyAda(http.HandlerFunc(greet)))

	fmt.Println(get(h, token).Body)
	// Output: hello
}

func ExampleUsersBy() {
	verifier, token := signedIn("ada")
	accounts := guard.UsersBy("email", func(_ context.Context, email string) (string, error) { return "account of " + email, nil })
	h := guard.Require(verifier)(accounts.Load(http.HandlerFunc(greet)))

	fmt.Println(get(h, token).Code, "without an e-mail address in the token")
	// Output: 401 without an e-mail address in the token
}

func ExampleCookie() {
	verifier, token := signedIn("ada")
	g, err := guard.New(guard.Config{
		Verifier: verifier,
		Sources:  []guard.Source{guard.Bearer(), guard.Cookie("__Host-session")},
		Logger:   slog.New(slog.DiscardHandler),
	})
	if err != nil {
		panic(err)
	}
	h := g.Wrap(http.HandlerFunc(greet))
	send := func(method, site string) int {
		r := httptest.NewRequest(method, "/news", http.NoBody)
		r.Header.Set("Cookie", "__Host-session="+token)
		r.Header.Set("Sec-Fetch-Site", site)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w.Code
	}

	fmt.Println(send(http.MethodGet, "same-origin"))
	fmt.Println(send(http.MethodPost, "cross-site"))
	// Output:
	// 200
	// 403
}

func ExampleHeader() {
	verifier, token := signedIn("ada")
	g, err := guard.New(guard.Config{Verifier: verifier, Sources: []guard.Source{guard.Header("X-Access-Token")}})
	if err != nil {
		panic(err)
	}
	r := httptest.NewRequest(http.MethodGet, "/news", http.NoBody)
	r.Header.Set("X-Access-Token", token)
	w := httptest.NewRecorder()
	g.Wrap(http.HandlerFunc(greet)).ServeHTTP(w, r)

	fmt.Println(w.Body)
	// Output: hello
}
