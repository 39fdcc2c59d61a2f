// Command scale makes the sums of docs/scale.md, from what cmd/sessions has measured and from assumptions of the user's own.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/jetonauth/jeton/bench/internal/scale"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(arguments []string, out io.Writer) error {
	own := scale.Examples()[0]
	own.Name = "yours"
	flags := flag.NewFlagSet("scale", flag.ContinueOnError)
	figures := flags.String("figures", "sessions.json", "what cmd/sessions has written")
	write := flags.String("write", "", "a page to update, such as ../docs/scale.md; the assumptions are the page's examples then")
	flags.Float64Var(&own.Accounts, "accounts", own.Accounts, "N, how many there are")
	flags.Float64Var(&own.Active, "active", own.Active, "a, share of them that are active on a day, 0 to 1")
	flags.Float64Var(&own.Hours, "hours", own.Hours, "h, how long each of those is active")
	flags.Float64Var(&own.Sessions, "sessions", own.Sessions, "s, live sessions of an account")
	flags.Float64Var(&own.SignIns, "sign-ins", own.SignIns, "i, sign-ins of an active account on a day")
	flags.Float64Var(&own.SignOuts, "sign-outs", own.SignOuts, "o, sign-outs of it")
	flags.Float64Var(&own.Requests, "requests", own.Requests, "q, requests of it")
	flags.Float64Var(&own.Peak, "peak", own.Peak, "p, how many times the mean of the day the busiest second is")
	flags.DurationVar(&own.AccessTTL, "access-ttl", own.AccessTTL, "t, lifetime of access tokens")
	flags.Float64Var(&own.Cores, "cores", own.Cores, "c, processors of a node")
	flags.Float64Var(&own.Busy, "busy", own.Busy, "b, how busy processors may be at the peak, 0 to 1")
	flags.Float64Var(&own.Connections, "connections", own.Connections, "k, connections of a node to the database")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	f, err := scale.Read(*figures)
	if err != nil {
		return err
	}
	if *write != "" {
		return update(*write, f)
	}
	all := []scale.Assumptions{own}
	_, err = fmt.Fprintf(out, "%s\n%s\n%s", f.FigureTable(), scale.AssumptionTable(all), scale.FleetTable(all, f))
	return err
}

// update replaces the tables of a page.
func update(path string, f scale.Figures) error {
	if f.RefreshesPerSecond == 0 || f.SessionDisk == 0 {
		return errors.New("scale: the figures were taken without PostgreSQL, and a page of them would say nothing")
	}
	text, err := os.ReadFile(path) //nolint:gosec // the path is the user's
	if err != nil {
		return err
	}
	page := string(text)
	for _, part := range []struct{ name, text string }{
		{"figures", f.FigureTable()},
		{"assumptions", scale.AssumptionTable(scale.Examples())},
		{"sums", scale.FleetTable(scale.Examples(), f)},
	} {
		if page, err = scale.Update(page, part.name, part.text); err != nil {
			return err
		}
	}
	return os.WriteFile(path, []byte(page), 0o644) //nolint:gosec // a page is for everybody
}
