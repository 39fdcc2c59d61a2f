package api

import (
	"net/http"
	"net/url"

	"github.com/danielgtaylor/huma/v2"

	"github.com/jetonauth/jeton/guard"
	"github.com/jetonauth/jeton/guard/humaguard"
)

// original is the request that a proxy asks about, as a guard sees it. Its headers are those of the question; its method, URI and host
// are what the proxy says. If it says nothing, contradicts itself, or is not trusted, the method is one that changes something, so that a
// token from a cookie needs the CSRF value, too; and the host is the one that the question was sent to, which is another site's unless the
// proxy keeps it.
type original struct {
	guard.Carrier // the question

	method string // empty if it is not known
	uri    *url.URL
	host   string
}

// Where proxies say what the request was: nginx by its recipes; Caddy and Traefik by themselves.
var (
	methodHeaders = []string{"X-Original-Method", "X-Forwarded-Method"}
	uriHeaders    = []string{"X-Original-Uri", "X-Forwarded-Uri"}
	hostHeaders   = []string{"X-Forwarded-Host"}
)

// originalRequest reads the question of a proxy.
func (a *API) originalRequest(ctx huma.Context) guard.Carrier {
	asked := humaguard.Carrier(ctx)
	peer, ok := parseAddress(ctx.RemoteAddr())
	return newOriginal(asked, ok && a.isTrusted(peer))
}

func newOriginal(asked guard.Carrier, trusted bool) original {
	o := original{Carrier: asked}
	if !trusted {
		return o
	}
	o.method = said(asked, methodHeaders)
	o.host = said(asked, hostHeaders)
	if uri, err := url.ParseRequestURI(said(asked, uriHeaders)); err == nil {
		o.uri = uri
	}
	return o
}

// said is the value of these headers, if they have just one between them: a proxy sets one, and may let a client's pass.
func said(asked guard.Carrier, names []string) string {
	var found string
	for _, name := range names {
		for _, value := range asked.Header(name) {
			if found != "" && found != value {
				return ""
			}
			found = value
		}
	}
	return found
}

// Method is that of the original request.
func (o original) Method() string {
	if o.method == "" {
		return http.MethodPost
	}
	return o.method
}

// Host is the one that the original request was sent to.
func (o original) Host() string {
	if o.host == "" {
		return o.Carrier.Host()
	}
	return o.host
}

// Header returns all values of a header of the original request.
func (o original) Header(name string) []string {
	switch {
	case name == "Origin" && o.method == "":
		return nil
	case name == "Sec-Fetch-Site" && o.method == "":
		return []string{"cross-site"}
	case name == "Upgrade" && o.isHandshake():
		return []string{"websocket"}
	default:
		return o.Carrier.Header(name)
	}
}

// isHandshake reports whether the original request opens a WebSocket (RFC 6455, section 4.1), of which proxies keep the Upgrade header to
// themselves.
func (o original) isHandshake() bool {
	return len(o.Carrier.Header("Sec-Websocket-Key")) > 0 || len(o.Carrier.Header("Sec-Websocket-Version")) > 0
}

// Query returns all values of a query parameter of the original request.
func (o original) Query(name string) []string {
	if o.uri == nil {
		return nil
	}
	return o.uri.Query()[name]
}
