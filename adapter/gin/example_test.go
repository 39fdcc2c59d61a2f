package jetongin_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/jetonauth/jeton"
	jetongin "github.com/jetonauth/jeton/adapter/gin"
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

	r := gin.New()
	news := r.Group("/news", jetongin.Require(auth))
	news.GET("", func(c *gin.Context) {
		me, _ := jeton.FromContext(c.Request.Context()) // always there behind Require
		c.String(http.StatusOK, "news for %s", me.Subject())
	})
	news.POST("", jetongin.Scopes("news:write"), func(c *gin.Context) { c.Status(http.StatusCreated) })

	fmt.Println(ask(r, http.MethodGet, "/news", token("ada")).Body)
	fmt.Println(ask(r, http.MethodGet, "/news", "").Header().Get("WWW-Authenticate"))
	fmt.Println(ask(r, http.MethodPost, "/news", token("ada")).Code)
	fmt.Println(ask(r, http.MethodPost, "/news", token("ada", "news:write")).Code)
	// Output:
	// news for ada
	// Bearer realm="api"
	// 403
	// 201
}

func ExampleOptional() {
	auth, token := newAuth()

	r := gin.New()
	r.GET("/news", jetongin.Optional(auth), func(c *gin.Context) {
		if me, ok := jeton.FromContext(c.Request.Context()); ok {
			c.String(http.StatusOK, "news for %s", me.Subject())
			return
		}
		c.String(http.StatusOK, "news for everybody")
	})

	fmt.Println(ask(r, http.MethodGet, "/news", token("ada")).Body)
	fmt.Println(ask(r, http.MethodGet, "/news", "").Body)
	fmt.Println(ask(r, http.MethodGet, "/news", "forged").Code)
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
	r := gin.New()
	r.Use(jetongin.Wrap(g))
	r.GET("/news", func(c *gin.Context) { c.Status(http.StatusOK) })

	fmt.Println(ask(r, http.MethodGet, "/news", "").Header().Get("WWW-Authenticate"))
	fmt.Println(ask(r, http.MethodGet, "/news", token("ada")).Code)
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

	r := gin.New()
	r.Use(jetongin.Require(auth), jetongin.Load(users))
	r.GET("/me", func(c *gin.Context) {
		me, _ := users.From(c.Request.Context()) // a *Reader
		c.String(http.StatusOK, "hello, %s", me.Name)
	})

	fmt.Println(ask(r, http.MethodGet, "/me", token("user-1")).Body)
	fmt.Println(ask(r, http.MethodGet, "/me", token("user-2")).Code)
	// Output:
	// hello, Ada
	// 401
}
