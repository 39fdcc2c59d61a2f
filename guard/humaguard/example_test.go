package humaguard_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/guard"
	"github.com/jetonauth/jeton/guard/humaguard"
	"github.com/jetonauth/jeton/jwk"
	"github.com/jetonauth/jeton/store/memory"
)

func newAuth() *jeton.Auth {
	key, err := jwk.Generate(jwk.ES256)
	if err != nil {
		panic(err)
	}
	auth, err := jeton.New(jeton.Config{
		Issuer: "https://api.example.com", Keys: jwk.Static(key), Store: memory.New(), Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		panic(err)
	}
	return auth
}

type newsList struct {
	Body struct {
		For  string   `json:"for"`
		News []string `json:"news"`
	}
}

// One line puts an operation behind the guard, and into the document.
func ExampleProtect() {
	auth := newAuth()
	g, err := guard.New(guard.Config{Verifier: auth})
	if err != nil {
		fmt.Println(err)
		return
	}
	mux := http.NewServeMux()
	api := humago.New(mux, huma.DefaultConfig("News", "1.0.0"))

	listNews := huma.Operation{OperationID: "listNews", Method: http.MethodGet, Path: "/news"}
	huma.Register(api, humaguard.Protect(api.OpenAPI(), listNews, g, humaguard.Scopes("news:read")),
		func(ctx context.Context, _ *struct{}) (*newsList, error) {
			me, _ := jeton.FromContext(ctx) // always there behind a guard that is not optional
			var list newsList
			list.Body.For, list.Body.News = me.Subject(), []string{"all is well"}
			return &list, nil
		})

	get := func(scopes ...string) {
		token, err := auth.Issue(context.Background(), "ada", jeton.IssueOptions{Scopes: scopes})
		if err != nil {
			fmt.Println(err)
			return
		}
		r := httptest.NewRequest(http.MethodGet, "/news", http.NoBody)
		r.Header.Set("Authorization", "Bearer "+token)
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, r)
		var answer struct{ For, Code string }
		if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
			fmt.Println(err)
		}
		fmt.Printf("%d %q %q\n", w.Code, answer.For, answer.Code)
	}
	get("news:read")
	get()
	fmt.Println(api.OpenAPI().Paths["/news"].Get.Security)
	// Output:
	// 200 "ada" ""
	// 403 "" "insufficient_scope"
	// [map[bearer:[news:read]]]
}

// A group is protected at once, and its handlers find the application's own user.
func ExampleProtectGroup() {
	auth := newAuth()
	g, err := guard.New(guard.Config{Verifier: auth})
	if err != nil {
		fmt.Println(err)
		return
	}
	users := guard.Users(func(_ context.Context, subject string) (string, error) {
		if subject != "1815" {
			return "", jeton.ErrNotFound
		}
		return "Ada Lovelace", nil
	})

	mux := http.NewServeMux()
	private := huma.NewGroup(humago.New(mux, huma.DefaultConfig("News", "1.0.0")), "/private")
	humaguard.ProtectGroup(private, g, humaguard.Users(users))
	huma.Get(private, "/name", func(ctx context.Context, _ *struct{}) (*struct{ Body string }, error) {
		name, _ := users.From(ctx)
		return &struct{ Body string }{name}, nil
	})

	for _, subject := range []string{"1815", "1816"} {
		token, err := auth.Issue(context.Background(), subject, jeton.IssueOptions{})
		if err != nil {
			fmt.Println(err)
			return
		}
		r := httptest.NewRequest(http.MethodGet, "/private/name", http.NoBody)
		r.Header.Set("Authorization", "Bearer "+token)
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, r)
		fmt.Println(w.Code, w.Header().Get("WWW-Authenticate") == "")
	}
	// Output:
	// 200 true
	// 401 false
}
