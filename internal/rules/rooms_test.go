package rules_test

import (
	"path"
	"slices"
	"strings"
)

// modulePath is the root module's; a package is named by what follows it, and the root package by ".".
const modulePath = "github.com/jetonauth/jeton"

// What a row may say in place of a name.
const (
	everything = "everything"
	theCore    = "the core"
)

// A room is a package, or a pattern for packages of one kind, and what it may import beside the standard
// library.
type room struct {
	name    string   // a package, or a pattern as of [path.Match]
	imports []string // rooms, and packages of other modules with what is below them
	core    bool     // links only the standard library and golang.org/x
	http    bool     // speaks HTTP: only these rooms import net/http
}

// rooms is the table in docs/architecture.md, inner rooms first.
var rooms = []room{
	{name: "internal/strictjson", core: true},
	{name: "internal/privatefile", core: true},
	{name: "jwk", imports: []string{"internal/privatefile", "internal/strictjson"}, core: true},
	{name: "jwk/remote", imports: []string{"jwk"}, http: true},
	{name: "jwt", imports: []string{"jwk", "internal/strictjson"}, core: true},
	{name: "password", imports: []string{"golang.org/x"}, core: true},
	{name: "password/internal/listgen", imports: []string{"golang.org/x"}},
	{name: "revoke", core: true},
	{name: "revoke/remote", imports: []string{"revoke", "internal/strictjson"}, http: true},
	{name: ".", imports: []string{"internal/privatefile", "jwk", "jwt", "password", "revoke", "golang.org/x"}, core: true},

	{name: "guard", imports: []string{".", "jwt"}, core: true, http: true},
	{name: "guard/guardtest", imports: []string{theCore}, http: true},
	{name: "guard/humaguard", imports: []string{".", "guard", "jwt", "github.com/danielgtaylor/huma/v2"}, http: true},

	{name: "store/memory", imports: []string{".", "revoke"}, core: true},
	{name: "store/sqlite", imports: []string{".", "revoke", "modernc.org/sqlite"}},
	{name: "store/postgres", imports: []string{".", "revoke", "github.com/jackc/pgx/v5"}},
	{name: "store/mongo", imports: []string{".", "revoke", "go.mongodb.org/mongo-driver/v2"}},
	{name: "store/redis", imports: []string{".", "github.com/redis/go-redis/v9"}},
	{name: "store/storetest", imports: []string{theCore}},

	{name: "api", imports: []string{".", "guard", "guard/humaguard", "revoke", "internal/strictjson", "github.com/danielgtaylor/huma/v2"}, http: true},
	{name: "explorer", imports: []string{"github.com/swaggest/swgui/v5/static"}, http: true},
	{name: "dialect/internal/jsonwebtoken", imports: []string{".", "jwk", "jwt"}},
	{name: "dialect/*", imports: []string{".", "guard", "jwk", "jwt", "revoke", "dialect/internal/jsonwebtoken"}, http: true},
	{name: "jetontest", imports: []string{theCore}, core: true},

	{name: "internal/rules"},
	{name: "internal/explain", imports: []string{".", "jwk", "jwk/remote", "jwt", "revoke", "internal/strictjson"}},
	{name: "internal/settings", imports: []string{".", "go.yaml.in/yaml/v3"}},
	{name: "internal/sessionmodel", imports: []string{theCore, "pgregory.net/rapid"}},
	{name: "internal/postgrestest", imports: []string{"github.com/jackc/pgx/v5"}},
	{name: "internal/userfile", imports: []string{".", "internal/settings", "internal/strictjson"}},
	{name: "internal/database", imports: []string{".", "store/mongo", "store/postgres", "store/sqlite"}},
	{name: "internal/storecopy", imports: []string{".", "revoke"}},
	{name: "internal/server", imports: []string{everything}, http: true},
	{name: "cmd/jeton", imports: []string{
		".", "jwk", "password", "internal/database", "internal/explain", "internal/server", "internal/settings", "internal/storecopy",
		"internal/userfile",
		"github.com/lmittmann/tint", "github.com/spf13/cobra", "github.com/spf13/pflag", "golang.org/x/term",
	}},
	{name: "examples/*", imports: []string{everything}, http: true},
	{name: "test/*"},
}

// roomOf returns the row for a package.
func roomOf(name string) (room, bool) {
	i := slices.IndexFunc(rooms, func(r room) bool {
		matched, err := path.Match(r.name, name)
		return err == nil && matched
	})
	if i < 0 {
		return room{}, false
	}
	return rooms[i], true
}

// mayImport says whether a room may import a package of this module or of another.
func (r room) mayImport(importPath string) bool {
	name := roomName(importPath)
	other, _ := roomOf(name)
	return slices.ContainsFunc(r.imports, func(allowed string) bool {
		switch allowed {
		case everything:
			return true
		case theCore:
			return other.core
		default:
			return allowed == name || name == "" && within(importPath, allowed)
		}
	})
}

// roomName names a package of the root module as the table does; a package of another module has no name.
func roomName(importPath string) string {
	if importPath == modulePath {
		return "."
	}
	name, found := strings.CutPrefix(importPath, modulePath+"/")
	if !found {
		return ""
	}
	return name
}

// within says whether a package is the one at root, or below it.
func within(importPath, root string) bool {
	return importPath == root || strings.HasPrefix(importPath, root+"/")
}
