//go:build !race

package browser_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"

	"github.com/jetonauth/jeton/explorer"
)

// The document of an API that has nothing to do with jeton, in YAML and of an older version of OpenAPI.
const foreignDocument = `
openapi: 3.0.3
info: {title: News, version: "1"}
tags: [{name: news}]
paths:
  /news:
    get:
      operationId: listNews
      tags: [news]
      security: [{session: [], visit: []}]
      responses: {"200": {description: The news}}
  /news/{id}:
    put:
      operationId: changeNews
      tags: [news]
      parameters: [{name: id, in: path, required: true, schema: {type: integer}, example: 7}]
      requestBody:
        content:
          application/x-www-form-urlencoded:
            schema: {type: object, required: [title], properties: {title: {type: string}}}
      responses: {"200": {description: Changed}}
components:
  securitySchemes:
    session: {type: http, scheme: Bearer}
    visit: {type: apiKey, in: cookie, name: visit}
`

func TestForeignDocument(t *testing.T) {
	var got struct {
		Title, Said            string
		Refused                []string
		Before, After, Changed map[string]string
	}
	run(t, "foreign.mjs", serveForeign(t), &got)
	if got.Title != "The news" {
		t.Errorf("title %q", got.Title)
	}
	want := []string{"The server answered with status 500.", "The server answered without a token.", "No. email is unknown."}
	if !slices.Equal(got.Refused, want) {
		t.Errorf("refused sign-ins are shown as %q, want %q", got.Refused, want)
	}
	if got.Before["authorization"] != "Bearer secret" || got.Before["cookie"] != "visit=7" {
		t.Errorf("signed in, the page sends %v", got.Before)
	}
	if got.Said != "Your sign-in has expired. Sign in again." || got.After["authorization"] != "" {
		t.Errorf("later the page says %q and sends %v", got.Said, got.After)
	}
	if got.Changed["path"] != "/news/7" || got.Changed["title"] != "a & b" {
		t.Errorf("a form arrives as %v", got.Changed)
	}
}

// serveForeign serves that API, which answers with what it was asked.
func serveForeign(t *testing.T) *server {
	t.Helper()
	e, err := explorer.New(explorer.Config{
		Title: "The news", Document: "../../news.yaml", SignIn: "/sign-in", Refresh: "/never", BasePath: "/docs/api",
	})
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	e.Mount(mux)
	mux.HandleFunc("GET /news.yaml", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/yaml")
		_, _ = w.Write([]byte(foreignDocument))
	})
	mux.HandleFunc("POST /sign-in", signInForeign)
	mux.HandleFunc("/news/", echo)
	mux.HandleFunc("/news", echo)
	listening := httptest.NewServer(mux)
	t.Cleanup(listening.Close)
	return &server{t: t, url: listening.URL}
}

// signInForeign answers as the password says.
func signInForeign(w http.ResponseWriter, r *http.Request) {
	var credentials struct{ Email, Password string }
	if err := json.NewDecoder(r.Body).Decode(&credentials); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	switch credentials.Password {
	case "right":
		_, _ = w.Write([]byte(`{"access_token":"secret","expires_in":900}`))
	case "empty":
		_, _ = w.Write([]byte(`{}`))
	case "fields":
		w.WriteHeader(http.StatusUnprocessableEntity)
		_, _ = w.Write([]byte(`{"title":"No.","errors":[{"pointer":"/email","message":"is unknown"}]}`))
	default:
		http.Error(w, "<h1>no JSON</h1>", http.StatusInternalServerError)
	}
}

func echo(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]string{
		"authorization": r.Header.Get("Authorization"), "cookie": r.Header.Get("Cookie"),
		"path": r.URL.Path, "title": r.FormValue("title"),
	})
}
