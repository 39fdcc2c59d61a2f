package rules_test

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"testing"
)

// families are the kinds of room that never import each other.
var families = []string{"store", "strategy", "dialect"}

// suite is the one store package that other stores' tests import.
const suite = "store/storetest"

func TestEveryPackageHasARoom(t *testing.T) {
	t.Parallel()
	used := map[string]bool{}
	for importPath := range packages(t, "linux") {
		name := roomName(importPath)
		if name == "" {
			continue
		}
		r, ok := roomOf(name)
		if !ok {
			t.Errorf("%s is in no row of the table of rooms: say there what it may import", name)
		}
		used[r.name] = true
	}
	for _, r := range rooms {
		if !used[r.name] {
			t.Errorf("the table of rooms has %s, and there is no such package", r.name)
		}
	}
}

func TestImportsFollowTheTable(t *testing.T) {
	t.Parallel()
	eachSystem(t, importProblems)
}

func TestCoreLinksOnlyTheStandardLibrary(t *testing.T) {
	t.Parallel()
	eachSystem(t, coreProblems)
}

func TestStoresAndHTTPStayApart(t *testing.T) {
	t.Parallel()
	eachSystem(t, apartProblems)
}

func TestSiblingsStayApart(t *testing.T) {
	t.Parallel()
	eachSystem(t, siblingProblems)
}

// A rule says what is wrong with one package of the root module, given all that are linked.
type rule func(name string, p listed, all map[string]listed) []string

// eachSystem checks the root module's packages as they are built for each of the systems.
func eachSystem(t *testing.T, check rule) {
	t.Helper()
	for _, goos := range systems {
		t.Run(goos, func(t *testing.T) {
			t.Parallel()
			all := packages(t, goos)
			for importPath, p := range all {
				name := roomName(importPath)
				if name == "" {
					continue
				}
				for _, problem := range check(name, p, all) {
					t.Error(problem)
				}
			}
		})
	}
}

// importProblems: a package imports the standard library, what its row says, and net/http only if that says so.
func importProblems(name string, p listed, all map[string]listed) []string {
	r, _ := roomOf(name)
	var problems []string
	for _, imported := range p.Imports {
		switch {
		case within(imported, "net/http"):
			if !r.http {
				problems = append(problems, fmt.Sprintf("%s imports %s: only rooms that speak HTTP do", name, imported))
			}
		case all[imported].Standard, r.mayImport(imported):
		default:
			problems = append(problems, fmt.Sprintf("%s imports %s: its row of the table of rooms does not say so", name, imported))
		}
	}
	return problems
}

// coreProblems: who audits the core reads the core, the standard library and golang.org/x, and nothing else.
func coreProblems(name string, p listed, all map[string]listed) []string {
	if r, _ := roomOf(name); !r.core {
		return nil
	}
	var problems []string
	for _, linked := range p.Deps {
		other, known := roomOf(roomName(linked))
		if all[linked].Standard || within(linked, "golang.org/x") || known && other.core {
			continue
		}
		problems = append(problems, fmt.Sprintf("%s is of the core and links %s", name, linked))
	}
	return problems
}

// apartProblems: a store never links a room that speaks HTTP, and such a room never links a store, whatever the
// table says. Those that know everything are the exception.
func apartProblems(name string, p listed, _ map[string]listed) []string {
	r, _ := roomOf(name)
	if slices.Contains(r.imports, everything) {
		return nil
	}
	var problems []string
	for _, linked := range p.Deps {
		other, known := roomOf(roomName(linked))
		if known && (family(name) == "store" && other.http || r.http && family(roomName(linked)) == "store") {
			problems = append(problems, fmt.Sprintf("%s links %s: stores know no HTTP, and HTTP knows no store", name, linked))
		}
	}
	return problems
}

// siblingProblems: strategies, dialects and stores never import each other. What two of them share moves towards
// the root, or into a room internal to the family. A test may use any store but, in a store, only the suite that
// all stores pass; the suite's own test needs one to run over.
func siblingProblems(name string, p listed, _ map[string]listed) []string {
	own := family(name)
	if own == "" {
		return nil
	}
	var problems []string
	for _, imported := range p.Imports {
		if other := roomName(imported); family(other) != "" && !shared(other) {
			problems = append(problems, fmt.Sprintf("%s imports %s", name, other))
		}
	}
	if name == suite {
		return problems
	}
	for _, imported := range slices.Concat(p.TestImports, p.XTestImports) {
		if other := roomName(imported); family(other) == own && other != name && other != suite && !shared(other) {
			problems = append(problems, fmt.Sprintf("a test of %s imports %s", name, other))
		}
	}
	return problems
}

// family returns a package's kind if it is one of the families, else nothing.
func family(name string) string {
	first, _, nested := strings.Cut(path.Clean(name), "/")
	if !nested || !slices.Contains(families, first) {
		return ""
	}
	return first
}

// shared says whether a package is internal to a family: its members may import it, and it none of them.
func shared(name string) bool {
	kind := family(name)
	return kind != "" && strings.HasPrefix(name, kind+"/internal/")
}

// The rules refuse what they are there to refuse.
func TestRulesRefuse(t *testing.T) {
	t.Parallel()
	own := func(name string) string { return path.Join(modulePath, name) }
	standard := map[string]listed{"net/http": {Standard: true}, "crypto": {Standard: true}}
	tests := []struct {
		what     string
		check    rule
		name     string
		p        listed
		problems int
	}{
		{"standard library", importProblems, "jwk", listed{Imports: []string{"crypto"}}, 0},
		{"a room outwards", importProblems, "jwk", listed{Imports: []string{own("jwt")}}, 1},
		{"the root from a key set", importProblems, "jwk", listed{Imports: []string{modulePath}}, 1},
		{"a room inwards", importProblems, "api", listed{Imports: []string{own("guard"), modulePath}}, 0},
		{"a room through another", importProblems, "api", listed{Imports: []string{own("jwk")}}, 1},
		{"a room of the core", importProblems, "jetontest", listed{Imports: []string{own("jwk"), own("store/memory")}}, 0},
		{"a room beside the core", importProblems, "jetontest", listed{Imports: []string{own("jwk/remote")}}, 1},
		{"a store from an API", importProblems, "api", listed{Imports: []string{own("store/sqlite")}}, 1},
		{"HTTP from a store", importProblems, "store/sqlite", listed{Imports: []string{"net/http"}}, 1},
		{"a driver in its store", importProblems, "store/sqlite", listed{Imports: []string{"modernc.org/sqlite/lib"}}, 0},
		{"a driver elsewhere", importProblems, "store/memory", listed{Imports: []string{"modernc.org/sqlite"}}, 1},
		{"a name that only begins alike", importProblems, "store/sqlite", listed{Imports: []string{"modernc.org/sqlite3"}}, 1},
		{"anything from the server", importProblems, "internal/server", listed{Imports: []string{own("api"), "example.com/x"}}, 0},
		{"the server from a package", importProblems, "api", listed{Imports: []string{own("internal/server")}}, 1},

		{"the core linking the core", coreProblems, "guard", listed{Deps: []string{modulePath, "crypto", "golang.org/x/text"}}, 0},
		{"the core linking a driver", coreProblems, "guard", listed{Deps: []string{"modernc.org/sqlite"}}, 1},
		{"the core linking an outer room", coreProblems, "jetontest", listed{Deps: []string{own("api")}}, 1},
		{"an outer room linking a driver", coreProblems, "store/sqlite", listed{Deps: []string{"modernc.org/sqlite"}}, 0},

		{"a store linking a guard", apartProblems, "store/sqlite", listed{Deps: []string{own("guard")}}, 1},
		{"a guard linking a store", apartProblems, "guard", listed{Deps: []string{own("store/memory")}}, 1},
		{"the server linking both", apartProblems, "internal/server", listed{Deps: []string{own("guard"), own("store/memory")}}, 0},

		{"a store importing the suite", siblingProblems, "store/sqlite", listed{Imports: []string{own(suite)}}, 1},
		{"a store's test importing the suite", siblingProblems, "store/sqlite", listed{XTestImports: []string{own(suite)}}, 0},
		{"the suite's test importing a store", siblingProblems, suite, listed{XTestImports: []string{own("store/memory")}}, 0},
		{"a store's test importing a store", siblingProblems, "store/sqlite", listed{TestImports: []string{own("store/memory")}}, 1},
		{"a dialect's test importing a store", siblingProblems, "dialect/feathers", listed{XTestImports: []string{own("store/memory")}}, 0},
		{"a dialect importing what dialects share", siblingProblems, "dialect/foal", listed{Imports: []string{own("dialect/internal/jsonwebtoken")}}, 0},
		{"what dialects share importing a dialect", siblingProblems, "dialect/internal/jsonwebtoken", listed{Imports: []string{own("dialect/foal")}}, 1},
		{"a dialect importing a strategy", siblingProblems, "dialect/feathers", listed{Imports: []string{own("strategy/oauth")}}, 1},
	}
	for _, test := range tests {
		t.Run(test.what, func(t *testing.T) {
			t.Parallel()
			if problems := test.check(test.name, test.p, standard); len(problems) != test.problems {
				t.Errorf("%s: %d problems %q, want %d", test.name, len(problems), problems, test.problems)
			}
		})
	}
}
