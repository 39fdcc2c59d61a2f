package api

import (
	"reflect"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// schemaPrefix is where the document's schemas are.
const schemaPrefix = "#/components/schemas/"

// newRegistry returns a registry of schemas that are named after their types, types of the same name in different packages told
// apart by a number: strategies bring types of their own.
func newRegistry() huma.Registry {
	names := map[reflect.Type]string{}
	taken := map[string]bool{}
	return huma.NewMapRegistry(schemaPrefix, func(t reflect.Type, hint string) string {
		for t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		if t.Kind() != reflect.Struct {
			return hint // only structs are put into the document
		}
		if name, known := names[t]; known {
			return name
		}
		name := capitalized(componentName(t.Name()))
		if name == "" {
			name = capitalized(componentName(hint))
		}
		unique := name
		for n := 2; taken[unique]; n++ {
			unique = name + strconv.Itoa(n)
		}
		names[t], taken[unique] = unique, true
		return unique
	})
}

// componentName leaves out of a name what OpenAPI does not allow in one (section "Components Object"), and dots.
func componentName(name string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9', r == '_', r == '-':
			return r
		}
		return -1
	}, name)
}

func capitalized(name string) string {
	if name == "" {
		return ""
	}
	return strings.ToUpper(name[:1]) + name[1:]
}
