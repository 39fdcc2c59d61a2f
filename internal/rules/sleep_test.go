package rules_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// No test sleeps: it would be slow, or fail on a busy machine, or both. In a bubble of testing/synctest, where
// time passes when everybody waits, to sleep is to move the clock; so only packages whose tests use that may.
func TestNoTestSleeps(t *testing.T) {
	t.Parallel()
	folders := map[string][]string{}
	for _, file := range files(t, repository(t)) {
		if strings.HasSuffix(file, "_test.go") {
			folders[filepath.Dir(file)] = append(folders[filepath.Dir(file)], file)
		}
	}
	for _, tests := range folders {
		var sleeps []string
		bubbles := false
		for _, file := range tests {
			parsed := parse(t, file, nil)
			sleeps = append(sleeps, parsed.sleeps...)
			bubbles = bubbles || parsed.bubbles
		}
		if !bubbles && len(sleeps) > 0 {
			t.Errorf("time.Sleep in tests that do not use testing/synctest: %s", strings.Join(sleeps, ", "))
		}
	}
}

func TestSleepIsFound(t *testing.T) {
	t.Parallel()
	tests := []struct {
		source  string
		sleeps  int
		bubbles bool
	}{
		{"package x\n\nimport \"time\"\n\nfunc wait() { time.Sleep(1) }\n", 1, false},
		{"package x\n\nimport (\n\"testing/synctest\"\n\"time\"\n)\n\nfunc wait() { time.Sleep(1); synctest.Wait() }\n", 1, true},
		{"package x\n\nfunc wait() {}\n", 0, false},
	}
	for _, test := range tests {
		if got := parse(t, "wait_test.go", test.source); len(got.sleeps) != test.sleeps || got.bubbles != test.bubbles {
			t.Errorf("found %+v, want %d sleeps and bubbles %t in\n%s", got, test.sleeps, test.bubbles, test.source)
		}
	}
}

// A testFile says where a test file calls time.Sleep, and whether it uses the bubbles of testing/synctest.
type testFile struct {
	sleeps  []string
	bubbles bool
}

// parse reads a test file, or the source given for it.
func parse(t *testing.T, file string, source any) testFile {
	t.Helper()
	positions := token.NewFileSet()
	parsed, err := parser.ParseFile(positions, file, source, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	var found testFile
	found.bubbles = slices.ContainsFunc(parsed.Imports, func(i *ast.ImportSpec) bool {
		return i.Path.Value == `"testing/synctest"`
	})
	ast.Inspect(parsed, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok && s.Sel.Name == "Sleep" {
			if x, ok := s.X.(*ast.Ident); ok && x.Name == "time" {
				found.sleeps = append(found.sleeps, positions.Position(s.Pos()).String())
			}
		}
		return true
	})
	return found
}
