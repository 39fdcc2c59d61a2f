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
	also      []string // paths of the same operation that the document does not have
	oauth     bool     // whether it speaks as RFC 6749 does
	asProxy   bool     // whether it is asked by proxies about other requests
	service   bool     // whether it is asked by service clients
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
	cookies      bool     // whether it may set cookies, if there are any
	oauth        bool     // whether it speaks as RFC 6749 does
	asProxy      bool     // whether it is asked by proxies about other requests
	service      bool     // whether it is asked by service clients
	also         []string // further paths of it, beside the one in the document
	status       int      // of the answer
	answer       string   // describes it
	codes        []string // of problems, beside those that the rest says
	mediaType    string   // of the answer, if not application/json
	cache        string   // Cache-Control of the answer, if not no-store
	// example is a body that can be sent as it is; nil where one that has everything can.
	example map[string]any
	// admit is asked before the body is read, if it is not nil.
	admit func(r *http.Request) error
}

// call is one request to an endpoint.
type call[B any] struct {
	body      B
	client    jeton.Client
	principal *jeton.Principal // nil unless the endpoint is protected
	request   *http.Request
	answer    http.Header // headers of the answer
}

// none is the body of a request, or an answer, without one.
type none struct{}

// add makes an endpoint of an operation, what its body looks like and what it does.
func add[B, R any](a *API, o operation, in *body[B], handle func(context.Context, *call[B]) (R, error)) {
	e := &endpoint{
		also: o.also, oauth: o.oauth, asProxy: o.asProxy, service: o.service, mediaType: o.mediaType, cache: o.cache,
	}
	if in != nil {
		e.codes = in.codes
	}
	e.codes = slices.Concat(o.codes, e.codes, o.commonCodes())
	if forgeable := o.protected || o.cookies; forgeable && a.cookies.areThere() && !slices.Contains(e.codes, codeForgedRequest) {
		e.codes = append(e.codes, codeForgedRequest)
	}
	if e.mediaType == "" {
		e.mediaType = jsonType
	}
	if e.cache == "" {
		e.cache = "no-store"
	}
	e.serve = func(w http.ResponseWriter, r *http.Request) (result any, err error) {
		c := &call[B]{client: a.Client(r), request: r, answer: w.Header()}
		c.principal, _ = jeton.FromContext(r.Context())
		if o.admit != nil {
			if err := o.admit(r); err != nil {
				return nil, err
			}
		}
		if in != nil {
			if c.body, err = in.read(w, r, a.maxBody); err != nil {
				return nil, err
			}
		}
		return handle(r.Context(), c)
	}
	e.op = o.huma()
	if in != nil {
		e.op.RequestBody = requestBody(in.mediaType, in.schema, in.optional)
		if o.example != nil {
			e.op.RequestBody.Content[in.mediaType].Example = o.example
		}
	}
	var result *huma.Schema
	if t := reflect.TypeFor[R](); t != reflect.TypeFor[none]() {
		result = a.registry().Schema(t, true, "")
	}
	a.describeAnswers(e, o, result)
	if o.cookies && a.cookies.areThere() {
		a.describeCookies(e)
	}
	if o.protected {
		a.protect(e)
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

// commonCodes returns the codes that operations like this one may answer with, beside its own.
func (o operation) commonCodes() []string {
	var codes []string
	if o.protected {
		codes = append(codes, codeInvalidRequest, codeUnauthorized, codeInvalidToken, codeInsufficientScope)
	}
	codes = append(codes, codeUnavailable)
	if o.asProxy {
		return codes // a defect is unavailable, too
	}
	return append(codes, codeInternal)
}

// words puts a problem into the words that the endpoint speaks in.
func (e *endpoint) words(p *problem) *problem {
	switch {
	case e.oauth:
		return p.inOAuth()
	case e.asProxy:
		return p.forProxy()
	case e.service:
		return p.forService()
	default:
		return p
	}
}

// handler is what the router calls.
func (a *API) handler(e *endpoint) func(huma.Context) {
	inner := e.op.Middlewares.Handler(func(ctx huma.Context) { a.serve(ctx, e) })
	return func(ctx huma.Context) {
		ctx = withRequestID(ctx)
		defer a.recover(ctx, e)
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
	if e.oauth {
		ctx.SetHeader("Pragma", "no-cache") // RFC 6749, section 5.1
	}
	if text == nil {
		ctx.SetStatus(e.op.DefaultStatus)
		return
	}
	ctx.SetHeader("Content-Type", e.mediaType)
	send(ctx, e.op.DefaultStatus, text)
}
