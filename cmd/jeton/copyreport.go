package main

import (
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/jetonauth/jeton/internal/database"
	"github.com/jetonauth/jeton/internal/settings"
	"github.com/jetonauth/jeton/internal/storecopy"
)

// shownCopy is what `jeton copy --json` prints.
type shownCopy struct {
	From           settings.Location `json:"from"`
	To             settings.Location `json:"to"`
	Equal          bool              `json:"equal"`
	Tables         []shownTable      `json:"tables"`
	LastRevocation struct {
		From uint64 `json:"from"`
		To   uint64 `json:"to"`
	} `json:"last_revocation"`
}

type shownTable struct {
	Name          string    `json:"name"`
	Equal         bool      `json:"equal"`
	SourceChanged bool      `json:"source_changed"`
	Copied        int       `json:"copied"`
	From          shownSide `json:"from"`
	To            shownSide `json:"to"`
}

type shownSide struct {
	Rows   int    `json:"rows"`
	SHA256 string `json:"sha256"`
}

func newShownSide(s storecopy.Side) shownSide {
	return shownSide{Rows: s.Rows, SHA256: hex.EncodeToString(s.Digest[:])}
}

func newShownCopy(from, to copySide, r *storecopy.Result) shownCopy {
	shown := shownCopy{From: from.Location, To: to.Location, Equal: r.Equal()}
	shown.LastRevocation.From, shown.LastRevocation.To = r.LastFrom, r.LastTo
	for _, t := range r.Tables {
		shown.Tables = append(shown.Tables, shownTable{
			Name: t.Name, Equal: t.Equal(), SourceChanged: t.SourceChanged, Copied: t.Copied,
			From: newShownSide(t.From), To: newShownSide(t.To),
		})
	}
	return shown
}

// sayCopied prints what both sides have, and what is to be done next.
func (a *app) sayCopied(cmd *cobra.Command, from, to copySide, r *storecopy.Result) error {
	shown := newShownCopy(from, to, r)
	t := table{header: []string{"TABLE", "SIDE", "ROWS", "SHA-256"}}
	for _, s := range shown.Tables {
		t.rows = append(t.rows,
			[]string{s.Name, "from", strconv.Itoa(s.From.Rows), s.From.SHA256},
			[]string{s.Name, "to", strconv.Itoa(s.To.Rows), s.To.SHA256})
	}
	if err := a.show(cmd, shown, t); err != nil {
		return err
	}
	if !shown.Equal {
		a.sayDifferences(r)
		return errSaid
	}
	if asJSON, err := cmd.Flags().GetBool(jsonFlag); err != nil || asJSON {
		return err
	}
	copied, there := 0, 0
	for _, s := range shown.Tables {
		copied, there = copied+s.Copied, there+s.To.Rows-s.Copied
	}
	_, err := fmt.Fprintf(a.out, `
copied %d rows; %d were there before. Both databases have the same.
Limits are not copied: attempts at passwords are counted anew.
The signing keys are sealed under the master key, which stays the same. Now start servers with

  JETON_DATABASE=%s
  JETON_MASTER_KEY=%s
`, copied, there, to.shown(), masterKeyOf(from))
	return err
}

// masterKeyOf says where the master key is that the keys of a database are sealed under.
func masterKeyOf(from copySide) string {
	if path, ok := database.File(from.Reveal()); ok {
		key := filepath.Join(filepath.Dir(path), "master.key")
		if _, err := os.Stat(key); err == nil {
			return "$(cat " + shellWord(key) + ")"
		}
	}
	return "(the same as before)"
}

// shellWord is a text as a shell takes it for one word.
func shellWord(text string) string {
	text = printable(text)
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("_-+./:@%,=", r)
	}
	if strings.TrimFunc(text, plain) == "" {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}

// sayDifferences says what differs, why, and what to do.
func (a *app) sayDifferences(r *storecopy.Result) {
	changed, incomplete := false, true
	for _, t := range r.Tables {
		changed = changed || t.SourceChanged
		if t.Difference != nil {
			incomplete = incomplete && t.Difference.Kind == storecopy.Missing
			fmt.Fprintf(a.err, "jeton: %s\n", differenceText(*t.Difference))
		}
	}
	why := "the two databases differ, although the source has not changed: somebody else has written to the target"
	if changed {
		why = "the two databases differ, since the source has changed while it was copied: stop all servers that use it"
	}
	if incomplete {
		fmt.Fprintf(a.err, "jeton: %s, and run the same command again\n", why)
	} else {
		fmt.Fprintf(a.err, "jeton: %s, and copy into an empty database\n", why)
	}
}
