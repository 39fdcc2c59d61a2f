package routers

import (
	"net/http"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/guard"
)

// ServeMux returns the routes with http.ServeMux. A group is a mux of its own behind one guard, under the paths that lead to it.
func ServeMux(auth jeton.Verifier) http.Handler {
	news := http.NewServeMux()
	news.HandleFunc("GET /news", listNews)
	news.Handle("POST /news", guard.Scopes("news:write")(http.HandlerFunc(postNews)))

	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", welcome)
	guarded := guard.Require(auth)(news)
	mux.Handle("/news", guarded)
	mux.Handle("/news/", guarded)
	return mux
}
