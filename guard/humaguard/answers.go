package humaguard

import (
	"encoding/json"
	"mime"
	"reflect"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/jetonauth/jeton/guard"
	"github.com/jetonauth/jeton/jwt"
)

// sample is a refusal as it may happen. What the guard answers to it is in the document, whatever the guard's [guard.Answerer] is.
type sample struct {
	refusal guard.Refusal
	meaning string
}

// samples returns one refusal for each code that is possible.
func (p *protection) samples() []sample {
	var list []sample
	add := func(code guard.Code, cause error, meaning string) {
		list = append(list, sample{guard.Refusal{Code: code, Err: cause, Description: meaning, Scopes: p.asked.Scopes}, meaning})
	}
	if !p.asked.Optional || p.demanding {
		add(guard.MissingToken, guard.ErrNoToken, "The request has no access token.")
	}
	add(guard.InvalidToken, &jwt.Refusal{Reason: jwt.ErrExpired}, "The access token is malformed, expired, revoked or otherwise invalid.")
	add(guard.InvalidRequest, guard.ErrMalformed, "The request has a malformed header, or more than one token.")
	forgeable := p.asked.Forbids && slices.ContainsFunc(p.asked.Sources, isCookie)
	if p.demanding || len(p.asked.Scopes) > 0 || len(p.roles) > 0 || p.asked.Forbids && !forgeable {
		add(guard.InsufficientScope, nil, "The access token does not allow this."+p.needs())
	}
	if forgeable {
		add(guard.ForgedRequest, guard.ErrOrigin, "The request comes from another site, or does not repeat the CSRF value of its session.")
	}
	add(guard.Unavailable, nil, "The request cannot be checked at the moment.")
	return list
}

// needs says which scopes and roles are needed.
func (p *protection) needs() string {
	var b strings.Builder
	if scopes := p.asked.Scopes; len(scopes) > 0 {
		b.WriteString(" It needs the scopes " + list(scopes) + ".")
	}
	for _, roles := range p.roles {
		b.WriteString(" It needs one of the roles " + list(roles) + ".")
	}
	return b.String()
}

func list(words []string) string { return "`" + strings.Join(words, "`, `") + "`" }

func isCookie(s guard.SourceDescription) bool { return s.Place == guard.PlaceCookie }

// newResponse describes the headers and the media type of an answer.
func newResponse(document *huma.OpenAPI, answer guard.Answer) *huma.Response {
	response := &huma.Response{Headers: map[string]*huma.Param{}}
	for name, meaning := range map[string]string{
		"WWW-Authenticate": "What to authenticate with (RFC 9110, section 11.6.1)",
		"Retry-After":      "How many seconds to wait before trying again",
	} {
		if answer.Header.Get(name) != "" {
			response.Headers[name] = &huma.Param{Description: meaning, Schema: &huma.Schema{Type: huma.TypeString}}
		}
	}
	mediaType, _, err := mime.ParseMediaType(answer.Header.Get("Content-Type"))
	if err != nil {
		return response
	}
	content := &huma.MediaType{Examples: map[string]*huma.Example{}}
	if isProblem(answer.Body) && document.Components != nil && document.Components.Schemas != nil {
		content.Schema = document.Components.Schemas.Schema(reflect.TypeFor[guardProblem](), true, "")
	}
	response.Content = map[string]*huma.MediaType{mediaType: content}
	return response
}

// addSample adds the meaning of a refusal to the description of its answer, and the body as an example.
func addSample(response *huma.Response, s sample, answer guard.Answer) {
	response.Description = strings.TrimPrefix(response.Description+"\n\n"+s.meaning, "\n\n")
	for mediaType, content := range response.Content {
		var value any
		if err := json.Unmarshal(answer.Body, &value); err != nil || !strings.HasSuffix(mediaType, "json") {
			value = string(answer.Body)
		}
		content.Examples[string(s.refusal.Code)] = &huma.Example{Value: value}
	}
}

// guardProblem is the body that [guard.Problems] answers with.
type guardProblem struct {
	_ struct{} `additionalProperties:"true"`

	Title  string `json:"title" doc:"The status's phrase"`
	Status int    `json:"status" doc:"The status"`
	Code   string `json:"code" doc:"What is wrong, for programs"`
	Detail string `json:"detail,omitempty" doc:"What is wrong, for people"`
}

// isProblem reports whether a body is one of [guard.Problems], and nothing more.
func isProblem(body []byte) bool {
	var members map[string]any
	if err := json.Unmarshal(body, &members); err != nil {
		return false
	}
	for _, name := range []string{"title", "status", "code"} {
		if _, ok := members[name]; !ok {
			return false
		}
		delete(members, name)
	}
	delete(members, "detail")
	return len(members) == 0
}
