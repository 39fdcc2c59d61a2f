package routers

import (
	"net/http"

	"github.com/gorilla/mux"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/guard"
)

// Gorilla returns the routes with gorilla/mux. It calls middleware for routes that match only: what does not is answered 404 or 405
// before any guard.
func Gorilla(auth jeton.Verifier) http.Handler {
	r := mux.NewRouter()
	r.HandleFunc("/", welcome).Methods(http.MethodGet)
	news := r.PathPrefix("/news").Subrouter()
	news.Use(guard.Require(auth))
	news.HandleFunc("", listNews).Methods(http.MethodGet)
	news.Handle("", guard.Scopes("news:write")(http.HandlerFunc(postNews))).Methods(http.MethodPost)
	return r
}
