package main

import (
	"cmp"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/internal/userfile"
)

// importRefusal is one thing that is wrong with one row.
type importRefusal struct {
	Line    int    `json:"line"`
	Email   string `json:"email"`
	Field   string `json:"field"` // empty: the whole row
	Problem string `json:"problem"`
}

// text is what is wrong, with the field.
func (r importRefusal) text() string { return strings.TrimSpace(r.Field + " " + r.Problem) }

// importSummary is what --json prints.
type importSummary struct {
	File     string          `json:"file"`
	DryRun   bool            `json:"dry_run"`
	Rows     int             `json:"rows"`
	Good     int             `json:"good"`
	Refused  int             `json:"refused"`
	Broken   int             `json:"broken"` // of those refused
	Skipped  int             `json:"skipped"`
	Imported int             `json:"imported"`
	Hashes   map[string]int  `json:"hashes"` // of the good rows, by scheme
	Refusals []importRefusal `json:"refusals"`
}

// noHash counts among the schemes of hashes for accounts without one.
const noHash = "none"

const (
	// keptRefusals is how many refusals are printed with --json, and shownRefusals how many without.
	keptRefusals  = 1000
	shownRefusals = 20
)

// refuse takes down what is wrong with a row.
func (i *userImport) refuse(row userfile.Row, p jeton.FieldError) error {
	r := importRefusal{
		Line: row.Line, Email: row.User.Email, Field: strings.TrimPrefix(p.Pointer, "/"), Problem: p.Message,
	}
	const long = 508 // no address has more
	if len(r.Email) > long {
		r.Email = strings.ToValidUTF8(r.Email[:long], "") + "…"
	}
	if len(i.summary.Refusals) < keptRefusals {
		i.summary.Refusals = append(i.summary.Refusals, r)
	}
	return i.report.write(r)
}

// importReport is the file of --report. A nil one is none.
type importReport struct {
	path string
	file *os.File
	csv  *csv.Writer
	json *json.Encoder
}

func newImportReport(options importOptions) (*importReport, error) {
	if options.report == "" {
		return nil, nil
	}
	file, err := os.OpenFile(options.report, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	switch {
	case errors.Is(err, fs.ErrExist):
		return nil, fmt.Errorf("--report %s: there is such a file already", options.report)
	case err != nil:
		return nil, fmt.Errorf("--report %s: %w", options.report, cause(err))
	}
	r := &importReport{path: options.report, file: file}
	if options.format == userfile.JSONL {
		r.json = json.NewEncoder(jsonWriter{file})
		r.json.SetEscapeHTML(false)
		return r, nil
	}
	r.csv = csv.NewWriter(file)
	return r, r.csv.Write([]string{"line", "email", "field", "problem"})
}

func (r *importReport) write(refusal importRefusal) error {
	switch {
	case r == nil:
		return nil
	case r.json != nil:
		return r.failed(r.json.Encode(refusal))
	}
	return r.failed(r.csv.Write([]string{strconv.Itoa(refusal.Line), cell(refusal.Email), cell(refusal.Field), cell(refusal.Problem)}))
}

// formula is what a spreadsheet may take for the beginning of one, also in full width. Some begin another cell after a semicolon.
var formula = regexp.MustCompile(`(^|;)( *[=+\-@\t\r＝＋－＠])`)

// cell is a text as a cell of CSV that may be opened in a spreadsheet, or shown on a terminal.
// See https://owasp.org/www-community/attacks/CSV_Injection.
func cell(text string) string { return printable(formula.ReplaceAllString(text, "$1'$2")) }

// failed names the file in an error.
func (r *importReport) failed(err error) error {
	if err != nil {
		err = fmt.Errorf("--report %s: %w", r.path, cause(err))
	}
	return err
}

// close completes the file, or removes it if err says that the check has failed.
func (r *importReport) close(err error) error {
	if r == nil {
		return err
	}
	if r.csv != nil && err == nil {
		r.csv.Flush()
		err = r.failed(r.csv.Error())
	}
	if err == nil {
		err = r.failed(r.file.Sync())
	}
	if err = errors.Join(err, r.failed(r.file.Close())); err != nil {
		return errors.Join(err, os.Remove(r.path))
	}
	return nil
}

// say prints what has become of the rows.
func (i *userImport) say(cmd *cobra.Command) error {
	s := i.summary
	asJSON, err := cmd.Flags().GetBool(jsonFlag)
	switch {
	case err != nil:
		return err
	case asJSON:
		if err := printJSON(i.app.out, s); err != nil || s.Refused == 0 {
			return err
		}
		return errSaid
	case s.Imported > 0 || s.Refused == 0:
		if _, err := fmt.Fprintln(i.app.out, s.done()); err != nil {
			return err
		}
	}
	if s.Refused == 0 {
		return nil
	}
	if i.importOptions.report == "" {
		i.showRefusals()
	}
	return errors.New(i.refused())
}

// showRefusals prints the first of them.
func (i *userImport) showRefusals() {
	for n, r := range i.summary.Refusals {
		if n == shownRefusals {
			fmt.Fprintf(i.app.err, "jeton: %s: there is more; --report FILE lists all\n", i.name())
			return
		}
		email := ""
		if r.Email != "" {
			email = printable(r.Email) + ": "
		}
		fmt.Fprintf(i.app.err, "jeton: %s:%d: %s%s\n", i.name(), r.Line, email, printable(r.text()))
	}
}

// done says what was imported, or can be.
func (s importSummary) done() string {
	text := fmt.Sprintf("imported %s%s", accounts(s.Good), s.schemes())
	if s.DryRun {
		text = fmt.Sprintf("%s%s can be imported", accounts(s.Good), s.schemes())
	}
	if s.Skipped > 0 {
		text += fmt.Sprintf("; skipped %s that there were already", accounts(s.Skipped))
	}
	if s.DryRun {
		text += "; nothing was written"
	}
	return text
}

// schemes says how many hashes there are of which scheme, those of most accounts first.
func (s importSummary) schemes() string {
	names := slices.Collect(maps.Keys(s.Hashes))
	slices.SortFunc(names, func(x, y string) int { return cmp.Or(cmp.Compare(s.Hashes[y], s.Hashes[x]), cmp.Compare(x, y)) })
	var parts []string
	for _, name := range names {
		if name != noHash {
			parts = append(parts, fmt.Sprintf("%d with %s", s.Hashes[name], name))
		}
	}
	if n := s.Hashes[noHash]; n > 0 {
		parts = append(parts, fmt.Sprintf("%d without a password", n))
	}
	if len(parts) == 0 {
		return ""
	}
	return " (" + strings.Join(parts, ", ") + ")"
}

func accounts(n int) string {
	if n == 1 {
		return "1 account"
	}
	return fmt.Sprintf("%d accounts", n)
}

// refused says how many rows are refused, and what that means for the others.
func (i *userImport) refused() string {
	s := i.summary
	text := fmt.Sprintf("%d of %d rows are refused", s.Refused, s.Rows)
	if s.Refused == 1 {
		text = fmt.Sprintf("1 of %d rows is refused", s.Rows)
	}
	if i.importOptions.report != "" {
		text += ", as " + i.importOptions.report + " says"
	}
	switch {
	case i.dryRun:
		return text + "; nothing was written"
	case s.Imported > 0:
		return text + "; the others were imported"
	case i.partial && s.Broken > 0:
		return text + "; nothing was imported, also not with --partial: where a row has not the shape of the others, they may not be what they seem"
	case i.partial:
		return text + "; nothing was left to import"
	}
	return text + "; nothing was imported"
}
