package api

import (
	"github.com/danielgtaylor/huma/v2"

	"github.com/jetonauth/jeton/guard"
	"github.com/jetonauth/jeton/guard/humaguard"
)

// bearerScheme is what the document calls access tokens.
const bearerScheme = "bearer"

// protect makes an endpoint one that needs an access token. Its handler finds the principal with jeton.FromContext.
func (a *API) protect(e *endpoint) {
	describeBearer(a.document)
	options := []humaguard.Option{humaguard.AnswerWith(func(ctx huma.Context, refused guard.Answer) {
		a.write(ctx, e.words(problemOfAnswer(refused)))
	})}
	if e.asProxy {
		options = append(options, humaguard.SeenAs(a.originalRequest))
	}
	e.op = humaguard.Protect(a.document, e.op, a.guard, options...)
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
