package jsonwebtoken_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/jetonauth/jeton/dialect/internal/jsonwebtoken"
)

// A dialect's VerifyOptions are an alias, whose fields go doc does not show: its comment names each, with its type.
func TestAliasesNameEveryField(t *testing.T) {
	t.Parallel()
	comments := aliasComments(t)
	for _, dialect := range []string{"express", "foal"} {
		comment, ok := comments[dialect]
		if !ok {
			t.Errorf("%s has no VerifyOptions", dialect)
		}
		described := map[string]string{}
		for line := range strings.Lines(comment) {
			if words := strings.Fields(line); strings.HasPrefix(line, "\t") && len(words) > 1 {
				described[words[0]] = line
			}
		}
		for field := range reflect.TypeFor[jsonwebtoken.VerifyOptions]().Fields() {
			if !strings.Contains(described[field.Name], " "+field.Type.String()+" ") {
				t.Errorf("%s: the comment on VerifyOptions does not say that %s is a %s", dialect, field.Name, field.Type)
			}
			delete(described, field.Name)
		}
		if len(described) > 0 {
			t.Errorf("%s: the comment on VerifyOptions names what is no field: %v", dialect, described)
		}
	}
}

// aliasComments are those on the type VerifyOptions, by dialect.
func aliasComments(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "..", "*", "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	comments := map[string]string{}
	for _, file := range files {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, declaration := range parsed.Decls {
			types, ok := declaration.(*ast.GenDecl)
			if !ok || types.Tok != token.TYPE {
				continue
			}
			for _, spec := range types.Specs {
				if named, ok := spec.(*ast.TypeSpec); ok && named.Name.Name == "VerifyOptions" && named.Assign.IsValid() {
					comments[parsed.Name.Name] = types.Doc.Text()
				}
			}
		}
	}
	return comments
}
