package api

import (
	"encoding/json"
	"fmt"
	"net/url"
	"reflect"
	"strings"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
)

// formType is the media type of a form.
const formType = "application/x-www-form-urlencoded"

// formBody is a body that is a form, whose parameters are the members that B has as JSON, all of them strings. Which of them have to be
// there is for the operation to say. The query string is no part of it.
func formBody[B any](registry huma.Registry) *body[B] {
	schema := registry.Schema(reflect.TypeFor[B](), true, "")
	known := registry.SchemaFromRef(schema.Ref).Properties
	return &body[B]{
		mediaType: formType, schema: schema,
		codes: []string{codeInvalidRequest, codeBodyTooLarge, codeMediaType},
		decode: func(text []byte) (read B, err error) {
			values, err := parseForm(string(text), func(name string) bool { return known[name] != nil })
			if err != nil {
				return read, err
			}
			members, err := json.Marshal(values)
			if err != nil {
				return read, fmt.Errorf("api: a form has no JSON form: %w", err)
			}
			err = json.Unmarshal(members, &read)
			return read, err
		},
		cutOff: func() error { return invalidRequest("The body did not arrive whole.") },
	}
}

// parseForm reads a form in UTF-8 (WHATWG URL, section 5.1), and nothing that has to be guessed at: a broken escape or bad UTF-8 makes
// all of it invalid, whichever parameter has it. As RFC 6749, section 3.2 has it, parameters that are not known are ignored, those
// without a value count as left out, and none may be there twice.
func parseForm(text string, known func(name string) bool) (map[string]string, error) {
	values, seen := map[string]string{}, map[string]bool{}
	for pair := range strings.SplitSeq(text, "&") {
		encodedName, encodedValue, _ := strings.Cut(pair, "=")
		name, nameOK := formDecoded(encodedName)
		value, valueOK := formDecoded(encodedValue)
		switch {
		case !nameOK || !valueOK:
			return nil, invalidRequest("The body is not a form in UTF-8.")
		case !known(name):
			continue
		case seen[name]:
			return nil, invalidRequest("The parameter " + name + " is there twice.")
		}
		seen[name] = true
		if value != "" {
			values[name] = value
		}
	}
	return values, nil
}

// formDecoded decodes a name or a value of a form.
func formDecoded(text string) (decoded string, ok bool) {
	decoded, err := url.QueryUnescape(text)
	return decoded, err == nil && utf8.ValidString(decoded)
}

// invalidRequest is a request that is not as it has to be. What is told must not hold a value that was sent.
func invalidRequest(detail string) *problem {
	p := newProblem(codeInvalidRequest)
	p.Detail = detail
	return p
}

// missing is a request without a parameter that has to be there.
func missing(name string) *problem { return invalidRequest("The parameter " + name + " is missing.") }
