package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/guard"
)

// The headers that say whose a request is.
const (
	subjectHeader      = "X-Auth-Subject"
	sessionHeader      = "X-Auth-Session"
	rolesHeader        = "X-Auth-Roles"
	grantedScopeHeader = "X-Auth-Scope"
	emailHeader        = "X-Auth-Email"
)

// identityHeaders describes them.
var identityHeaders = map[string]string{
	subjectHeader:      "The token's subject, which is the id of the account",
	sessionHeader:      "The session of the token; empty if it has none",
	rolesHeader:        "The roles of the token, with commas between them",
	grantedScopeHeader: "The scopes of the token, with spaces between them",
	emailHeader:        "The e-mail address of the account; empty unless the service is set to look it up",
}

// addVerify adds the operation that proxies ask.
func (a *API) addVerify() {
	add(a, operation{
		method: http.MethodGet, path: "/auth/verify", id: "verifyRequest", tag: tagProxies, protected: true, asProxy: true,
		summary: "Ask whether a request may pass",
		description: "For proxies: nginx's `auth_request`, Caddy's `forward_auth`, Traefik's `forwardAuth`. The proxy sends the headers of the " +
			"request that it is about, and adds the method (`X-Original-Method` or `X-Forwarded-Method`), the URI (`X-Original-URI` or " +
			"`X-Forwarded-Uri`) and the host (`X-Forwarded-Host`). They count if the proxy is a trusted one; a token from a cookie needs them. " +
			"The headers of the answer say whose the request is. All of them are always there, empty where unknown, and percent-encoded " +
			"(RFC 3986) where a value is not printable ASCII or has a space, a comma or `%` in it. A refusal is 401, 403 or 503 and nothing else.",
		status: http.StatusOK, answer: "The request may pass. Whose it is, is in the headers",
		codes: []string{codeForgedRequest},
	}, nil, a.verify)
	op := &a.endpoints[len(a.endpoints)-1].op
	op.Parameters = demandParameters()
	for name, meaning := range identityHeaders {
		op.Responses["200"].Headers[name] = &huma.Param{
			Description: meaning, Required: true, Schema: &huma.Schema{Type: huma.TypeString},
		}
	}
}

// verify answers for whom the guard let through.
func (a *API) verify(ctx context.Context, c *call[none]) (none, error) {
	wanted, err := parseDemands(c.request.URL.RawQuery)
	if err != nil {
		return none{}, err
	}
	if err := wanted.check(ctx); err != nil {
		return none{}, err
	}
	var email string
	if a.verifyLoadUser {
		if email, err = a.emailOf(ctx, c.principal); err != nil {
			return none{}, err
		}
	}
	for name, value := range map[string]string{
		subjectHeader:      encoded(c.principal.Subject()),
		sessionHeader:      encoded(c.principal.Session()),
		rolesHeader:        joined(c.principal.Roles(), ","),
		grantedScopeHeader: joined(c.principal.Scopes(), " "),
		emailHeader:        encoded(email),
	} {
		c.answer.Set(name, value)
	}
	return none{}, nil
}

var errDisabled = errors.New("api: the account is disabled")

// emailOf looks the account up. A token of nobody's is refused, and so is one of a disabled account, whose sessions have ended anyway.
func (a *API) emailOf(ctx context.Context, p *jeton.Principal) (string, error) {
	account, err := a.auth.Account(ctx, p.Subject())
	switch {
	case err != nil:
		return "", subjectGone(err)
	case account.Disabled:
		return "", &guard.Refusal{Code: guard.InvalidToken, Err: errDisabled, Description: "The access token's account is disabled."}
	default:
		return account.Email, nil
	}
}

// demands is what a proxy wants of a token, beside that it is good.
type demands struct {
	scopes []string   // all of them
	roles  [][]string // one of each
}

// The parameters of demands.
const (
	scopeParameter = "scope"
	roleParameter  = "role"
)

func demandParameters() []*huma.Param {
	words := &huma.Schema{Type: huma.TypeArray, Items: &huma.Schema{Type: huma.TypeString}}
	return []*huma.Param{
		{
			Name: scopeParameter, In: "query", Schema: words, Example: []string{"news:read"},
			Description: "Scopes that the token needs, all of them, with spaces between them or as several parameters",
		},
		{
			Name: roleParameter, In: "query", Schema: words, Example: []string{"editor,admin"},
			Description: "Roles with commas between them, of which the token needs one. Of several such parameters it needs one each",
		},
	}
}

var errQuery = errors.New("api: the query of /auth/verify, which is the proxy's and not the client's, may have scope and role")

// parseDemands reads the query that the proxy's configuration has. Each parameter demands more and none less, so that it is no harm if
// somebody can add one. What is not understood demands something, too, that nobody has: it is a defect of the configuration.
func parseDemands(query string) (demands, error) {
	var d demands
	values, err := url.ParseQuery(query)
	if err != nil {
		return d, fmt.Errorf("%w: %w", errQuery, err)
	}
	for name, list := range values {
		for _, value := range list {
			separated := strings.Fields(value)
			if name == roleParameter {
				separated = strings.Split(value, ",")
			}
			switch {
			case name != scopeParameter && name != roleParameter:
				return d, fmt.Errorf("%w, and has %q", errQuery, name)
			case len(separated) == 0 || slices.Contains(separated, ""):
				return d, fmt.Errorf("%w, and has an empty %s", errQuery, name)
			case name == scopeParameter:
				d.scopes = append(d.scopes, separated...)
			default:
				d.roles = append(d.roles, separated)
			}
		}
	}
	return d, nil
}

// check returns a refusal if the principal lacks something.
func (d demands) check(ctx context.Context) error {
	if refusal := guard.CheckScopes(ctx, d.scopes...); refusal != nil {
		return refusal
	}
	for _, anyOf := range d.roles {
		if refusal := guard.CheckRoles(ctx, anyOf...); refusal != nil {
			return refusal
		}
	}
	return nil
}

// encoded is a value as a header may have it: percent-encoded (RFC 3986, section 2.1) where it is not printable ASCII, and where it has
// what separates values, what a reader of headers may trim, or the sign itself. So it can be decoded, and no two values look the same.
func encoded(value string) string {
	const digits = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(value) {
		c := value[i]
		if c > ' ' && c <= '~' && c != '%' && c != ',' {
			b.WriteByte(c)
			continue
		}
		b.WriteByte('%')
		b.WriteByte(digits[c>>4])
		b.WriteByte(digits[c&15])
	}
	return b.String()
}

// joined encodes the values of a list. An empty one says nothing, and is left out.
func joined(values []string, separator string) string {
	var list []string
	for _, value := range values {
		if value != "" {
			list = append(list, encoded(value))
		}
	}
	return strings.Join(list, separator)
}

// forProxy is the same problem for who asks about a request: 401, 403 or 503, since nginx takes anything else for a defect of its own,
// and a proxy that passed a 500 on would tell a client of a defect where it may try again. A wrong method stays what it is.
func (p *problem) forProxy() *problem {
	switch p.Status {
	case http.StatusBadRequest:
		refused := *p
		refused.Status = http.StatusUnauthorized
		refused.Title = http.StatusText(refused.Status)
		return &refused
	case http.StatusInternalServerError:
		return newProblem(codeUnavailable).withHeaders(nil)
	default:
		return p
	}
}
