package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// TestExamplesCanBeTyped looks whether the examples in --help and in docs/cli.md have commands, flags and arguments that there are.
func TestExamplesCanBeTyped(t *testing.T) {
	t.Parallel()
	root := newRootCommand(testApp(io.Discard, io.Discard))
	guide, err := os.ReadFile(filepath.Join("..", "..", "docs", "cli.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, examples, _ := strings.Cut(string(guide), "## Beside a running server")
	lines := exampleLines(examples)
	if len(lines) < 30 {
		t.Errorf("docs/cli.md has only %d examples", len(lines))
	}
	var visit func(*cobra.Command)
	visit = func(cmd *cobra.Command) {
		lines = append(lines, exampleLines(cmd.Example)...)
		for _, below := range cmd.Commands() {
			visit(below)
		}
	}
	visit(root)
	for _, line := range lines {
		checkExample(t, line)
	}
}

// exampleLines are the lines that begin with jeton's name, without what is for the shell.
func exampleLines(text string) (lines []string) {
	for line := range strings.Lines(text) {
		line = strings.TrimPrefix(strings.TrimSpace(line), "$ ")
		line, _, _ = strings.Cut(line, " < ")
		line, _, _ = strings.Cut(line, " > ")
		if strings.HasPrefix(line, "jeton ") {
			lines = append(lines, line)
		}
	}
	return lines
}

func checkExample(t *testing.T, line string) {
	t.Helper()
	root := newRootCommand(testApp(io.Discard, io.Discard)) // with no flags given yet
	words := strings.Split(strings.NewReplacer(`'`, "", `"Ada Lovelace"`, "Ada").Replace(line), " ")
	cmd, args, err := root.Find(words[1:])
	if err != nil || cmd == root {
		t.Errorf("%s: %v", line, err)
		return
	}
	if err := cmd.ParseFlags(args); err != nil {
		t.Errorf("%s: %v", line, err)
		return
	}
	if err := cmd.ValidateArgs(cmd.Flags().Args()); err != nil {
		t.Errorf("%s: %v", line, err)
	}
}
