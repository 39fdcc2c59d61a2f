package api

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"

	"github.com/jetonauth/jeton"
)

const (
	// maxProblems bounds how many fields an answer complains about.
	maxProblems = 32
	// maxPointer bounds a pointer, whose last part may be a name that the client made up.
	maxPointer = 128
)

// fit returns what does not fit between a value that was decoded from JSON and a schema. Names are compared as they are, and what a
// schema does not name is refused, unlike encoding/json's way. The problems tell neither values nor what huma says about them.
func fit(registry huma.Registry, schema *huma.Schema, value any) []jeton.FieldError {
	f := fitter{registry: registry}
	f.value("", schema, value)
	return f.problems
}

type fitter struct {
	registry huma.Registry
	problems []jeton.FieldError
}

func (f *fitter) add(pointer, code, message string) {
	if len(f.problems) < maxProblems {
		f.problems = append(f.problems, jeton.FieldError{Pointer: pointer, Code: code, Message: message})
	}
}

func (f *fitter) value(pointer string, s *huma.Schema, v any) {
	for s.Ref != "" {
		s = f.registry.SchemaFromRef(s.Ref)
	}
	if v == nil && s.Nullable {
		return
	}
	if kind, ok := isOfType(s.Type, v); !ok {
		f.add(pointer, "invalid_type", "must be "+kind)
		return
	}
	before := len(f.problems)
	switch v := v.(type) {
	case string:
		f.length(pointer, s, v)
	case []any:
		f.array(pointer, s, v)
	case map[string]any:
		f.object(pointer, s, v)
	}
	if len(f.problems) == before {
		f.rest(pointer, s, v)
	}
}

// isOfType reports whether a value is of a schema's type, and how that type is called.
func isOfType(want string, v any) (name string, ok bool) {
	switch want {
	case huma.TypeString:
		_, ok = v.(string)
		return "a string", ok
	case huma.TypeBoolean:
		_, ok = v.(bool)
		return "true or false", ok
	case huma.TypeNumber:
		_, ok = v.(float64)
		return "a number", ok
	case huma.TypeInteger:
		n, ok := v.(float64)
		return "an integer", ok && n == math.Trunc(n)
	case huma.TypeArray:
		_, ok = v.([]any)
		return "an array", ok
	case huma.TypeObject:
		_, ok = v.(map[string]any)
		return "an object", ok
	}
	return "", true // a schema without a type
}

func (f *fitter) length(pointer string, s *huma.Schema, v string) {
	n := utf8.RuneCountInString(v)
	if s.MinLength != nil && n < *s.MinLength {
		f.add(pointer, "too_short", "must have at least "+counted(*s.MinLength, "character"))
	}
	if s.MaxLength != nil && n > *s.MaxLength {
		f.add(pointer, "too_long", "must have at most "+counted(*s.MaxLength, "character"))
	}
}

func (f *fitter) array(pointer string, s *huma.Schema, v []any) {
	if s.MinItems != nil && len(v) < *s.MinItems {
		f.add(pointer, "too_short", "must have at least "+counted(*s.MinItems, "element"))
	}
	if s.MaxItems != nil && len(v) > *s.MaxItems {
		f.add(pointer, "too_long", "must have at most "+counted(*s.MaxItems, "element"))
		return
	}
	if s.UniqueItems && hasTwice(v) {
		f.add(pointer, "not_unique", "must not have an element twice")
	}
	if s.Items == nil {
		return
	}
	for i, element := range v {
		f.value(pointer+"/"+strconv.Itoa(i), s.Items, element)
	}
}

// hasTwice compares elements by their JSON, which has the members of an object in order.
func hasTwice(array []any) bool {
	seen := map[string]bool{}
	for _, element := range array {
		text, err := json.Marshal(element)
		if err != nil || seen[string(text)] {
			return err == nil
		}
		seen[string(text)] = true
	}
	return false
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func (f *fitter) object(pointer string, s *huma.Schema, v map[string]any) {
	for _, name := range s.Required {
		if _, there := v[name]; !there {
			f.add(member(pointer, name), "required", "is required")
		}
	}
	for _, name := range slices.Sorted(maps.Keys(v)) {
		at := member(pointer, name)
		if property, known := s.Properties[name]; known {
			f.value(at, property, v[name])
			continue
		}
		others, described := s.AdditionalProperties.(*huma.Schema)
		switch {
		case s.AdditionalProperties == false, isNearly(s, name):
			f.unknown(pointer, name)
		case described:
			f.value(at, others, v[name])
		}
	}
}

// isNearly reports whether encoding/json would take a name for a property of another spelling.
func isNearly(s *huma.Schema, name string) bool {
	for property := range s.Properties {
		if strings.EqualFold(property, name) {
			return true
		}
	}
	return false
}

func (f *fitter) unknown(pointer, name string) {
	if at := member(pointer, name); len(at) <= maxPointer {
		pointer = at
	}
	f.add(pointer, "unknown_member", "is not known here")
}

// member is the pointer to a member (RFC 6901, section 3).
func member(pointer, name string) string {
	return pointer + "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
}

// rest leaves to huma what is rarer in a schema. Only whether it finds something counts: its words are for the application that
// may replace them, and hold the value.
func (f *fitter) rest(pointer string, s *huma.Schema, v any) {
	switch v.(type) {
	case map[string]any, []any:
		if !isComposed(s) {
			return // its parts were looked at
		}
	}
	if s.Format == addressFormat {
		plain := *s // what an address is decides the service
		plain.Format = ""
		s = &plain
	}
	var result huma.ValidateResult
	huma.Validate(f.registry, s, huma.NewPathBuffer(nil, 0), huma.ModeWriteToServer, v, &result)
	if len(result.Errors) > 0 {
		f.add(pointer, "invalid_value", "is not one of the values that the API's document describes")
	}
}

// addressFormat is the format of an e-mail address that may be internationalised.
const addressFormat = "idn-email"

// isComposed reports whether an object or array has to follow rules about it as a whole.
func isComposed(s *huma.Schema) bool {
	return len(s.OneOf)+len(s.AnyOf)+len(s.AllOf)+len(s.DependentRequired) > 0 || s.Not != nil ||
		s.MinProperties != nil || s.MaxProperties != nil
}
