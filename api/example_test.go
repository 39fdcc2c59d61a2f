package api_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/api"
	"github.com/jetonauth/jeton/guard"
	"github.com/jetonauth/jeton/jwk"
	"github.com/jetonauth/jeton/store/memory"
)

func newAuth() (*jeton.Auth, error) {
	key, err := jwk.Generate(jwk.ES256)
	if err != nil {
		return nil, err
	}
	return jeton.New(jeton.Config{
		Issuer: "https://api.example.com", Keys: jwk.Static(key), Store: memory.New(), Logger: slog.New(slog.DiscardHandler),
	})
}

// An application mounts the operations beside its own routes, which a guard protects.
func ExampleMount() {
	auth, err := newAuth()
	if err != nil {
		fmt.Println(err)
		return
	}
	mux := http.NewServeMux()
	api.Mount(mux, auth)
	mux.Handle("GET /news", guard.Require(auth)(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, "all is well")
	})))

	server := httptest.NewServer(mux)
	defer server.Close()
	client := server.Client()
	client.Timeout = 30 * time.Second
	send := func(method, path, token, body string) *http.Response {
		r, err := http.NewRequestWithContext(context.Background(), method, server.URL+path, strings.NewReader(body))
		if err != nil {
			panic(err)
		}
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Authorization", "Bearer "+token)
		response, err := client.Do(r)
		if err != nil {
			panic(err)
		}
		return response
	}

	response := send(http.MethodPost, "/auth/signup", "", `{"email":"ada@example.com","password":"correct horse battery"}`)
	fmt.Println(response.Status)
	var tokens struct {
		AccessToken string `json:"access_token"`
		ExpiresIn   int    `json:"expires_in"`
	}
	if err := json.NewDecoder(response.Body).Decode(&tokens); err != nil {
		fmt.Println(err)
	}
	response.Body.Close()
	fmt.Println("for", tokens.ExpiresIn, "seconds")

	response = send(http.MethodGet, "/news", tokens.AccessToken, "")
	fmt.Println(response.Status)
	response.Body.Close()
	// Output:
	// 201 Created
	// for 900 seconds
	// 200 OK
}

// What differs from the defaults goes through New. The document can be shown, or given to a generator of clients.
func ExampleNew() {
	auth, err := newAuth()
	if err != nil {
		fmt.Println(err)
		return
	}
	operations, err := api.New(api.Config{Auth: auth, Title: "Accounts of Example", Version: "2.1"})
	if err != nil {
		fmt.Println(err)
		return
	}
	operations.Mount(http.NewServeMux())
	var document struct {
		OpenAPI string
		Info    struct{ Title string }
	}
	if err := json.Unmarshal(operations.OpenAPI(), &document); err != nil {
		fmt.Println(err)
	}
	fmt.Println(document.OpenAPI, document.Info.Title)
	// Output: 3.1.0 Accounts of Example
}

// A service that cannot verify tokens by itself asks what one is worth, with the credentials of a service client.
func Example_introspection() {
	auth, err := newAuth()
	if err != nil {
		fmt.Println(err)
		return
	}
	mux := http.NewServeMux()
	api.Mount(mux, auth)

	ctx := context.Background()
	secret, err := auth.AddServiceClient(ctx, "news", []string{jeton.ScopeIntrospect})
	if err != nil {
		fmt.Println(err)
		return
	}
	token, err := auth.Issue(ctx, "ada", jeton.IssueOptions{Scopes: []string{"news:read"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	ask := func() {
		body := strings.NewReader(url.Values{"token": {token}}.Encode())
		r := httptest.NewRequestWithContext(ctx, http.MethodPost, "/oauth/introspect", body)
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.SetBasicAuth("news", secret)
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, r)
		var answer struct {
			Active     bool
			Sub, Scope string
		}
		if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
			fmt.Println(err)
		}
		fmt.Println(w.Code, answer.Active, answer.Sub, answer.Scope)
	}
	ask()
	p, err := auth.Verify(ctx, token)
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := auth.RevokeToken(ctx, p, jeton.Client{}); err != nil {
		fmt.Println(err)
	}
	ask()
	// Output:
	// 200 true ada news:read
	// 200 false
}
