package api

import (
	"context"
	"encoding/json"
	"net/http"
	"reflect"
	"slices"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/jetonauth/jeton"
)

// endpoint is one operation: what drives the router and the document.
type endpoint struct {
	op        huma.Operation
	codes     []string // of the problems that it may answer with
	mediaType string   // of the answer
	cache     string   // of the answer: Cache-Control
	serve     func(w http.ResponseWriter, r *http.Request) (any, error)
}

// operation describes an endpoint.
type operation struct {
	method, path string
	id, tag      string
	summary      string
	description  string
	protected    bool
	status       int      // of the answer
	answer       string   // describes it
	codes        []string // of problems, beside those that the rest says
	mediaType    string   // of the answer, if not application/json
	cache        string   // Cache-Control of the answer, if not no-store
}

// call is one request to an endpoint.
type call[B any] struct {
	body      B
	client    jeton.Client
	principal *jeton.Principal // nil unless the endpoint is protected
	request   *http.Request
}

// none is the body of a request, or an answer, without one.
type none struct{}

// add makes an endpoint of an operation, what its body looks like and what it does.
func add[B, R any](a *API, o operation, in *body[B], handle func(context.Context, *call[B]) (R, error)) {
	e := &endpoint{codes: o.problems(in != nil), mediaType: o.mediaType, cache: o.cache}
	if e.mediaType == "" {
		e.mediaType = "application/json"
	}
	if e.cache == "" {
		e.cache = "no-store"
	}
	e.serve = func(w http.ResponseWriter, r *http.Request) (result any, err error) {
		c := &call[B]{client: a.client(r), request: r}
		c.principal, _ = jeton.FromContext(r.Context())
		if in != nil {
			if c.body, err = in.read(w, r, a.maxBody); err != nil {
				return nil, err
			}
		}
		return handle(r.Context(), c)
	}
	e.op = o.huma()
	if in != nil {
		e.op.RequestBody = requestBody(in.schema, in.optional)
	}
	var result *huma.Schema
	if t := reflect.TypeFor[R](); t != reflect.TypeFor[none]() {
		result = a.registry().Schema(t, true, "")
	}
	a.describeAnswers(e, o, result)
	if o.protected {
		a.protection().protect(a.document, &e.op)
	}
	a.document.AddOperation(&e.op)
	a.endpoints = append(a.endpoints, e)
}

func (o operation) huma() huma.Operation {
	return huma.Operation{
		Method: o.method, Path: o.path, OperationID: o.id, Tags: []string{o.tag},
		Summary: o.summary, Description: o.description, DefaultStatus: o.status,
		Parameters: pathParameters(o.path), Responses: map[string]*huma.Response{},
	}
}

// problems returns the codes that the operation may answer with.
func (o operation) problems(hasBody bool) []string {
	codes := slices.Clone(o.codes)
	if hasBody {
		codes = append(codes, codeInvalidJSON, codeBodyTooLarge, codeMediaType, codeValidation)
	}
	if o.protected {
		codes = append(codes, codeInvalidRequest, codeUnauthorized, codeInvalidToken, codeInsufficientScope)
	}
	return append(codes, codeUnavailable, codeInternal)
}

// handler is what the router calls.
func (a *API) handler(e *endpoint) func(huma.Context) {
	inner := e.op.Middlewares.Handler(func(ctx huma.Context) { a.serve(ctx, e) })
	return func(ctx huma.Context) {
		ctx = withRequestID(ctx)
		defer a.recover(ctx)
		inner(ctx)
	}
}

// serve answers a request that every middleware let through.
func (a *API) serve(ctx huma.Context, e *endpoint) {
	r, w := humago.Unwrap(ctx)
	result, err := e.serve(w, r.WithContext(ctx.Context()))
	var text []byte
	if _, empty := result.(none); err == nil && !empty {
		text, err = json.Marshal(result)
	}
	if err != nil {
		a.fail(ctx, e, err)
		return
	}
	ctx.SetHeader("Cache-Control", e.cache)
	if text == nil {
		ctx.SetStatus(http.StatusNoContent)
		return
	}
	ctx.SetHeader("Content-Type", e.mediaType)
	send(ctx, e.op.DefaultStatus, text)
}
