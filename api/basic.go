package api

import (
	"encoding/base64"
	"net/http"
	"slices"
	"strings"
	"unicode"

	"github.com/danielgtaylor/huma/v2"
)

// basicScheme is what the document calls the credentials of service clients.
const basicScheme = "basic"

// describeBasic adds the security scheme to a document.
func describeBasic(document *huma.OpenAPI) {
	if document.Components.SecuritySchemes == nil {
		document.Components.SecuritySchemes = map[string]*huma.SecurityScheme{}
	}
	document.Components.SecuritySchemes[basicScheme] = &huma.SecurityScheme{
		Type: "http", Scheme: "basic",
		Description: "The name and the secret of a service client, each form-encoded before (RFC 6749, section 2.3.1), which leaves those " +
			"that this service makes as they are",
	}
}

// basicCredentials reads the name and the secret of a client from the Authorization header (RFC 6749, section 2.3.1): both
// form-encoded, and then as HTTP Basic has it (RFC 7617), without control characters.
func basicCredentials(header http.Header) (name string, password secret, err error) {
	values := header.Values("Authorization")
	switch {
	case len(values) > 1:
		return "", "", invalidRequest("The request has more than one Authorization header.")
	case len(values) == 0 || !isBasic(values[0]):
		return "", "", unauthenticated("The client must authenticate by HTTP Basic.")
	}
	name, text, ok := decodeBasic(values[0])
	if !ok {
		return "", "", unauthenticated("The credentials are not those of HTTP Basic, form-encoded and in UTF-8.")
	}
	return name, secret(text), nil
}

// isBasic reports whether the credentials of an Authorization header are of the scheme Basic, as a whole word.
func isBasic(credentials string) bool {
	scheme, _, _ := strings.Cut(credentials, " ")
	return strings.EqualFold(scheme, "Basic")
}

// decodeBasic reads credentials of the scheme Basic.
func decodeBasic(credentials string) (name, password string, ok bool) {
	_, encoded, _ := strings.Cut(credentials, " ")
	decoded, err := base64.StdEncoding.Strict().DecodeString(strings.TrimLeft(encoded, " "))
	if err != nil {
		return "", "", false
	}
	name, password, ok = strings.Cut(string(decoded), ":")
	name, nameOK := formDecoded(name)
	password, passwordOK := formDecoded(password)
	if !ok || !nameOK || !passwordOK || strings.ContainsFunc(name+password, unicode.IsControl) {
		return "", "", false
	}
	return name, password, true
}

// withoutBasic refuses a client that authenticates where it cannot: it would take itself for proved.
func withoutBasic(r *http.Request) error {
	if slices.ContainsFunc(r.Header.Values("Authorization"), isBasic) {
		return notHere()
	}
	return nil
}

func notHere() *problem { return unauthenticated("Clients are public here, and do not authenticate.") }

// unauthenticated is a client that did not authenticate as it has to.
func unauthenticated(detail string) *problem {
	p := newProblem(codeInvalidCredentials)
	p.Detail = detail
	return p
}
