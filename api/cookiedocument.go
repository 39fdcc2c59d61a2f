package api

import (
	"reflect"
	"strconv"

	"github.com/danielgtaylor/huma/v2"
)

const setCookieHeader = "Set-Cookie"

// describeCookies says in the document that an endpoint sets cookies. If it gives tokens, it may give them so.
func (a *API) describeCookies(e *endpoint) {
	success := e.op.Responses[strconv.Itoa(e.op.DefaultStatus)]
	success.Headers[setCookieHeader] = &huma.Param{Ref: headerPrefix + setCookieHeader}
	a.document.Components.Headers[setCookieHeader] = &huma.Param{
		Description: "The cookies of a browser that keeps its tokens there (RFC 6265, section 4.1): `" + a.cookies.access.name + "`, `" +
			a.cookies.refresh.name + "` and `" + a.cookies.csrf.name + "`",
		Schema: &huma.Schema{Type: huma.TypeString},
	}
	if content := success.Content[jsonType]; content != nil {
		inCookies := a.registry().Schema(reflect.TypeFor[cookieGrant](), true, "")
		content.Schema = &huma.Schema{OneOf: []*huma.Schema{content.Schema, inCookies}}
	}
}

// byAccessCookie is the requirement of the access token in its cookie.
func (a *API) byAccessCookie() map[string][]string {
	return a.byCookie("cookie", a.cookies.access, "The access token, in a cookie")
}

// byRefreshCookie is the requirement of the refresh token in its cookie.
func (a *API) byRefreshCookie() map[string][]string {
	return a.byCookie("refreshCookie", a.cookies.refresh, "The refresh token, in a cookie")
}

// byCookie adds a security scheme to the document, unless it is there, and returns the requirement of it.
func (a *API) byCookie(name string, c cookie, description string) map[string][]string {
	if a.document.Components.SecuritySchemes == nil {
		a.document.Components.SecuritySchemes = map[string]*huma.SecurityScheme{}
	}
	if schemes := a.document.Components.SecuritySchemes; schemes[name] == nil {
		schemes[name] = &huma.SecurityScheme{Type: "apiKey", In: "cookie", Name: c.name, Description: description}
	}
	return map[string][]string{name: {}}
}
