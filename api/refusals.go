package api

import (
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

// methods are those that are refused where no operation has them. A pattern without a method would conflict with an application's
// "GET /".
var methods = [...]string{
	http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions, http.MethodTrace,
}

// mountRefusals answers what no operation does: other methods of the operations' paths, and other paths under /auth/.
func (a *API) mountRefusals(mux *http.ServeMux) {
	for path, at := range a.paths() {
		allowed := at.methods
		if slices.Contains(allowed, http.MethodGet) {
			allowed = append(allowed, http.MethodHead) // a mux takes the one for the other
		}
		refused := a.refuse(func() *problem {
			p := newProblem(codeMethod)
			p.header.Set("Allow", strings.Join(allowed, ", "))
			return at.words(p)
		})
		for _, method := range methods {
			if !slices.Contains(allowed, method) {
				mux.HandleFunc(method+" "+path, refused)
			}
		}
	}
	unknown := a.refuse(func() *problem { return newProblem(codeNotFound) })
	for _, method := range methods {
		mux.HandleFunc(method+" /auth/", unknown)
	}
}

// refuse returns a handler that answers with a problem, made anew for each request.
func (a *API) refuse(made func() *problem) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		a.write(withRequestID(humago.NewContext(&huma.Operation{}, r, w)), made())
	}
}
