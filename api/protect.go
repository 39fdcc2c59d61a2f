package api

import (
	"net/http"
	"net/textproto"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/guard"
)

// protection puts a guard before huma operations, and says so in their document.
type protection struct {
	guard *guard.Guard
	// problem is the schema of a refusal's body.
	problem *huma.Schema
	// write answers a refused request.
	write func(ctx huma.Context, refused guard.Answer)
}

// bearerScheme is what the document calls access tokens.
const bearerScheme = "bearer"

// protect makes an operation one that needs an access token. Its handler finds the principal with jeton.FromContext.
func (p protection) protect(document *huma.OpenAPI, op *huma.Operation) {
	describeBearer(document)
	op.Security = append(op.Security, map[string][]string{bearerScheme: {}})
	for _, status := range []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusServiceUnavailable} {
		key := strconv.Itoa(status)
		if op.Responses[key] == nil {
			op.Responses[key] = &huma.Response{
				Description: http.StatusText(status),
				Content:     map[string]*huma.MediaType{"application/problem+json": {Schema: p.problem}},
			}
		}
	}
	op.Middlewares = append(op.Middlewares, p.check)
}

// describeBearer adds the security scheme to a document.
func describeBearer(document *huma.OpenAPI) {
	if document.Components.SecuritySchemes == nil {
		document.Components.SecuritySchemes = map[string]*huma.SecurityScheme{}
	}
	document.Components.SecuritySchemes[bearerScheme] = &huma.SecurityScheme{
		Type: "http", Scheme: "bearer", BearerFormat: "JWT",
		Description: "The `access_token` of a sign-up, sign-in or refresh, in the header `Authorization: Bearer …`",
	}
}

// check is the middleware.
func (p protection) check(ctx huma.Context, next func(huma.Context)) {
	principal, refusal := p.guard.Check(ctx.Context(), humaCarrier{ctx})
	if refusal != nil {
		p.write(ctx, p.guard.Answer(refusal))
		return
	}
	if principal != nil { // else the guard is an optional one
		ctx = huma.WithContext(ctx, jeton.NewContext(ctx.Context(), principal))
	}
	next(ctx)
}

// humaCarrier is a request as a guard sees it.
type humaCarrier struct{ ctx huma.Context }

var _ guard.Carrier = humaCarrier{}

// Method is the HTTP method.
func (c humaCarrier) Method() string { return c.ctx.Method() }

// Host is the host that the request was sent to.
func (c humaCarrier) Host() string { return c.ctx.Host() }

// Header returns all values of a header, where huma's own Header returns the first.
func (c humaCarrier) Header(name string) []string {
	var values []string
	c.ctx.EachHeader(func(other, value string) {
		if textproto.CanonicalMIMEHeaderKey(other) == name {
			values = append(values, value)
		}
	})
	return values
}

// Query returns all values of a query parameter.
func (c humaCarrier) Query(name string) []string {
	u := c.ctx.URL()
	return u.Query()[name]
}
