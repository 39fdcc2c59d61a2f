package api

import (
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// The tags that group operations in the document.
const (
	tagAccess    = "Access"
	tagAccount   = "Account"
	tagSessions  = "Sessions"
	tagProxies   = "Proxies"
	tagServices  = "Services"
	tagOAuth     = "OAuth"
	tagPublished = "Published"
)

const documentDescription = `Sign up, sign in, stay signed in, and sign out.

A sign-up or sign-in begins a session and gives two tokens. The access token goes into the header ` + "`Authorization: Bearer …`" + ` of
every request to whatever it protects, and lives for some minutes. The refresh token buys the next pair, is used once, and is kept
where no other program can read it. A refresh token that is used again later ends the session: somebody has a copy of it.

Everything that is no success is ` + "`application/problem+json`" + ` (RFC 9457), whose ` + "`code`" + ` is for programs and stays the same;
under ` + "`/oauth/`" + ` it is the ` + "`error`" + ` of RFC 6749.`

// newDocument is a document without operations.
func newDocument(title, version string) *huma.OpenAPI {
	return &huma.OpenAPI{
		OpenAPI: "3.1.0",
		Info:    &huma.Info{Title: title, Version: version, Description: documentDescription},
		Tags: []*huma.Tag{
			{Name: tagAccess, Description: "Signing up, in and out, and refreshing"},
			{Name: tagAccount, Description: "One's own account"},
			{Name: tagSessions, Description: "The devices that one is signed in with"},
			{Name: tagProxies, Description: "For proxies that ask about each request before they let it through"},
			{Name: tagServices, Description: "For services that verify tokens by themselves"},
			{Name: tagOAuth, Description: "For ready-made OAuth 2.0 clients, and for services that ask what a token is worth"},
			{Name: tagPublished, Description: "What other programs need to know: keys, and this document"},
		},
		Components: &huma.Components{
			Schemas: newRegistry(), Headers: answerHeaders(), Examples: map[string]*huma.Example{},
		},
	}
}

func (a *API) problemSchema() *huma.Schema {
	return a.registry().Schema(reflect.TypeFor[problem](), true, "")
}

func (a *API) oauthErrorSchema() *huma.Schema {
	return a.registry().Schema(reflect.TypeFor[oauthError](), true, "")
}

func requestBody(mediaType string, schema *huma.Schema, optional bool) *huma.RequestBody {
	return &huma.RequestBody{
		Required: !optional,
		Content:  map[string]*huma.MediaType{mediaType: {Schema: schema}},
	}
}

// pathParameters describes what stands in braces in a path.
func pathParameters(path string) []*huma.Param {
	var parameters []*huma.Param
	for part := range strings.SplitSeq(path, "/") {
		if name, ok := strings.CutPrefix(part, "{"); ok {
			parameters = append(parameters, &huma.Param{
				Name: strings.TrimSuffix(name, "}"), In: "path", Required: true, Schema: &huma.Schema{Type: huma.TypeString},
			})
		}
	}
	return parameters
}

// describeAnswers describes the success and every problem of an endpoint. A nil result means that the success has no body.
func (a *API) describeAnswers(e *endpoint, o operation, result *huma.Schema) {
	success := &huma.Response{Description: o.answer, Headers: headers(requestIDHeader, "Cache-Control")}
	if result != nil {
		success.Content = map[string]*huma.MediaType{e.mediaType: {Schema: result}}
	}
	e.op.Responses[strconv.Itoa(o.status)] = success
	for _, code := range e.codes {
		a.describeProblem(e, code)
	}
}

// describeProblem adds a code to the response of its status.
func (a *API) describeProblem(e *endpoint, code string) {
	k, example := kinds[code], e.words(exampleOf(code))
	name, mediaType, schema, said := code, problemType, a.problemSchema(), code
	if e.oauth {
		name, mediaType, schema, said = "oauth_"+code, "application/json", a.oauthErrorSchema(), oauthKinds[code].name
	}
	meaning := meaningOf(code, e.oauth)
	if example.Status != k.status {
		name = "proxy_" + code
	}
	if own, differs := serviceKinds[code]; e.service && differs {
		name, meaning = "service_"+code, own.meaning
	}
	key := strconv.Itoa(example.Status)
	response := e.op.Responses[key]
	if response == nil {
		response = &huma.Response{
			Headers: headers(problemHeaders(example.Status)...),
			Content: map[string]*huma.MediaType{mediaType: {Schema: schema, Examples: map[string]*huma.Example{}}},
		}
		e.op.Responses[key] = response
	}
	line := "`" + said + "`: " + meaning + "."
	response.Description = strings.TrimPrefix(response.Description+"\n\n"+line, "\n\n")
	response.Content[mediaType].Examples[name] = &huma.Example{Ref: examplePrefix + name}
	a.document.Components.Examples[name] = &huma.Example{Value: example.body()}
}

// Where the document keeps what many operations refer to, beside schemas.
const (
	examplePrefix = "#/components/examples/"
	headerPrefix  = "#/components/headers/"
)

// exampleOf is a problem as it may be answered.
func exampleOf(code string) *problem {
	p := newProblem(code)
	p.RequestID = "J3QPZBFDOBSOEPQH5BXHVU6CYM"
	switch code {
	case codeValidation:
		p.Errors = []fieldProblem{{Pointer: "/email", Code: "invalid_email", Message: "is not an e-mail address"}}
	case codeChallenge:
		p.Challenge = map[string]any{"strategy": "code", "state": "VQ5NVCKUDO4FDLY3"}
	}
	return p
}

func problemHeaders(status int) []string {
	names := []string{requestIDHeader, "Cache-Control"}
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden:
		names = append(names, "WWW-Authenticate")
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		names = append(names, "Retry-After")
	}
	return names
}

// headers refers to headers of an answer.
func headers(names ...string) map[string]*huma.Param {
	described := map[string]*huma.Param{}
	for _, name := range names {
		described[name] = &huma.Param{Ref: headerPrefix + name}
	}
	return described
}

// answerHeaders describes the headers of all answers.
func answerHeaders() map[string]*huma.Param {
	text, seconds := &huma.Schema{Type: huma.TypeString}, &huma.Schema{Type: huma.TypeInteger}
	return map[string]*huma.Param{
		requestIDHeader:    {Description: "Names the request in the server's log", Schema: text},
		"Cache-Control":    {Description: "Who may keep the answer, and for how long", Schema: text},
		"WWW-Authenticate": {Description: "What to authenticate with (RFC 9110, section 11.6.1)", Schema: text},
		"Retry-After":      {Description: "How many seconds to wait before trying again", Schema: seconds},
	}
}

// served is what there is at one path.
type served struct {
	methods []string // sorted
	words   func(*problem) *problem
}

// paths returns what is served at each path.
func (a *API) paths() map[string]served {
	paths := map[string]served{}
	for _, e := range a.endpoints {
		for _, path := range append([]string{e.op.Path}, e.also...) {
			at := paths[path]
			at.methods, at.words = append(at.methods, e.op.Method), e.words
			slices.Sort(at.methods)
			paths[path] = at
		}
	}
	return paths
}
