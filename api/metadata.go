package api

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"path"
	"strings"
)

// Where a client looks for what it has to know of an issuer: RFC 8414, section 3, and OpenID Connect Discovery 1.0, section 4.
const (
	metadataPath = "/.well-known/oauth-authorization-server"
	openIDPath   = "/.well-known/openid-configuration"
	keysPath     = "/.well-known/jwks.json"
)

// metadata is what a client has to know (RFC 8414, section 2). Nothing is there that is not so.
type metadata struct {
	_ struct{} `additionalProperties:"true"`

	Issuer                string   `json:"issuer" doc:"Who signs the tokens" example:"https://auth.example.com"`
	TokenEndpoint         string   `json:"token_endpoint" doc:"Where refresh tokens are exchanged"`
	RevocationEndpoint    string   `json:"revocation_endpoint" doc:"Where tokens are revoked (RFC 7009)"`
	IntrospectionEndpoint string   `json:"introspection_endpoint" doc:"Where services ask what a token is worth (RFC 7662)"`
	KeysURL               string   `json:"jwks_uri" doc:"Where the public keys are"`
	GrantTypes            []string `json:"grant_types_supported" nullable:"false" doc:"How tokens are earned at the token endpoint"`
	ResponseTypes         []string `json:"response_types_supported" nullable:"false" doc:"None: there is no authorization endpoint"`
	TokenMethods          []string `json:"token_endpoint_auth_methods_supported" nullable:"false" doc:"Clients are public"`
	RevocationMethods     []string `json:"revocation_endpoint_auth_methods_supported" nullable:"false" doc:"Clients are public"`
	IntrospectionMethods  []string `json:"introspection_endpoint_auth_methods_supported" nullable:"false" doc:"Services authenticate"`
}

// addMetadata adds the documents that clients find everything else by. There are none if the issuer is no URL, since nobody could ask
// for them.
func (a *API) addMetadata() {
	issuer, err := issuerURL(a.auth.Issuer())
	if err != nil {
		return
	}
	root := strings.TrimRight(a.auth.Issuer(), "/")
	document := metadata{
		Issuer: a.auth.Issuer(), TokenEndpoint: root + tokenPath, RevocationEndpoint: root + revocationPath,
		IntrospectionEndpoint: root + introspectionPath, KeysURL: root + keysPath,
		GrantTypes: []string{"refresh_token"}, ResponseTypes: []string{}, TokenMethods: []string{"none"},
		RevocationMethods: []string{"none"}, IntrospectionMethods: []string{"client_secret_basic"},
	}
	answer := func(context.Context, *call[none]) (metadata, error) { return document, nil }
	const description = "What a client has to know of this issuer, so that it needs nothing but the issuer's URL"
	add(a, operation{
		method: http.MethodGet, path: metadataPath, also: inserted(metadataPath, issuer), id: "getMetadata", tag: tagPublished,
		summary: "Get the metadata", description: description + " (RFC 8414).",
		status: http.StatusOK, answer: "The metadata", cache: publishedCache,
	}, nil, answer)
	add(a, operation{
		method: http.MethodGet, path: openIDPath, also: inserted(openIDPath, issuer), id: "getOpenIDMetadata", tag: tagPublished,
		summary: "Get the metadata where OpenID clients look",
		description: description + ". It is the same document: RFC 8414, section 5 has it so. This is no OpenID provider, and there are no " +
			"ID tokens.",
		status: http.StatusOK, answer: "The metadata", cache: publishedCache,
	}, nil, answer)
}

var errNoURL = errors.New("api: the issuer is not a URL of a server")

// issuerURL reads an issuer, without slashes at its end, as what RFC 8414, section 2 wants; but http will do.
func issuerURL(issuer string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimRight(issuer, "/"))
	if err != nil {
		return nil, errNoURL
	}
	if u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" {
		return nil, errNoURL
	}
	return u, nil
}

// inserted is where a document is for an issuer with a path, which goes behind the well-known part (RFC 8414, section 3.1). No client
// gets through to a path that is not clean.
func inserted(document string, issuer *url.URL) []string {
	suffix := issuer.EscapedPath()
	if suffix == "" || path.Clean(issuer.Path) != issuer.Path {
		return nil
	}
	return []string{document + suffix}
}
