package explorer_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/jetonauth/jeton/explorer"
)

// An application shows its own OpenAPI document.
func ExampleNew() {
	e, err := explorer.New(explorer.Config{Title: "News", Document: "/openapi.json"})
	if err != nil {
		fmt.Println(err)
		return
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /openapi.json", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, `{"openapi":"3.1.0","info":{"title":"News","version":"1"},"paths":{}}`)
	})
	e.Mount(mux)

	server := httptest.NewServer(mux)
	defer server.Close()
	response, err := http.Get(server.URL + "/explorer")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer response.Body.Close()
	page, err := io.ReadAll(response.Body)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(response.Status, strings.Contains(string(page), "<title>News</title>"))
	// Output: 200 OK true
}

// With the operations that sign in and refresh, the dialogue behind Authorize signs in with an e-mail address and a password.
func ExampleConfig() {
	e, err := explorer.New(explorer.Config{
		Title:    "News",
		Document: "../openapi.json", // begins at the explorer's folder, /internal/docs/
		SignIn:   "/auth/login",
		Refresh:  "/auth/refresh",
		BasePath: "/internal/docs",
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	e.Mount(http.NewServeMux())

	_, err = explorer.New(explorer.Config{Document: "/openapi.json", SignIn: "https://elsewhere.example.com/login"})
	fmt.Println(err)
	// Output: explorer: Config.SignIn: "https://elsewhere.example.com/login", want a path such as "/auth/login"
}
