package routers

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/guard"
)

// Echo4 returns the routes with echo 4, whose WrapMiddleware takes a guard as it is.
func Echo4(auth jeton.Verifier) http.Handler {
	e := echo.New()
	e.GET("/", func(c echo.Context) error { return c.String(http.StatusOK, "welcome") })
	news := e.Group("/news", echo.WrapMiddleware(guard.Require(auth)))
	news.GET("", func(c echo.Context) error {
		me, _ := jeton.FromContext(c.Request().Context()) // always there behind guard.Require
		return c.String(http.StatusOK, "news for "+me.Subject())
	})
	news.POST("", func(c echo.Context) error { return c.NoContent(http.StatusCreated) },
		echo.WrapMiddleware(guard.Scopes("news:write")))
	return e
}
