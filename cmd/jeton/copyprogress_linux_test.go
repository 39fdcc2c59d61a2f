package main

import (
	"path/filepath"
	"regexp"
	"testing"

	"github.com/jetonauth/jeton/internal/database"
)

func TestCopyOnATerminal(t *testing.T) {
	t.Parallel()
	from, to := large(t, 6000), database.SQLite(filepath.Join(t.TempDir(), "copy.db"))
	p := sitDown(t, t.TempDir(), "copy", "--from", from, "--to", to)
	if status := <-p.done; status != statusGood {
		t.Fatalf("status %d: %s", status, p.shown)
	}
	shown := p.shown.waitFor(t, 0, `\r +\r$`) // the last line is taken away
	if !regexp.MustCompile(`\rcopying   (revocations|accounts|sessions) +\[#+ *\] +\d+%  \d+ rows`).MatchString(shown) {
		t.Errorf("the terminal shows %q", shown)
	}
	if regexp.MustCompile(`\n`).MatchString(shown) {
		t.Errorf("the terminal shows more than a line: %q", shown)
	}
}
