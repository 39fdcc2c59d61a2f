package jetonecho_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"

	"github.com/labstack/echo/v5"

	"github.com/jetonauth/jeton"
	jetonecho "github.com/jetonauth/jeton/adapter/echo"
	"github.com/jetonauth/jeton/guard"
	"github.com/jetonauth/jeton/jwk"
	"github.com/jetonauth/jeton/store/memory"
)

// newAuth returns a service, and what issues its tokens.
func newAuth() (auth *jeton.Auth, token func(subject string, scopes ...string) string) {
	key, err := jwk.Generate(jwk.ES256)
	if err != nil {
		panic(err)
	}
	auth, err = jeton.New(jeton.Config{
		Issuer: "https://api.example.com", Keys: jwk.Static(key), Store: memory.New(), Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		panic(err)
	}
	return auth, func(subject string, scopes ...string) string {
		token, err := auth.Issue(context.Background(), subject, jeton.IssueOptions{Scopes: scopes})
		if err != nil {
			panic(err)
		}
		return token
	}
}

func Example() {
	auth, token := newAuth()

	e := echo.New()
	news := e.Group("/news", jetonecho.Require(auth))
	news.GET("", func(c *echo.Context) error {
		me, _ := jeton.FromContext(c.Request().Context()) // always there behind Require
		return c.String(http.StatusOK, "news for "+me.Subject())
	})
	news.POST("", func(c *echo.Context) error { return c.NoContent(http.StatusCreated) }, jetonecho.Scopes("news:write"))

	fmt.Println(ask(e, http.MethodGet, "/news", token("ada")).Body)
	fmt.Println(ask(e, http.MethodGet, "/news", "").Header().Get("WWW-Authenticate"))
	fmt.Println(ask(e, http.MethodPost, "/news", token("ada")).Code)
	fmt.Println(ask(e, http.MethodPost, "/news", token("ada", "news:write")).Code)
	// Output:
	// news for ada
	// Bearer realm="api"
	// 403
	// 201
}

func ExampleOptional() {
	auth, token := newAuth()

	e := echo.New()
	e.GET("/news", func(c *echo.Context) error {
		if me, ok := jeton.FromContext(c.Request().Context()); ok {
			return c.String(http.StatusOK, "news for "+me.Subject())
		}
		return c.String(http.StatusOK, "news for everybody")
	}, jetonecho.Optional(auth))

	fmt.Println(ask(e, http.MethodGet, "/news", token("ada")).Body)
	fmt.Println(ask(e, http.MethodGet, "/news", "").Body)
	fmt.Println(ask(e, http.MethodGet, "/news", "forged").Code)
	// Output:
	// news for ada
	// news for everybody
	// 401
}

func ExampleWrap() {
	auth, token := newAuth()

	g, err := guard.New(guard.Config{Verifier: auth, Realm: "news", Roles: []string{"editor"}})
	if err != nil {
		panic(err)
	}
	e := echo.New()
	e.Use(jetonecho.Wrap(g))
	e.GET("/news", func(c *echo.Context) error { return c.NoContent(http.StatusOK) })

	fmt.Println(ask(e, http.MethodGet, "/news", "").Header().Get("WWW-Authenticate"))
	fmt.Println(ask(e, http.MethodGet, "/news", token("ada")).Code)
	// Output:
	// Bearer realm="news"
	// 403
}

func ExampleLoad() {
	auth, token := newAuth()

	type Reader struct{ Name string }
	readers := map[string]*Reader{"user-1": {Name: "Ada"}}
	users := guard.Users(func(_ context.Context, subject string) (*Reader, error) {
		if reader, ok := readers[subject]; ok {
			return reader, nil
		}
		return nil, jeton.ErrNotFound
	})

	e := echo.New()
	e.Use(jetonecho.Require(auth), jetonecho.Load(users))
	e.GET("/me", func(c *echo.Context) error {
		me, _ := users.From(c.Request().Context()) // a *Reader
		return c.String(http.StatusOK, "hello, "+me.Name)
	})

	fmt.Println(ask(e, http.MethodGet, "/me", token("user-1")).Body)
	fmt.Println(ask(e, http.MethodGet, "/me", token("user-2")).Code)
	// Output:
	// hello, Ada
	// 401
}
