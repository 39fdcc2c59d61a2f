package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/jetonauth/jeton/internal/database"
	"github.com/jetonauth/jeton/internal/server"
	"github.com/jetonauth/jeton/internal/settings"
)

func newMigrateCommand(a *app) *cobra.Command {
	group := newGroup(a, &cobra.Command{
		Use:   "migrate",
		Short: "Bring the tables of the database to the form of this program",
		Long: `jeton serve does that, too, when it starts. These commands are for who wants it done
before, or by another role of the database. They need no master key, and make no keys.`,
		Example: `  jeton migrate status
  jeton migrate up`,
	},
		newMigrateUpCommand(a), newMigrateStatusCommand(a))
	addSettingsTo(group, group.PersistentFlags(), []string{"data", "database", "log_format", "log_level"})
	return group
}

// databaseConfig is what the settings say of the database.
func (a *app) databaseConfig(cmd *cobra.Command) (*settings.Settings, server.Config, error) {
	s, err := a.settings(cmd)
	if err != nil {
		return nil, server.Config{}, err
	}
	return s, serverConfig(s.Values, a.commandLogs(cmd, s).logger()), nil
}

func newMigrateUpCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "up",
		Short: "Make the tables, or bring them to the form of this program",
		Long: `It does nothing if they have that form. Several may run at once, also beside servers of
this version and of the one before. Tables of a newer program are left as they are.`,
		Args: arguments(),
		RunE: func(cmd *cobra.Command, _ []string) error { return a.migrate(cmd) },
	}
	addJSON(cmd)
	return cmd
}

func (a *app) migrate(cmd *cobra.Command) error {
	s, cfg, err := a.databaseConfig(cmd)
	if err != nil {
		return err
	}
	before, after, err := server.Migrate(cmd.Context(), cfg)
	if err != nil {
		return located(s, err)
	}
	place := cfg.Place()
	shown := struct {
		Database settings.Location `json:"database"`
		Before   int               `json:"before"`
		After    int               `json:"after"`
	}{place, before.Have, after.Have}
	switch before.State() {
	case database.Empty:
		return a.say(cmd, shown, "%v has tables now, at version %d", place, after.Have)
	case database.Old:
		return a.say(cmd, shown, "%v is at version %d now; it was at version %d", place, after.Have, before.Have)
	default:
		return a.say(cmd, shown, "%v is up to date, at version %d", place, after.Have)
	}
}

func newMigrateStatusCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Say whether the tables have the form of this program",
		Long: `It makes nothing. The exit status is 0 if the tables are up to date, and otherwise 1, so
that a script can wait for another one who migrates.`,
		Args: arguments(),
		RunE: func(cmd *cobra.Command, _ []string) error { return a.migrationStatus(cmd) },
	}
	addJSON(cmd)
	return cmd
}

func (a *app) migrationStatus(cmd *cobra.Command) error {
	s, cfg, err := a.databaseConfig(cmd)
	if err != nil {
		return err
	}
	schema, err := server.Schema(cmd.Context(), cfg)
	if err != nil {
		return located(s, err)
	}
	shown := struct {
		Database settings.Location `json:"database"`
		State    database.State    `json:"state"`
		Version  int               `json:"version"`
		Wanted   int               `json:"wanted,omitzero"` // not known of a file that is not there
	}{cfg.Place(), schema.State(), schema.Have, schema.Want}
	t := table{header: []string{"DATABASE", shown.Database.String()}, rows: [][]string{{"STATE", stateText(shown.State)}}}
	if shown.State != database.Empty {
		t.rows = append(t.rows, []string{"VERSION", fmt.Sprintf("%d; this program wants %d", schema.Have, schema.Want)})
	}
	if err := a.show(cmd, shown, t); err != nil {
		return err
	}
	if shown.State != database.Current {
		return errSaid
	}
	return nil
}

func stateText(s database.State) string {
	switch s {
	case database.Empty:
		return "empty: it has no tables of jeton's; jeton migrate up makes them"
	case database.Old:
		return "it needs migrating: jeton migrate up does that"
	case database.Newer:
		return "of a newer program, which this one cannot use"
	}
	return "up to date"
}
