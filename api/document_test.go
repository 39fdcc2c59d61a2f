package api_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"maps"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/api"
	"github.com/jetonauth/jeton/jetontest"
)

// routes is the complete list.
var routes = []string{
	"DELETE /auth/me",
	"DELETE /auth/sessions/{id}",
	"GET /.well-known/jwks.json",
	"GET /.well-known/oauth-authorization-server",
	"GET /.well-known/openid-configuration",
	"GET /auth/me",
	"GET /auth/revocations",
	"GET /auth/sessions",
	"GET /auth/verify",
	"GET /openapi.json",
	"PATCH /auth/me",
	"POST /auth/login",
	"POST /auth/logout",
	"POST /auth/password",
	"POST /auth/refresh",
	"POST /auth/signup",
	"POST /oauth/introspect",
	"POST /oauth/revoke",
	"POST /oauth/token",
}

// protectedRoutes need an access token.
var protectedRoutes = []string{
	"DELETE /auth/me", "DELETE /auth/sessions/{id}", "GET /auth/me", "GET /auth/sessions", "GET /auth/verify", "PATCH /auth/me", "POST /auth/password",
}

// otherSecurity is what other operations say of who may.
var otherSecurity = map[string]string{
	"GET /auth/revocations":  `[{"basic":[]}]`,
	"POST /auth/logout":      `[{},{"bearer":[]},{"cookie":[]},{"refreshCookie":[]}]`,
	"POST /auth/refresh":     `[{},{"refreshCookie":[]}]`,
	"POST /oauth/introspect": `[{"basic":[]}]`,
}

// isOAuth reports whether the operation at a path speaks as RFC 6749 does.
func isOAuth(path string) bool { return strings.HasPrefix(path, "/oauth/") }

// The table in docs/wire.md is the same list.
func TestRoutesAreDocumented(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../docs/wire.md")
	if err != nil {
		t.Fatal(err)
	}
	var documented []string
	for _, row := range regexp.MustCompile("(?m)^\\| `([A-Z]+ /[^`]*)` \\|").FindAllStringSubmatch(string(text), -1) {
		documented = append(documented, row[1])
	}
	slices.Sort(documented)
	if !slices.Equal(documented, routes) {
		t.Errorf("docs/wire.md has %q, want %q", documented, routes)
	}
}

func TestRoutes(t *testing.T) {
	t.Parallel()
	s := start(t)
	if got := slices.Sorted(slices.Values(s.api.Routes())); !slices.Equal(got, routes) {
		t.Errorf("operations %q, want %q", got, routes)
	}
	mux := http.NewServeMux()
	s.api.Mount(mux)
	for _, route := range routes {
		method, path, _ := strings.Cut(route, " ")
		r, err := http.NewRequestWithContext(t.Context(), method, path, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		if _, got := mux.Handler(r); got != route {
			t.Errorf("%s is answered by %q", route, got)
		}
		// What is there answers something of its own; what is not is 404 or 405.
		if a := s.send(request{method: method, path: path}); a.status == 405 || a.status == 404 {
			t.Errorf("%s: %d", route, a.status)
		}
	}
	doc := checkDocument(t, s.api.OpenAPI())
	var documented []string
	for path, operations := range doc["paths"].(map[string]any) {
		for method := range operations.(map[string]any) {
			documented = append(documented, strings.ToUpper(method)+" "+path)
		}
	}
	slices.Sort(documented)
	if !slices.Equal(documented, routes) {
		t.Errorf("the document has %q, want %q", documented, routes)
	}
}

func TestDocument(t *testing.T) {
	t.Parallel()
	s := start(t, func(_ *jeton.Config, c *api.Config) { c.Title, c.Version = "My API", "1.2.3" })
	a := s.get("/openapi.json", "").expect(http.StatusOK)
	if !bytes.Equal(s.api.OpenAPI(), []byte(a.text)) {
		t.Error("the document is another than OpenAPI returns")
	}
	if got := a.header.Get("Content-Type"); got != "application/json" {
		t.Errorf("content type %q", got)
	}
	doc := checkDocument(t, []byte(a.text))
	if at(doc, "openapi") != "3.1.0" || at(doc, "info", "title") != "My API" || at(doc, "info", "version") != "1.2.3" {
		t.Errorf("%v, info %v", at(doc, "openapi"), at(doc, "info"))
	}
	if scheme := at(doc, "components", "securitySchemes", "basic"); at(scheme, "type") != "http" || at(scheme, "scheme") != "basic" {
		t.Errorf("security scheme %v", scheme)
	}
	scheme := at(doc, "components", "securitySchemes", "bearer")
	if at(scheme, "type") != "http" || at(scheme, "scheme") != "bearer" || at(scheme, "bearerFormat") != "JWT" {
		t.Errorf("security scheme %v", scheme)
	}
	for _, route := range routes {
		method, path, _ := strings.Cut(route, " ")
		op := at(doc, "paths", path, strings.ToLower(method))
		security, responses := at(op, "security"), at(op, "responses").(map[string]any)
		if slices.Contains(protectedRoutes, route) {
			requirements, _ := json.Marshal(security)
			want := `[{"bearer":[]},{"cookie":[],"csrf":[]}]`
			if method == http.MethodGet {
				want = `[{"bearer":[]},{"cookie":[]}]`
			}
			if string(requirements) != want {
				t.Errorf("%s: security %s", route, requirements)
			}
			for _, status := range []string{"401", "403", "503"} {
				if responses[status] == nil {
					t.Errorf("%s has no %s", route, status)
				}
			}
		} else if requirements, _ := json.Marshal(security); string(requirements) != cmp.Or(otherSecurity[route], "null") {
			t.Errorf("%s: security %s", route, requirements)
		}
		content, _ := at(op, "requestBody", "content").(map[string]any)
		wanted := responses["413"] != nil && responses["415"] != nil
		mediaType, invalid := "application/json", "422"
		if isOAuth(path) {
			mediaType, invalid = "application/x-www-form-urlencoded", "400"
		}
		if hasBody := content[mediaType] != nil; len(content) > 1 || hasBody != (wanted && responses[invalid] != nil) {
			t.Errorf("%s: body %v, responses %v", route, content, responses)
		}
	}
	if properties := at(doc, "components", "schemas", "Tokens", "properties"); at(properties, "$schema") != nil || at(properties, "user") == nil {
		t.Errorf("tokens %v", properties)
	}
	if bytes.Contains(s.api.OpenAPI(), []byte("$schema")) {
		t.Error("there is a $schema")
	}
}

func TestDocumentOfLogin(t *testing.T) {
	t.Parallel()
	body := func(doc map[string]any) map[string]any {
		return at(doc, "paths", "/auth/login", "post", "requestBody", "content", "application/json", "schema").(map[string]any)
	}
	local := checkDocument(t, start(t).api.OpenAPI())
	if ref := body(local)["$ref"]; ref != "#/components/schemas/LoginLocal" {
		t.Errorf("with one strategy: %v", body(local))
	}
	both := checkDocument(t, start(t, withStrategies(twoSteps(new(string))...)).api.OpenAPI())
	alternatives, _ := body(both)["oneOf"].([]any)
	if len(alternatives) != 3 || at(body(both), "discriminator", "propertyName") != "strategy" {
		t.Errorf("with three strategies: %v", body(both))
	}
	for name, want := range map[string]string{"local": "email password", "pin": "strategy card pin", "code": "strategy state code"} {
		ref, _ := at(body(both), "discriminator", "mapping", name).(string)
		schema := at(both, "components", "schemas", strings.TrimPrefix(ref, "#/components/schemas/"))
		if got := words(at(schema, "required")); got != want {
			t.Errorf("%s: required %q, want %q", name, got, want)
		}
		if at(schema, "properties", "strategy", "enum").([]any)[0] != name || at(schema, "additionalProperties") != false {
			t.Errorf("%s: %v", name, schema)
		}
	}
	if at(both, "components", "schemas", "LoginLocal", "properties", "strategy", "default") != "local" {
		t.Error("local is not the default")
	}
}

func words(list any) string {
	var all []string
	for _, word := range list.([]any) {
		all = append(all, word.(string))
	}
	return strings.Join(all, " ")
}

// at goes down into a document; what is not there is nil.
func at(value any, names ...string) any {
	for _, name := range names {
		object, _ := value.(map[string]any)
		value = object[name]
	}
	return value
}

var (
	statusPattern    = regexp.MustCompile(`^[1-5][0-9][0-9]$`)
	componentPattern = regexp.MustCompile(`^[a-zA-Z0-9._-]+$`)
)

// checkDocument demands what the OpenAPI Specification 3.1.0 does, as far as these documents go, and what a reader does.
func checkDocument(t *testing.T, text []byte) map[string]any {
	t.Helper()
	var doc map[string]any
	if err := json.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	ids := map[string]bool{}
	tags := map[string]bool{}
	for _, tag := range doc["tags"].([]any) {
		tags[at(tag, "name").(string)] = true
	}
	for path, operations := range doc["paths"].(map[string]any) {
		for method, op := range operations.(map[string]any) {
			where := method + " " + path
			checkOperation(t, where, path, op)
			id, _ := at(op, "operationId").(string)
			if id == "" || ids[id] {
				t.Errorf("%s: operation id %q", where, id)
			}
			ids[id] = true
			for _, tag := range at(op, "tags").([]any) {
				if !tags[tag.(string)] {
					t.Errorf("%s: tag %v is not described", where, tag)
				}
			}
		}
	}
	for kind, components := range doc["components"].(map[string]any) {
		for name := range components.(map[string]any) {
			if !componentPattern.MatchString(name) {
				t.Errorf("component %s/%q", kind, name)
			}
		}
	}
	checkValues(t, doc, "#", doc)
	return doc
}

func checkOperation(t *testing.T, where, path string, op any) {
	t.Helper()
	for _, text := range []string{"summary", "description"} {
		if at(op, text) == nil {
			t.Errorf("%s has no %s", where, text)
		}
	}
	responses, _ := at(op, "responses").(map[string]any)
	successes := 0
	for status, response := range responses {
		n, _ := strconv.Atoi(status)
		if !statusPattern.MatchString(status) || at(response, "description") == nil || at(response, "headers", "X-Request-Id") == nil {
			t.Errorf("%s: response %s: %v", where, status, response)
		}
		if n < 300 {
			successes++
			if empty := n == http.StatusNoContent || path == "/oauth/revoke" || path == "/auth/verify"; empty != (at(response, "content") == nil) {
				t.Errorf("%s: response %s has content %v", where, status, at(response, "content"))
			}
			continue
		}
		mediaType, schema := "application/problem+json", "#/components/schemas/Problem"
		if isOAuth(path) {
			mediaType, schema = "application/json", "#/components/schemas/OauthError"
		}
		body := at(response, "content", mediaType)
		if at(body, "schema", "$ref") != schema || at(body, "examples") == nil {
			t.Errorf("%s: response %s: %v", where, status, body)
		}
	}
	parameters, _ := at(op, "parameters").([]any)
	if path == "/auth/verify" {
		if statuses := slices.Sorted(maps.Keys(responses)); !slices.Equal(statuses, []string{"200", "401", "403", "503"}) || len(parameters) != 2 {
			t.Errorf("%s: statuses %q, %d parameters", where, statuses, len(parameters))
		}
		return
	}
	if successes != 1 || responses["500"] == nil {
		t.Errorf("%s: %d successes, 500: %v", where, successes, responses["500"])
	}
	if path == "/auth/revocations" {
		for _, p := range parameters {
			if at(p, "in") != "query" || at(p, "required") == true || at(p, "schema", "type") != "integer" || at(p, "description") == nil {
				t.Errorf("%s: parameter %v", where, p)
			}
		}
		if len(parameters) != 3 {
			t.Errorf("%s: %d parameters, want 3", where, len(parameters))
		}
		return
	}
	if n := strings.Count(path, "{"); n != len(parameters) {
		t.Errorf("%s: %d parameters, want %d", where, len(parameters), n)
	}
	for _, p := range parameters {
		if at(p, "in") != "path" || at(p, "required") != true || !strings.Contains(path, "{"+at(p, "name").(string)+"}") {
			t.Errorf("%s: parameter %v", where, p)
		}
	}
}

// checkValues sees to it that each reference leads somewhere, and each schema's required members are there.
func checkValues(t *testing.T, doc map[string]any, where string, value any) {
	t.Helper()
	switch value := value.(type) {
	case []any:
		for i, element := range value {
			checkValues(t, doc, where+"/"+strconv.Itoa(i), element)
		}
	case map[string]any:
		if ref, ok := value["$ref"].(string); ok && at(doc, strings.Split(strings.TrimPrefix(ref, "#/"), "/")...) == nil {
			t.Errorf("%s refers to %s, which is not there", where, ref)
		}
		if mapping, ok := at(value, "discriminator", "mapping").(map[string]any); ok {
			for name, ref := range mapping {
				if at(doc, strings.Split(strings.TrimPrefix(ref.(string), "#/"), "/")...) == nil {
					t.Errorf("%s maps %s to %s, which is not there", where, name, ref)
				}
			}
		}
		if required, ok := value["required"].([]any); ok {
			for _, name := range required {
				if at(value, "properties", name.(string)) == nil {
					t.Errorf("%s requires %v, which is no property", where, name)
				}
			}
		}
		for name, member := range value {
			checkValues(t, doc, where+"/"+name, member)
		}
	}
}

// Every code is told of somewhere, and the table of a document is the table of the answers.
func TestEveryCodeIsDocumented(t *testing.T) {
	t.Parallel()
	doc := checkDocument(t, start(t).api.OpenAPI())
	examples := at(doc, "components", "examples").(map[string]any)
	for code, status := range api.Codes() {
		example, oauth := examples[code], examples["oauth_"+code]
		if name := api.OAuthName(code); oauth != nil && (name == "" || at(oauth, "value", "error") != name) {
			t.Errorf("%s: example %v, want the error %q", code, oauth, name)
		}
		switch {
		case code == "method_not_allowed":
			continue // no operation answers so
		case example == nil && oauth != nil: // only OAuth clients are told
		case example == nil:
			t.Errorf("%s is in no response", code)
		case at(example, "value", "status") != float64(status) || at(example, "value", "code") != code:
			t.Errorf("%s: example %v", code, example)
		}
	}
}

func TestPublicKeys(t *testing.T) {
	t.Parallel()
	s := start(t)
	a := s.get("/.well-known/jwks.json", "").expect(http.StatusOK)
	if a.header.Get("Cache-Control") != "public, max-age=300" || a.header.Get("Content-Type") != "application/jwk-set+json" {
		t.Errorf("headers %v", a.header)
	}
	var set struct {
		Keys []map[string]any `json:"keys"`
	}
	a.decode(&set)
	if len(set.Keys) != 1 || set.Keys[0]["kty"] != "EC" || set.Keys[0]["kid"] == "" || set.Keys[0]["d"] != nil {
		t.Errorf("keys %s", a.text)
	}
}

func TestDefaultTitle(t *testing.T) {
	t.Parallel()
	a, err := api.New(api.Config{Auth: jetontest.New(t).Auth})
	if err != nil {
		t.Fatal(err)
	}
	doc := checkDocument(t, a.OpenAPI())
	if at(doc, "info", "title") != "jeton" || at(doc, "info", "version") == "" {
		t.Errorf("info %v", at(doc, "info"))
	}
	copied := a.OpenAPI()
	clear(copied)
	if !bytes.HasPrefix(a.OpenAPI(), []byte("{")) {
		t.Error("what OpenAPI returns is the document itself")
	}
}
