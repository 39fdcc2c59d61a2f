package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/internal/database"
	"github.com/jetonauth/jeton/internal/settings"
	"github.com/jetonauth/jeton/internal/storecopy"
)

func newCopyCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "copy --from URL --to URL",
		Short: "Copy everything from one database into another one",
		Long: `Copies accounts, sessions, revocations with their numbers, signing keys and service
clients, such as from SQLite to PostgreSQL. Stop all servers before. URLs are as of the
setting database. One with a password belongs into ` + settings.CopyFrom + ` or ` + settings.CopyTo + `,
since others can read a command line.

The source is only read. The target gets its tables, and has to be empty otherwise; a copy
that was interrupted goes on when the same command is run again. In the end both are read
and compared: the exit status is 1 unless they are the same.

The signing keys are copied as they are, sealed: the master key stays the same. Limits are
not copied.`,
		Example: `  jeton copy --from sqlite:jeton-data/jeton.db --to postgres://jeton@db.example.com/jeton
  jeton copy --from sqlite:jeton-data/jeton.db --json`,
		Args: arguments(),
		RunE: func(cmd *cobra.Command, _ []string) error { return a.copy(cmd) },
	}
	cmd.Flags().SortFlags = false
	cmd.Flags().String("from", "", "the `URL` of the database to read ("+settings.CopyFrom+")")
	cmd.Flags().String("to", "", "the `URL` of the database to write ("+settings.CopyTo+")")
	addJSON(cmd)
	return cmd
}

// copySide is one of the two databases.
type copySide struct {
	settings.Location

	place string // where the URL came from: the flag or the variable
}

// wrong says which side an error is about.
func (s copySide) wrong(err error) error { return fmt.Errorf("%s: %w", s.place, err) }

// copySide returns what a flag says, or its variable.
func (a *app) copySide(cmd *cobra.Command, flag, variable string) (side copySide, err error) {
	text, err := cmd.Flags().GetString(flag)
	if err != nil {
		return side, err
	}
	side.place = "--" + flag
	given := cmd.Flags().Changed(flag)
	if !given {
		text, side.place = a.variable(variable), variable
	}
	if text == "" {
		return side, usageError{fmt.Sprintf("--%s is missing, or %s%s", flag, variable, hint(cmd, ""))}
	}
	if side.Location, err = settings.ParseDatabase(text); err != nil {
		return side, side.wrong(err)
	}
	if given && side.HasPassword() {
		fmt.Fprintf(a.err, "jeton: warning: %s has a password, and others can read a command line; %s is for that\n", side.place, variable)
	}
	return side, nil
}

// copy copies, and says what both sides have then.
func (a *app) copy(cmd *cobra.Command) (err error) {
	from, err := a.copySide(cmd, "from", settings.CopyFrom)
	if err != nil {
		return err
	}
	to, err := a.copySide(cmd, "to", settings.CopyTo)
	if err != nil {
		return err
	}
	if from.Location == to.Location {
		return to.wrong(errors.New("is the database to copy from"))
	}
	source, err := openSource(cmd.Context(), from)
	if err != nil {
		return interrupted(cmd.Context(), err)
	}
	defer func() { err = errors.Join(err, source.Close()) }()
	target, err := openTarget(cmd.Context(), to)
	if err != nil {
		return interrupted(cmd.Context(), err)
	}
	defer func() { err = errors.Join(err, target.Close()) }()
	progress := a.newCopyProgress()
	result, err := storecopy.Copy(cmd.Context(), source, target, storecopy.Options{Progress: progress.report})
	progress.line.clear()
	if err != nil {
		return interrupted(cmd.Context(), explainCopy(err))
	}
	return a.sayCopied(cmd, from, to, result)
}

// interrupted is the error of what has ended because of a signal, and otherwise err.
func interrupted(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return errors.New("interrupted; run the same command again, and it goes on")
	}
	return err
}

// openSource opens a database that is there, and changes nothing in it.
func openSource(ctx context.Context, side copySide) (database.Store, error) {
	store, err := database.OpenExisting(ctx, side.Reveal())
	if err != nil {
		return nil, side.wrong(err)
	}
	schema, err := database.ReadSchema(ctx, store)
	if err == nil {
		err = readable(schema)
	}
	if err != nil {
		return nil, errors.Join(side.wrong(err), store.Close())
	}
	return store, nil
}

// readable says why a database cannot be copied from.
func readable(schema database.Schema) error {
	switch schema.State() {
	case database.Empty:
		return errors.New("the database has no tables of jeton's")
	case database.Old:
		return fmt.Errorf("the database is at version %d, and this program wants %d; jeton migrate up --database does that", schema.Have, schema.Want)
	case database.Newer:
		return fmt.Errorf("the database is at version %d, and this program knows %d; run a newer jeton", schema.Have, schema.Want)
	}
	return nil
}

// openTarget opens a database, and brings its tables to today's form.
func openTarget(ctx context.Context, side copySide) (database.Store, error) {
	store, err := database.Open(ctx, side.Reveal())
	if err != nil {
		return nil, side.wrong(err)
	}
	if err := database.Prepare(ctx, store); err != nil {
		return nil, errors.Join(side.wrong(err), store.Close())
	}
	return store, nil
}

// explainCopy says what an error means for the copy.
func explainCopy(err error) error {
	if target, ok := errors.AsType[*storecopy.TargetError](err); ok {
		return fmt.Errorf("the target is neither empty nor an unfinished copy of this source: %s; nothing was copied", differenceText(target.Difference))
	}
	failed, ok := errors.AsType[*storecopy.TableError](err)
	if !ok {
		return err
	}
	text := fmt.Sprintf("%s %s", failed.Step, failed.Table)
	if errors.Is(err, jeton.ErrConflict) || errors.Is(err, jeton.ErrEmailTaken) {
		return fmt.Errorf("%s: somebody else writes to the target: %w", text, failed.Err)
	}
	return fmt.Errorf("%s: %w; run the same command again, and it goes on", text, failed.Err)
}

func differenceText(d storecopy.Difference) string {
	return strings.Join([]string{d.Table + ":", printable(d.ID), string(d.Kind)}, " ")
}

// shown is the URL as a shell can be told it: by the variable that it came from if it has a password.
func (s copySide) shown() string {
	if s.HasPassword() && strings.HasPrefix(s.place, "JETON_") {
		return "$" + s.place
	}
	return shellWord(s.String())
}
