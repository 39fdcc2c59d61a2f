package api_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/api"
	"github.com/jetonauth/jeton/guard"
)

// An application's own routes accept the cookies that the operations set: one line makes the guard.
func ExampleAPI_Guard() {
	auth, err := newAuth()
	if err != nil {
		fmt.Println(err)
		return
	}
	operations, err := api.New(api.Config{Auth: auth})
	if err != nil {
		fmt.Println(err)
		return
	}
	signedIn, err := operations.Guard(guard.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	mux := http.NewServeMux()
	operations.Mount(mux)
	mux.Handle("/news", signedIn.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, ok := jeton.FromContext(r.Context())
		fmt.Fprint(w, r.Method, " by somebody: ", ok)
	})))

	// What a browser does for a page: it sends the cookies that it was given, and says where the request comes from.
	var cookies []*http.Cookie
	fetch := func(method, path, body, csrf string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, "https://api.example.com"+path, strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		for _, cookie := range cookies {
			r.AddCookie(cookie)
		}
		if csrf != "" {
			r.Header.Set("X-CSRF-Token", csrf)
		}
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, r)
		return w
	}

	answer := fetch(http.MethodPost, "/auth/signup", `{"email":"ada@example.com","password":"correct horse battery","cookies":true}`, "")
	cookies = answer.Result().Cookies()
	var csrf string
	for _, cookie := range cookies {
		fmt.Println(cookie.Name, "for", cookie.Path)
		if cookie.Name == "__Host-jeton-csrf" {
			csrf = cookie.Value // scripts may read this one
		}
	}
	fmt.Println(fetch(http.MethodGet, "/news", "", "").Body)
	fmt.Println(fetch(http.MethodPost, "/news", "{}", "").Code, "without the CSRF value")
	fmt.Println(fetch(http.MethodPost, "/news", "{}", csrf).Body)
	// Output:
	// __Host-jeton for /
	// __Secure-jeton-refresh for /auth
	// __Host-jeton-csrf for /
	// GET by somebody: true
	// 403 without the CSRF value
	// POST by somebody: true
}

// On a developer's own machine there is no https: the names then have no prefixes.
func ExampleCookies() {
	auth, err := newAuth()
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = api.New(api.Config{Auth: auth, Cookies: api.Cookies{Insecure: true}})
	fmt.Println(err)
	_, err = api.New(api.Config{Auth: auth, Cookies: api.Cookies{Domain: "example.com", Names: api.CookieNames{Access: "__Host-auth"}}})
	fmt.Println(err)
	// Output:
	// api: Config.Cookies.Insecure: only for an issuer that is http on a loopback host, such as http://127.0.0.1:8080, and not "https://api.example.com"
	// api: Config.Cookies.Names.Access: "__Host-auth" has a prefix that allows no Config.Cookies.Domain
}
