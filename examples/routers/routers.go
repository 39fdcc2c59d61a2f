// Package routers shows guards in routers that take middleware of net/http as it is, and so need no adapter: http.ServeMux, chi,
// gorilla/mux, and echo 4 by its own WrapMiddleware.
//
// The routes are the same with each: GET / is for everybody, GET /news for those who are signed in, and POST /news for those who may
// write.
package routers

import (
	"fmt"
	"net/http"

	"github.com/jetonauth/jeton"
)

func welcome(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "welcome") }

func listNews(w http.ResponseWriter, r *http.Request) {
	me, _ := jeton.FromContext(r.Context()) // always there behind guard.Require
	fmt.Fprintf(w, "news for %s", me.Subject())
}

func postNews(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusCreated) }
