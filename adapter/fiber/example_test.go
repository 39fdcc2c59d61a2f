package jetonfiber_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"

	"github.com/gofiber/fiber/v3"

	"github.com/jetonauth/jeton"
	jetonfiber "github.com/jetonauth/jeton/adapter/fiber"
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

	app := fiber.New()
	news := app.Group("/news", jetonfiber.Require(auth))
	news.Get("", func(c fiber.Ctx) error {
		me, _ := jeton.FromContext(c.Context()) // always there behind Require
		return c.SendString("news for " + me.Subject())
	})
	news.Post("", jetonfiber.Scopes("news:write"), func(c fiber.Ctx) error { return c.SendStatus(http.StatusCreated) })

	fmt.Println(ask(app, http.MethodGet, "/news", token("ada")).body)
	fmt.Println(ask(app, http.MethodGet, "/news", "").header.Get("WWW-Authenticate"))
	fmt.Println(ask(app, http.MethodPost, "/news", token("ada")).status)
	fmt.Println(ask(app, http.MethodPost, "/news", token("ada", "news:write")).status)
	// Output:
	// news for ada
	// Bearer realm="api"
	// 403
	// 201
}

func ExampleOptional() {
	auth, token := newAuth()

	app := fiber.New()
	app.Get("/news", jetonfiber.Optional(auth), func(c fiber.Ctx) error {
		if me, ok := jeton.FromContext(c.Context()); ok {
			return c.SendString("news for " + me.Subject())
		}
		return c.SendString("news for everybody")
	})

	fmt.Println(ask(app, http.MethodGet, "/news", token("ada")).body)
	fmt.Println(ask(app, http.MethodGet, "/news", "").body)
	fmt.Println(ask(app, http.MethodGet, "/news", "forged").status)
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
	app := fiber.New()
	app.Use(jetonfiber.Wrap(g))
	app.Get("/news", func(c fiber.Ctx) error { return c.SendStatus(http.StatusOK) })

	fmt.Println(ask(app, http.MethodGet, "/news", "").header.Get("WWW-Authenticate"))
	fmt.Println(ask(app, http.MethodGet, "/news", token("ada")).status)
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

	app := fiber.New()
	app.Use(jetonfiber.Require(auth), jetonfiber.Load(users))
	app.Get("/me", func(c fiber.Ctx) error {
		me, _ := users.From(c.Context()) // a *Reader
		return c.SendString("hello, " + me.Name)
	})

	fmt.Println(ask(app, http.MethodGet, "/me", token("user-1")).body)
	fmt.Println(ask(app, http.MethodGet, "/me", token("user-2")).status)
	// Output:
	// hello, Ada
	// 401
}
