package rules_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// A listed package is what `go list -json` says about one.
type listed struct {
	ImportPath   string
	Standard     bool
	Imports      []string
	Deps         []string
	TestImports  []string
	XTestImports []string
}

// systems are those that the rules are checked for: a file may be built for one of them only.
var systems = []string{"linux", "darwin", "windows"}

// packages lists the root module's packages and all they link, by import path, as built for a system.
func packages(t *testing.T, goos string) map[string]listed {
	t.Helper()
	out := goCommand(t, repository(t), []string{"GOOS=" + goos, "CGO_ENABLED=0"},
		"list", "-deps", "-json=ImportPath,Standard,Imports,Deps,TestImports,XTestImports", "./...")
	all := map[string]listed{}
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		err := decoder.Decode(&p)
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatalf("go list: %v", err)
		}
		all[p.ImportPath] = p
	}
}

// goCommand runs the go command in a folder, outside any workspace, and returns what it printed.
func goCommand(t *testing.T, dir string, environment []string, arguments ...string) []byte {
	t.Helper()
	command := exec.CommandContext(t.Context(), "go", arguments...)
	command.Dir = dir
	command.Env = append(append(os.Environ(), "GOWORK=off"), environment...)
	var problems bytes.Buffer
	command.Stderr = &problems
	out, err := command.Output()
	if err != nil {
		t.Fatalf("go %s: %v\n%s", strings.Join(arguments, " "), err, problems.Bytes())
	}
	return out
}

// repository returns the root of the repository, which is two folders up.
func repository(t *testing.T) string {
	t.Helper()
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	return root
}
