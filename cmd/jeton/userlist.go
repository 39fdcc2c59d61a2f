package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/internal/explain"
)

func newUserListCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the accounts",
		Long:  `The accounts are listed by their ids, while they are read: also a million take little memory.`,
		Args:  arguments(),
		RunE:  func(cmd *cobra.Command, _ []string) error { return a.listUsers(cmd) },
	}
	addJSON(cmd)
	return cmd
}

func (a *app) listUsers(cmd *cobra.Command) (err error) {
	service, err := a.service(cmd, existing)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, service.Close()) }()
	asJSON, err := cmd.Flags().GetBool(jsonFlag)
	if err != nil {
		return err
	}
	out := bufio.NewWriter(a.out)
	pages := userPages(cmd.Context(), service.Auth())
	if asJSON {
		err = writeUsersJSON(out, pages)
	} else {
		err = writeUsersTable(out, pages)
	}
	return errors.Join(err, out.Flush())
}

// userPages are all accounts, page by page. After an error there are no more.
func userPages(ctx context.Context, auth *jeton.Auth) iter.Seq2[[]*jeton.User, error] {
	return func(yield func([]*jeton.User, error) bool) {
		after := ""
		for {
			page, err := auth.ListUsers(ctx, after, jeton.MaxUserPage)
			if !yield(page, err) || err != nil || len(page) < jeton.MaxUserPage {
				return
			}
			after = page[len(page)-1].ID
		}
	}
}

// writeUsersJSON writes an array with an account in each line.
func writeUsersJSON(w io.Writer, pages iter.Seq2[[]*jeton.User, error]) error {
	separator := "["
	for page, err := range pages {
		if err != nil {
			return err
		}
		for _, user := range page {
			text, err := json.Marshal(newShownUser(user))
			if err != nil {
				return err
			}
			fmt.Fprintf(w, "%s\n  %s", separator, explain.PrintableJSON(text))
			separator = ","
		}
	}
	if separator == "[" {
		_, err := fmt.Fprintln(w, "[]")
		return err
	}
	_, err := fmt.Fprint(w, "\n]\n")
	return err
}

// writeUsersTable writes a table, the columns of which are as wide as the first page needs.
func writeUsersTable(w io.Writer, pages iter.Seq2[[]*jeton.User, error]) error {
	columns := &userColumns{w: w}
	for page, err := range pages {
		if err != nil {
			return err
		}
		rows := make([][]string, len(page))
		for i, user := range page {
			u := newShownUser(user)
			rows[i] = []string{
				printable(u.Email), printable(u.Name), strings.Join(u.Roles, ","), u.state(), u.CreatedAt.Format("2006-01-02"), u.ID,
			}
		}
		columns.write(rows)
	}
	if columns.widths == nil {
		_, err := fmt.Fprintln(w, "no accounts")
		return err
	}
	return nil
}

// userColumns are the columns of a table that is written before it is known as a whole.
type userColumns struct {
	w      io.Writer
	widths []int
}

func (c *userColumns) write(rows [][]string) {
	if len(rows) == 0 {
		return
	}
	if c.widths == nil {
		rows = append([][]string{{"EMAIL", "NAME", "ROLES", "STATE", "CREATED", "ID"}}, rows...)
		c.widths = make([]int, len(rows[0]))
		for _, row := range rows {
			for i, cell := range row {
				c.widths[i] = max(c.widths[i], utf8.RuneCountInString(cell))
			}
		}
	}
	for _, row := range rows {
		var line strings.Builder
		for i, cell := range row {
			line.WriteString(cell)
			line.WriteString(strings.Repeat(" ", max(0, c.widths[i]-utf8.RuneCountInString(cell))+2))
		}
		fmt.Fprintln(c.w, strings.TrimRight(line.String(), " "))
	}
}

func newUserShowCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "show EMAIL|ID",
		Short: "Show an account",
		Args:  arguments("EMAIL or ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withUser(cmd, args[0], func(auth *jeton.Auth, user *jeton.User) error { return a.showUser(cmd, auth, user) })
		},
	}
	addJSON(cmd)
	return cmd
}

func (a *app) showUser(cmd *cobra.Command, auth *jeton.Auth, user *jeton.User) error {
	sessions, err := auth.Sessions(cmd.Context(), user.ID)
	if err != nil {
		return err
	}
	shown := struct {
		shownUser

		Sessions int `json:"sessions"` // that have not ended
	}{newShownUser(user), len(sessions)}
	password, used := "none", ""
	if t := shown.PasswordChangedAt; !t.IsZero() {
		password = "set " + stamp(t)
	}
	if len(sessions) > 0 {
		used = ", last used " + stamp(sessions[0].UsedAt)
	}
	return a.show(cmd, shown, table{header: []string{"EMAIL", shown.Email}, rows: [][]string{
		{"NAME", shown.Name},
		{"ID", shown.ID},
		{"ROLES", strings.Join(shown.Roles, ", ")},
		{"STATE", shown.state()},
		{"PASSWORD", password},
		{"SESSIONS", fmt.Sprintf("%d%s", len(sessions), used)},
		{"CREATED", stamp(shown.CreatedAt)},
		{"CHANGED", stamp(shown.UpdatedAt)},
	}})
}
