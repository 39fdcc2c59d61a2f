package api

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
)

// publishedCache lets everybody keep what is published for 5 minutes.
const publishedCache = "public, max-age=300"

// addPublished adds what other programs read.
func (a *API) addPublished() {
	a.addMetadata()
	add(a, operation{
		method: http.MethodGet, path: keysPath, id: "getKeys", tag: tagPublished, summary: "Get the public keys",
		description: "The keys that access tokens are verified with (RFC 7517). A new one is here before it signs.",
		status:      http.StatusOK, answer: "The JWK Set",
		mediaType: "application/jwk-set+json", cache: publishedCache,
	}, nil, a.publicKeys)
	add(a, operation{
		method: http.MethodGet, path: "/openapi.json", id: "getDocument", tag: tagPublished, summary: "Get this document",
		description: "These operations, as an OpenAPI 3.1 document.",
		status:      http.StatusOK, answer: "The document",
		cache: "no-cache",
	}, nil, func(context.Context, *call[none]) (rawDocument, error) { return rawDocument(a.json), nil })
}

// rawDocument is a JSON object as it is.
type rawDocument []byte

// MarshalJSON returns the document.
func (d rawDocument) MarshalJSON() ([]byte, error) { return d, nil }

// Schema says that the document is an object.
func (rawDocument) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeObject, Description: "An OpenAPI 3.1 document", AdditionalProperties: true}
}

// keySet is a JWK Set as it is.
type keySet struct{ json.RawMessage }

// Schema describes a JWK Set.
func (keySet) Schema(huma.Registry) *huma.Schema {
	key := &huma.Schema{Type: huma.TypeObject, Description: "A public JWK", AdditionalProperties: true}
	return &huma.Schema{
		Type: huma.TypeObject, Required: []string{"keys"}, AdditionalProperties: true,
		Properties: map[string]*huma.Schema{"keys": {Type: huma.TypeArray, Items: key, Description: "The keys"}},
	}
}

func (a *API) publicKeys(ctx context.Context, _ *call[none]) (keySet, error) {
	set, err := a.auth.PublicKeys(ctx)
	if err != nil {
		return keySet{}, err
	}
	text, err := json.Marshal(set)
	return keySet{text}, err
}
