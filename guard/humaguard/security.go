package humaguard

import (
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/jetonauth/jeton/guard"
)

// security returns the operation's requirements with those of the guard added, of which a request has to meet one. An optional guard has
// the empty one among them.
func (p *protection) security(document *huma.OpenAPI, op *huma.Operation) []map[string][]string {
	list := slices.Clone(op.Security)
	add := func(requirement map[string][]string) {
		same := func(other map[string][]string) bool { return reflect.DeepEqual(requirement, other) }
		if !slices.ContainsFunc(list, same) {
			list = append(list, requirement)
		}
	}
	if p.asked.Optional && !p.demanding {
		add(map[string][]string{})
	}
	scopes := p.scopesFor(document)
	for _, source := range p.asked.Sources {
		for _, n := range schemesOf(source) {
			requirement := map[string][]string{addScheme(document, n): scopes}
			if headers := p.asked.CSRFHeaders; isCookie(source) && len(headers) > 0 && !isSafe(op.Method) {
				requirement[addScheme(document, csrfScheme(headers[0]))] = []string{}
			}
			add(requirement)
		}
	}
	for _, n := range p.schemes {
		add(map[string][]string{addScheme(document, n): scopes})
	}
	return list
}

// scopesFor returns the scopes as a requirement may have them: only since OpenAPI 3.1 for other schemes than OAuth's.
func (p *protection) scopesFor(document *huma.OpenAPI) []string {
	if strings.HasPrefix(document.OpenAPI, "3.0") {
		return []string{}
	}
	return append([]string{}, p.asked.Scopes...)
}

// schemesOf returns how a source's token is sent. A function can be anything, and has none.
func schemesOf(s guard.SourceDescription) []named {
	switch s.Place {
	case guard.PlaceHeader:
		return headerSchemes(s)
	case guard.PlaceCookie:
		return []named{{"cookie", apiKey("cookie", s.Name, "The access token, in a cookie")}}
	case guard.PlaceQuery:
		return []named{{"query", apiKey("query", s.Name, "The access token, as a query parameter")}}
	case guard.PlaceSubprotocol:
		return []named{{"subprotocol", apiKey("header", "Sec-WebSocket-Protocol",
			"The access token behind `"+s.Name+"`, among the protocols of a WebSocket handshake")}}
	case guard.PlaceFunc:
	}
	return nil
}

// headerSchemes returns an HTTP scheme for each that the Authorization header may have. For other headers, OpenAPI knows only that there
// is a value.
func headerSchemes(s guard.SourceDescription) []named {
	switch {
	case len(s.Schemes) == 0:
		return []named{{"header", apiKey("header", s.Name, "The access token, and nothing else")}}
	case s.Name != "Authorization":
		return []named{{"header", apiKey("header", s.Name, "`"+strings.Join(s.Schemes, "` or `")+"`, a space and the access token")}}
	}
	var list []named
	for _, scheme := range s.Schemes {
		list = append(list, named{strings.ToLower(scheme), &huma.SecurityScheme{
			Type: "http", Scheme: strings.ToLower(scheme), BearerFormat: "JWT",
			Description: "The access token, in the header `Authorization: " + scheme + " …`",
		}})
	}
	return list
}

func csrfScheme(header string) named {
	return named{"csrf", apiKey("header", header, "The CSRF value of the session, which only pages of this site can read")}
}

func apiKey(in, name, description string) *huma.SecurityScheme {
	return &huma.SecurityScheme{Type: "apiKey", In: in, Name: name, Description: description}
}

// addScheme returns what the document calls a scheme, which it adds if there is none that asks for the same.
func addScheme(document *huma.OpenAPI, n named) string {
	if document.Components == nil {
		document.Components = &huma.Components{}
	}
	if document.Components.SecuritySchemes == nil {
		document.Components.SecuritySchemes = map[string]*huma.SecurityScheme{}
	}
	all := document.Components.SecuritySchemes
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if asksSame(all[name], n.scheme) {
			return name
		}
	}
	name := componentName(n.name)
	unique := name
	for i := 2; all[unique] != nil; i++ {
		unique = name + strconv.Itoa(i)
	}
	all[unique] = n.scheme
	return unique
}

func asksSame(a, b *huma.SecurityScheme) bool {
	return a.Type == b.Type && strings.EqualFold(a.Scheme, b.Scheme) && a.In == b.In && a.Name == b.Name &&
		a.OpenIDConnectURL == b.OpenIDConnectURL && reflect.DeepEqual(a.Flows, b.Flows)
}

// componentName is a name without what OpenAPI does not allow in one ("Components Object").
func componentName(name string) string {
	allowed := strings.Map(func(r rune) rune {
		switch {
		case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9', r == '.', r == '_', r == '-':
			return r
		default:
			return -1
		}
	}, name)
	if allowed == "" {
		return "token"
	}
	return allowed
}

// isSafe reports whether a method only reads (RFC 9110, section 9.2.1), so that no CSRF value is asked for.
func isSafe(method string) bool {
	switch strings.ToUpper(method) {
	case http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodTrace:
		return true
	default:
		return false
	}
}
