package main

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/internal/server"
	"github.com/jetonauth/jeton/internal/userfile"
)

func newUserImportCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "import FILE|-",
		Short: "Import accounts from another system, with their password hashes",
		Long: `FILE is CSV, whose first row names the columns, or JSON lines; - is standard input. There
are ` + strings.Join(userfile.Columns(), ", ") + `;
only email is needed. Roles are separated by semicolons, or are a JSON array. Hashes are
bcrypt, Argon2, scrypt or PBKDF2; whoever signs in gets one of today's.

The whole file is checked first: if one row is refused, nothing is imported. What is
imported is imported in one step, all of it or nothing. --dry-run only checks. Rows that
are refused are listed, and the exit status is 1. In a --report that is CSV, a ' is put
before what a spreadsheet would take for a formula.`,
		Example: `  jeton user import users.csv --dry-run
  jeton user import users.csv --report refused.csv
  jeton user import - --format jsonl --on-conflict skip < users.jsonl`,
		Args:              arguments("FILE"),
		ValidArgsFunction: completeFile,
		RunE:              func(cmd *cobra.Command, args []string) error { return a.importUsers(cmd, args[0]) },
	}
	cmd.Flags().String("format", "", "`FORMAT` of the file: csv or jsonl (default: as its name ends)")
	cmd.Flags().Bool("dry-run", false, "check the file, and write nothing")
	cmd.Flags().String("report", "", "write what is refused, and why, to a new `FILE` in the format of the input")
	cmd.Flags().String("on-conflict", conflictRefuse, "what to `DO` with rows whose address has an account: refuse or skip")
	cmd.Flags().Bool("partial", false, "import the good rows, also if others are refused")
	if err := errors.Join(
		cmd.RegisterFlagCompletionFunc("format", fixed(string(userfile.CSV), string(userfile.JSONL))),
		cmd.RegisterFlagCompletionFunc("on-conflict", fixed(conflictRefuse, conflictSkip)),
		cmd.RegisterFlagCompletionFunc("report", completeFile),
	); err != nil {
		panic(err) // the flags were added above
	}
	addJSON(cmd)
	return cmd
}

func fixed(choices ...cobra.Completion) cobra.CompletionFunc {
	return cobra.FixedCompletions(choices, cobra.ShellCompDirectiveNoFileComp)
}

// What to do with rows whose address has an account.
const (
	conflictRefuse = "refuse"
	conflictSkip   = "skip"
)

// importOptions is how to import.
type importOptions struct {
	file            string
	format          userfile.Format
	report          string
	dryRun, partial bool
	skip            bool
}

func newImportOptions(cmd *cobra.Command, file string) (o importOptions, err error) {
	o.file = file
	var errs [5]error
	var format, conflict string
	format, errs[0] = cmd.Flags().GetString("format")
	conflict, errs[1] = cmd.Flags().GetString("on-conflict")
	o.report, errs[2] = cmd.Flags().GetString("report")
	o.dryRun, errs[3] = cmd.Flags().GetBool("dry-run")
	o.partial, errs[4] = cmd.Flags().GetBool("partial")
	if err := errors.Join(errs[:]...); err != nil {
		return o, err
	}
	o.skip = conflict == conflictSkip
	switch o.format = userfile.Format(format); {
	case !o.skip && conflict != conflictRefuse:
		return o, fmt.Errorf("--on-conflict: %q; want refuse or skip", conflict)
	case format == "":
		if o.format = formatOf(file); o.format == "" {
			return o, usageError{"--format is needed, csv or jsonl, since the name of the file does not say it" + hint(cmd, "")}
		}
	case o.format != userfile.CSV && o.format != userfile.JSONL:
		return o, fmt.Errorf("--format: %q; want csv or jsonl", format)
	}
	return o, nil
}

// formatOf is the format that the name of a file says.
func formatOf(file string) userfile.Format {
	switch strings.ToLower(filepath.Ext(file)) {
	case ".csv":
		return userfile.CSV
	case ".jsonl", ".ndjson":
		return userfile.JSONL
	}
	return ""
}

// userImport is one import.
type userImport struct {
	importOptions

	app      *app
	source   *importSource
	auth     *jeton.Auth // nil if there is no database yet
	report   *importReport
	progress *progressLine
	seen     seenUsers
	left     []uint64 // a bit for each row that is not imported
	summary  importSummary
}

func (a *app) importUsers(cmd *cobra.Command, file string) (err error) {
	options, err := newImportOptions(cmd, file)
	if err != nil {
		return err
	}
	source, err := a.openImport(cmd.Context(), options)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, source.close()) }()
	service, err := a.importService(cmd, options)
	if err != nil {
		return err
	}
	i := &userImport{
		importOptions: options, app: a, source: source, progress: a.newProgressLine(), seen: newSeenUsers(),
		summary: importSummary{File: file, DryRun: options.dryRun, Hashes: map[string]int{}, Refusals: []importRefusal{}},
	}
	if service != nil {
		i.auth = service.Auth()
		defer func() { err = errors.Join(err, service.Close()) }()
	}
	if i.report, err = newImportReport(options); err != nil {
		return err
	}
	if err := i.run(cmd.Context()); err != nil {
		return i.explain(cmd.Context(), err)
	}
	return i.say(cmd)
}

// importService opens the service. Where only the file is to be checked, there need not be a database, and none is made.
func (a *app) importService(cmd *cobra.Command, options importOptions) (*server.Service, error) {
	if !options.dryRun {
		return a.service(cmd, created)
	}
	service, missing, err := a.findService(cmd, existing)
	if missing {
		return nil, nil
	}
	return service, err
}

// run checks all rows, and then imports those that are good, if that is wanted.
func (i *userImport) run(ctx context.Context) (err error) {
	checked := i.check(ctx)
	i.progress.clear()
	if err := i.report.close(checked); err != nil {
		return err
	}
	if i.dryRun || i.summary.Refused > 0 && !i.partial || i.summary.Broken > 0 {
		return nil
	}
	i.summary.Imported, err = i.auth.ImportUsers(ctx, i.good(ctx), jeton.ImportOptions{OneByOne: i.partial})
	i.progress.clear()
	return err
}

// errChanged is that of a file that is not the same when it is read for the second time.
var errChanged = errors.New("the file was changed while it was read")

// good reads the file again, and yields the rows that were found to be good.
func (i *userImport) good(ctx context.Context) iter.Seq2[jeton.ImportedUser, error] {
	return func(yield func(jeton.ImportedUser, error) bool) {
		row, imported := 0, 0
		for r, err := range i.source.rows() {
			if err == nil {
				err = ctx.Err()
			}
			if err != nil {
				yield(jeton.ImportedUser{}, err)
				return
			}
			good := row < i.summary.Rows && i.left[row/64]&(1<<(row%64)) == 0
			if row++; !good {
				continue
			}
			if imported++; !yield(r.User, nil) {
				return
			}
			i.progress.say("read %d of %d accounts", imported, i.summary.Good)
		}
		if !i.source.unchanged() {
			yield(jeton.ImportedUser{}, errChanged)
			return
		}
		i.progress.now("adding %d accounts", i.summary.Good)
	}
}

// explain says what an error means for what is imported.
func (i *userImport) explain(ctx context.Context, err error) error {
	what := "nothing was imported"
	if i.summary.Imported > 0 { // by a store that takes one after the other
		what = fmt.Sprintf("%d accounts were imported before", i.summary.Imported)
	}
	file, isFile := errors.AsType[*userfile.FileError](err)
	switch {
	case ctx.Err() != nil:
		return errors.New("interrupted; " + what)
	case isFile && file.Line > 0:
		return fmt.Errorf("%s:%d: %s; %s", i.name(), file.Line, file.Text, what)
	case isFile:
		return fmt.Errorf("%s: %s; %s", i.name(), file.Text, what)
	case errors.Is(err, errChanged):
		return fmt.Errorf("%s: %w; %s", i.name(), err, what)
	case errors.Is(err, errors.ErrUnsupported):
		return errors.New("this database cannot import accounts in one step; --partial imports one after the other; " + what)
	case errors.Is(err, jeton.ErrEmailTaken), errors.Is(err, jeton.ErrConflict):
		return fmt.Errorf("an account has got an address or id of the file meanwhile; %s; run it again", what)
	}
	return fmt.Errorf("%w; %s", err, what)
}
