package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/jetonauth/jeton"
)

// body says how an operation's request body is read. A nil one means that there is none: what is sent then is not looked at.
type body[B any] struct {
	mediaType string
	schema    *huma.Schema // for the document
	optional  bool         // an empty body is the zero B
	codes     []string     // of the problems that it may have
	decode    func(text []byte) (B, error)
	cutOff    func() error // what did not arrive whole
}

// jsonType is the media type of JSON.
const jsonType = "application/json"

// jsonBody is a body that is a B, whose JSON tags are the wire form.
func jsonBody[B any](registry huma.Registry) *body[B] {
	schema := registry.Schema(reflect.TypeFor[B](), true, "")
	return objectBody(schema, func(text []byte, value map[string]any) (B, error) {
		var b B
		if problems := fit(registry, schema, value); len(problems) > 0 {
			return b, &jeton.ValidationError{Fields: problems}
		}
		err := unmarshal(text, &b)
		return b, err
	})
}

// objectBody is a body that is a JSON object. What it says is for decode to find out, which is also given the object's members.
func objectBody[B any](schema *huma.Schema, decode func(text []byte, value map[string]any) (B, error)) *body[B] {
	return &body[B]{
		mediaType: jsonType, schema: schema,
		codes: []string{codeInvalidJSON, codeBodyTooLarge, codeMediaType, codeValidation},
		decode: func(text []byte) (read B, err error) {
			value, err := decodeObject(text)
			if err != nil {
				return read, err
			}
			return decode(text, value)
		},
		cutOff: func() error { return &jsonError{"the body did not arrive whole"} },
	}
}

// orNone is the same body, which may be left out.
func (b *body[B]) orNone() *body[B] {
	optional := *b
	optional.optional = true
	return &optional
}

// errCutOff means that a body ended before it was whole.
var errCutOff = errors.New("api: the body did not arrive whole")

// read reads a request's body: first what needs no parsing, then its form, then what it says.
func (b *body[B]) read(w http.ResponseWriter, r *http.Request, limit int64) (read B, err error) {
	text, err := readAll(w, r, limit)
	if errors.Is(err, errCutOff) {
		return read, b.cutOff()
	}
	if err != nil || len(text) == 0 && b.optional {
		return read, err
	}
	if len(text) > 0 && !hasMediaType(r.Header, b.mediaType) {
		return read, newProblem(codeMediaType)
	}
	return b.decode(text)
}

// readAll reads no more than limit bytes, and nothing of a body that says itself that it is longer.
func readAll(w http.ResponseWriter, r *http.Request, limit int64) ([]byte, error) {
	if r.ContentLength > limit {
		w.Header().Set("Connection", "close") // in place of reading what nobody wants
		return nil, newProblem(codeBodyTooLarge)
	}
	text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		return nil, newProblem(codeBodyTooLarge)
	}
	if err != nil {
		return nil, errCutOff
	}
	return text, nil
}

// hasMediaType reports whether a body is said to be plainly of a media type, in UTF-8. Neither application/json (RFC 8259, section 11) nor
// a form has a parameter; the one that many send is let through if it says what is so.
func hasMediaType(header http.Header, mediaType string) bool {
	types := header.Values("Content-Type")
	if len(types) != 1 {
		return false
	}
	if coding := header.Get("Content-Encoding"); coding != "" && !strings.EqualFold(coding, "identity") {
		return false
	}
	name, parameters, err := mime.ParseMediaType(types[0])
	if err != nil || name != mediaType {
		return false
	}
	charset, given := parameters["charset"]
	delete(parameters, "charset")
	return len(parameters) == 0 && (!given || strings.EqualFold(charset, "utf-8"))
}

// unmarshal decodes text that fits a schema. What only its Go type knows, such as how large a number may be, is found here.
func unmarshal(text []byte, into any) error {
	err := json.Unmarshal(text, into)
	if err == nil {
		return nil
	}
	field := jeton.FieldError{Code: "invalid_value", Message: "is not one of the values that are wanted"}
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok && wrong.Field != "" {
		field.Pointer = "/" + strings.ReplaceAll(wrong.Field, ".", "/")
	}
	return &jeton.ValidationError{Fields: []jeton.FieldError{field}}
}

// schemaOf returns the schema of a type that an application made. huma panics where a tag is wrong, which is an error here.
func schemaOf(registry huma.Registry, t reflect.Type) (schema *huma.Schema, err error) {
	defer func() {
		if reason := recover(); reason != nil {
			err = fmt.Errorf("%v", reason)
		}
	}()
	schema = huma.SchemaFromType(registry, t)
	for schema != nil && schema.Ref != "" {
		schema = registry.SchemaFromRef(schema.Ref)
	}
	if schema == nil || schema.Type != huma.TypeObject {
		return nil, fmt.Errorf("a %v is no JSON object", t)
	}
	return schema, nil
}
