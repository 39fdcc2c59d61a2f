package routers

import (
	"net/http"

	"github.com/go-chi/chi/v5"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/guard"
)

// Chi returns the routes with chi.
func Chi(auth jeton.Verifier) http.Handler {
	r := chi.NewRouter()
	r.Get("/", welcome)
	r.Group(func(r chi.Router) {
		r.Use(guard.Require(auth))
		r.Get("/news", listNews)
		r.With(guard.Scopes("news:write")).Post("/news", postNews)
	})
	return r
}
