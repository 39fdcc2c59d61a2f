package rules_test

import (
	"encoding/json"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// A module file is what `go mod edit -json` says about a go.mod.
type moduleFile struct {
	Module  struct{ Path string }
	Require []struct {
		Path, Version string
	}
	Replace []struct {
		Old, New struct{ Path, Version string }
	}
}

func (m moduleFile) requires(modulePath string) bool {
	for _, r := range m.Require {
		if r.Path == modulePath {
			return true
		}
	}
	return false
}

// The root has no replace, which its users' builds would not see. A nested module that requires the root is
// built against the one beside it, or a change across both could not be one commit.
func TestNestedModulesUseTheRootBesideThem(t *testing.T) {
	t.Parallel()
	root := repository(t)
	for _, dir := range modules(t, root) {
		m := readModule(t, dir)
		if dir == root {
			if m.Module.Path != modulePath || len(m.Replace) > 0 {
				t.Errorf("the root is module %s with %d replace directives, want %s with none", m.Module.Path, len(m.Replace), modulePath)
			}
			continue
		}
		if !strings.HasPrefix(m.Module.Path, modulePath+"/") {
			t.Errorf("%s is module %s, want one below %s", dir, m.Module.Path, modulePath)
		}
		if m.requires(modulePath) && !replacesRoot(m, dir, root) {
			t.Errorf("%s requires %s and does not replace it by the folder of the root", dir, modulePath)
		}
	}
}

func replacesRoot(m moduleFile, dir, root string) bool {
	for _, r := range m.Replace {
		if r.Old.Path == modulePath && r.Old.Version == "" && filepath.Join(dir, r.New.Path) == root {
			return true
		}
	}
	return false
}

// A committed workspace would drag every nested module's requirements into a user's first build.
func TestNoWorkspaceIsCommitted(t *testing.T) {
	t.Parallel()
	for _, file := range committed(t, repository(t)) {
		if name := filepath.Base(file); name == "go.work" || name == "go.work.sum" {
			t.Errorf("%s is committed", file)
		}
	}
}

// A module that imports only the guard, tidied, requires what the committed list says. A line more is a
// dependency more for everybody who uses jeton.
func TestGuardRequires(t *testing.T) {
	t.Parallel()
	const list = "testdata/guard-requires.txt"
	root, dir := repository(t), t.TempDir()
	write(t, dir, "go.mod", "module example.com/user\n\ngo 1.26.0\n\nrequire "+modulePath+" v0.0.0\n\nreplace "+modulePath+" => "+root+"\n")
	write(t, dir, "main.go", "package main\n\nimport _ \""+modulePath+"/guard\"\n\nfunc main() {}\n")
	sums, err := os.ReadFile(filepath.Join(root, "go.sum"))
	if err != nil {
		t.Fatal(err)
	}
	write(t, dir, "go.sum", string(sums))
	goCommand(t, dir, []string{"GOFLAGS=-mod=mod"}, "mod", "tidy")

	var got []string
	for _, r := range readModule(t, dir).Require {
		if r.Path != modulePath {
			got = append(got, r.Path+" "+r.Version)
		}
	}
	slices.Sort(got)
	want, err := os.ReadFile(list)
	if err != nil {
		t.Fatal(err)
	}
	if text := strings.Join(got, "\n") + "\n"; text != string(want) {
		t.Errorf("a module that imports only %s/guard requires\n%s\nand %s says\n%s", modulePath, text, list, want)
	}
}

// modules returns the folders of the repository's modules, the root first.
func modules(t *testing.T, root string) []string {
	t.Helper()
	var dirs []string
	for _, file := range files(t, root) {
		if filepath.Base(file) == "go.mod" {
			dirs = append(dirs, filepath.Dir(file))
		}
	}
	slices.Sort(dirs)
	return dirs
}

// files returns the project's own files, without what was downloaded and what the go command leaves alone.
func files(t *testing.T, root string) []string {
	t.Helper()
	var found []string
	err := filepath.WalkDir(root, func(file string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := entry.Name()
		if !entry.IsDir() {
			found = append(found, file)
		} else if file != root && (strings.HasPrefix(name, ".") || name == "node_modules" || name == "testdata") {
			return fs.SkipDir
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func readModule(t *testing.T, dir string) moduleFile {
	t.Helper()
	var m moduleFile
	if err := json.Unmarshal(goCommand(t, dir, nil, "mod", "edit", "-json"), &m); err != nil {
		t.Fatalf("go mod edit -json in %s: %v", dir, err)
	}
	return m
}

// committed returns the files that git keeps; without git, or in the archive of a release, all there are.
func committed(t *testing.T, root string) []string {
	t.Helper()
	git, missing := exec.LookPath("git")
	if _, err := os.Stat(filepath.Join(root, ".git")); err != nil || missing != nil {
		return files(t, root)
	}
	out, err := exec.CommandContext(t.Context(), git, "-c", "safe.directory=*", "-C", root, "ls-files", "-z").Output()
	if err != nil {
		t.Fatalf("git ls-files: %v", err)
	}
	return strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00")
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
