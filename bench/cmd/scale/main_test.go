package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jetonauth/jeton/bench/internal/scale"
)

// written returns a file of figures.
func written(t *testing.T, f scale.Figures) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "figures.json")
	if err := f.Write(path); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestRun(t *testing.T) {
	t.Parallel()
	figures := written(t, scale.Figures{Machine: "a machine", RefreshesPerSecond: 1000, SessionDisk: 1000, RefreshNode: time.Millisecond})
	var out strings.Builder
	if err := run([]string{"-figures", figures, "-accounts", "2000000", "-active", "0.5", "-hours", "2.4"}, &out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"Machine: a machine", "| N, accounts | 2,000,000 |", "| accounts active on a day | N a | 1,000,000 |",
		"| refreshes a second, mean | N a h / (t 86400 s) | 111 |", "not measured",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the answer lacks %q", want)
		}
	}
	if t.Failed() {
		t.Log(out.String())
	}
}

func TestWrite(t *testing.T) {
	t.Parallel()
	page := filepath.Join(t.TempDir(), "page.md")
	const text = "# Page\n<!-- figures -->\n<!-- /figures -->\nand\n<!-- assumptions -->\n<!-- /assumptions -->\nso\n<!-- sums -->\nold\n<!-- /sums -->\nend\n"
	if err := os.WriteFile(page, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	figures := written(t, scale.Figures{Machine: "a machine", RefreshesPerSecond: 1000, SessionDisk: 1000})
	if err := run([]string{"-figures", figures, "-write", page}, io.Discard); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"# Page\n", "Machine: a machine", "100 million, visited", "\nend\n"} {
		if !strings.Contains(string(got), want) {
			t.Errorf("the page lacks %q:\n%s", want, got)
		}
	}
	if strings.Contains(string(got), "old") {
		t.Errorf("the page has what was there before:\n%s", got)
	}
}

func TestRunRefuses(t *testing.T) {
	t.Parallel()
	without := written(t, scale.Figures{Machine: "one without PostgreSQL"})
	for _, arguments := range [][]string{
		{"-figures", "nowhere"}, {"-figures", without, "-write", "page.md"}, {"-x"},
	} {
		if err := run(arguments, io.Discard); err == nil {
			t.Errorf("%q were taken", arguments)
		}
	}
}

// The page has the parts that are written into it, and those of the figures that are beside this program.
func TestPageIsOfTheseFigures(t *testing.T) {
	t.Parallel()
	const page = "../../../docs/scale.md"
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	updated := filepath.Join(t.TempDir(), "scale.md")
	if err := os.WriteFile(updated, text, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := run([]string{"-figures", "../../sessions.json", "-write", updated}, io.Discard); err != nil {
		t.Fatal(err)
	}
	if again, err := os.ReadFile(updated); err != nil || string(again) != string(text) {
		t.Errorf("docs/scale.md is not of bench/sessions.json, run: cd bench && go run ./cmd/scale -write ../docs/scale.md (%v)", err)
	}
}
