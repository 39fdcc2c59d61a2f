package main

import (
	"path/filepath"
	"strings"
	"testing"
)

func TestProgressOnATerminal(t *testing.T) {
	t.Parallel()
	data, file := filepath.Join(t.TempDir(), "data"), manyUsers(t, 30_000)
	p := sitDown(t, data, "user", "import", file)
	if status := <-p.done; status != statusGood {
		t.Fatalf("status %d: %s", status, p.shown)
	}
	shown := p.shown.waitFor(t, 0, `adding 30000 accounts.*\r +\r$`) // which is the last that is taken away
	for _, want := range []string{"\rchecked ", " of 30000 accounts"} {
		if !strings.Contains(shown, want) {
			t.Errorf("the terminal shows %q, without %q", shown, want)
		}
	}
	if out := p.out.String(); out != "imported 30000 accounts (1 with bcrypt, 29999 without a password)\n" {
		t.Errorf("it prints %q", out)
	}
	if _, errs, _ := typed(t, data, "", "user", "import", file, "--on-conflict", "skip"); errs != "" {
		t.Errorf("without a terminal: %q", errs)
	}
}
