package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// wantPrintable fails the test if a terminal would act on a text.
func wantPrintable(t *testing.T, what, text string) {
	t.Helper()
	if strings.ContainsFunc(text, func(r rune) bool { return r != '\n' && !unicode.IsPrint(r) }) {
		t.Errorf("%s: %q acts on a terminal", what, text)
	}
}

// What others have written, in tokens and files, does not act on a terminal, and JSON still says it.
func TestForeignTextIsPrintable(t *testing.T) {
	t.Parallel()
	const foreign = "\u009b2J\u202e\x7f"
	data := newData(t)
	claim, err := json.Marshal(foreign)
	if err != nil {
		t.Fatal(err)
	}
	token := succeeds(t, data, "", "token", "sign", "--subject", "x", "--claim", "note="+string(claim))
	for _, args := range [][]string{{"token", "verify", "-"}, {"token", "verify", "-", "--json"}} {
		out := succeeds(t, data, token, args...)
		wantPrintable(t, strings.Join(args, " "), out)
		if got := read[map[string]any](t, out)["note"]; got != foreign {
			t.Errorf("%v: the claim is %q", args, got)
		}
	}
	refused, errs, _ := typed(t, data, "email\na"+foreign+"\n", "user", "import", "-", "--format", "csv", "--json")
	wantPrintable(t, "import --json", refused+errs)
	if got := read[importSummary](t, refused).Refusals[0].Email; got != "a"+foreign {
		t.Errorf("the address is %q", got)
	}
	for _, args := range [][]string{
		{"dance" + foreign},
		{"--dance" + foreign},
		{"user", "show", "a" + foreign},
		{"config", "show", "--config", foreign},
		{"token", "verify", "x", "--keys", foreign},
		{"client", "remove", foreign},
		{"user", "import", foreign + ".csv"},
	} {
		out, errs, _ := typed(t, data, "", args...)
		wantPrintable(t, strings.Join(args, " "), out+errs)
	}
}

func TestCellsAreNoFormulas(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                           "",
		"ada@example.com":            "ada@example.com",
		`=HYPERLINK("http://x","y")`: `'=HYPERLINK("http://x","y")`,
		"@SUM(1)":                    "'@SUM(1)",
		"-2+3":                       "'-2+3",
		"+1":                         "'+1",
		"  =1":                       "'  =1",
		"\t=1":                       `'\t=1`,
		"\r=1":                       `'\r=1`,
		"＝1":                         "'＝1",
		"a;=1;+2":                    "a;'=1;'+2",
		"\x1b[2J\u009b\u202e\n":      `\x1b[2J\u009b\u202e\n`,
		"must be 1; or 2":            "must be 1; or 2",
	} {
		if got := cell(text); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
}

// The file of --report is opened in a spreadsheet, or shown on a terminal.
func TestReportsAreHarmless(t *testing.T) {
	t.Parallel()
	addresses := []string{`=HYPERLINK("http://evil.example.com","x")`, "@SUM(1)", "-2+3", "\x1b[2J\u009b\u202e", "a;=1+1"}
	var asCSV, asJSON bytes.Buffer
	rows, lines := csv.NewWriter(&asCSV), json.NewEncoder(&asJSON)
	asCSV.WriteString("email,name\n")
	for _, address := range addresses {
		if err := errors.Join(rows.Write([]string{address, ""}), lines.Encode(map[string]string{"email": address})); err != nil {
			t.Fatal(err)
		}
	}
	rows.Flush()
	reported := func(format, in string) string {
		report := filepath.Join(t.TempDir(), "report")
		_, errs, status := typed(t, filepath.Join(t.TempDir(), "data"), in, "user", "import", "-", "--dry-run", "--format", format, "--report", report)
		text, err := os.ReadFile(report)
		if status != statusFailed || err != nil {
			t.Fatalf("%s: status %d, %s, %v", format, status, errs, err)
		}
		wantPrintable(t, format, string(text))
		return string(text)
	}
	first, _, _ := strings.Cut(reported("jsonl", asJSON.String()), "\n")
	if read[importRefusal](t, first).Email != addresses[0] {
		t.Errorf("the address is changed: %s", first)
	}
	cells, err := csv.NewReader(strings.NewReader(reported("csv", asCSV.String()))).ReadAll()
	if err != nil || len(cells) <= len(addresses) {
		t.Fatalf("%d rows, %v", len(cells), err)
	}
	for _, cell := range slices.Concat(cells...) {
		if strings.IndexAny(cell, "=+-@\t\r") == 0 || strings.Contains(cell, ";=") {
			t.Errorf("%q is a formula", cell)
		}
	}
}

// A file of keys that is none, however large, is not read to its end.
func TestFilesOfKeysAreBounded(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "keys")
	if err := os.WriteFile(name, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for size, refused := range map[int64]bool{maxKeysFile: false, maxKeysFile + 1: true, 3 << 30: true} {
		if err := os.Truncate(name, size); err != nil { // takes no room on the disk
			t.Fatal(err)
		}
		for _, command := range []string{"verify", "explain"} {
			_, errs, status := typed(t, t.TempDir(), "", "token", command, "x", "--keys", name, "--any-issuer", "--any-audience")
			if want := "jeton: --keys " + name + ": is larger than 1 MB, and so hardly a file of keys\n"; status != statusFailed || (errs == want) != refused {
				t.Errorf("%s, %d bytes: status %d, %q", command, size, status, errs)
			}
		}
	}
	if _, errs, status := typed(t, t.TempDir(), "", "token", "verify", "x", "--keys", t.TempDir(), "--any-issuer", "--any-audience"); status != statusFailed {
		t.Errorf("a directory: %d, %q", status, errs)
	}
}
