package scale

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/jetonauth/jeton/bench/internal/report"
)

// FigureTable writes the figures, each with the letter that formulas have for it.
func (f Figures) FigureTable() string {
	var b strings.Builder
	fmt.Fprintf(&b, "Machine: %s. Date: %s. Load before the run: %s.\n\n", f.Machine, f.Date, orUnknown(f.Load))
	duration := func(d time.Duration) string { return orNotMeasured(float64(d), report.Duration) }
	bytes := func(x float64) string { return orNotMeasured(x, report.Bytes) }
	rows := [][]string{
		{"Rn", "a refresh over HTTP, processor time of the node (the client's own is in it)", duration(f.RefreshNode)},
		{"Rd", "a refresh, processor time of the database", duration(f.RefreshDatabase)},
		{"", "a refresh, the database's log, where most pages are written often", bytes(f.RefreshLog)},
		{"Rl", "the same, where they are written once between checkpoints", bytes(f.RefreshLogCold)},
		{"Rc", "the same, with `wal_compression`", bytes(f.RefreshLogPacked)},
		{"", fmt.Sprintf("refreshes a second by %d clients at once", f.RefreshClients), orNotMeasured(f.RefreshesPerSecond, report.Grouped)},
		{"", "one client's smallest possible write", duration(f.CommitAlone)},
		{"H", "a password's hash", duration(f.Hash)},
		{"In", "a sign-in, processor time of the node, the hash included", duration(f.SignInNode)},
		{"Id", "a sign-in, processor time of the database, limits included", duration(f.SignInDatabase)},
		{"Os", "sign-outs a second, by 8 clients at once", orNotMeasured(f.SignOutsPerSecond, report.Grouped)},
		{"Od", "a sign-out, processor time of the database", duration(f.SignOutDatabase)},
		{"Q", "a read that finds nothing new, processor time of the database", duration(f.ReadDatabase)},
		{"P", "removing one row that has expired", duration(f.Prune)},
		{"Vm", "a live revocation, memory of each node", bytes(f.RevocationMemory)},
		{"Vl", "a live revocation, reading it when a node starts", duration(f.RevocationLoad)},
		{"Vd", "a live revocation, on disk", bytes(f.RevocationDisk)},
		{"", "asking whether a token is revoked, with many live", duration(f.Check)},
		{"Ad", "an account, on disk", bytes(f.AccountDisk)},
		{"Sd", "a session, on disk", bytes(f.SessionDisk)},
	}
	b.WriteString("| | what | cost |\n|---|---|---:|\n")
	for _, row := range rows {
		b.WriteString("| " + strings.Join(row, " | ") + " |\n")
	}
	return b.String()
}

func orUnknown(text string) string {
	if text == "" {
		return "unknown"
	}
	return text
}

func orNotMeasured(x float64, format func(float64) string) string {
	if x == 0 {
		return "not measured"
	}
	return format(x)
}

// AssumptionTable writes assumptions, each with the letter that formulas have for it.
func AssumptionTable(all []Assumptions) string {
	return table(all, []line[Assumptions]{
		{"N, accounts", "", func(a Assumptions) string { return report.Grouped(a.Accounts) }},
		{"a, share active on a day", "", func(a Assumptions) string { return percent(a.Active) }},
		{"h, hours active, each", "", func(a Assumptions) string { return report.Count(a.Hours) }},
		{"s, live sessions of an account", "", func(a Assumptions) string { return report.Count(a.Sessions) }},
		{"i, sign-ins of an active account on a day", "", func(a Assumptions) string { return plain(a.SignIns) }},
		{"o, sign-outs of it", "", func(a Assumptions) string { return plain(a.SignOuts) }},
		{"q, requests of it", "", func(a Assumptions) string { return report.Grouped(a.Requests) }},
		{"p, the busiest second, × the mean of the day", "", func(a Assumptions) string { return report.Count(a.Peak) }},
		{"t, lifetime of access tokens", "", func(a Assumptions) string { return fmt.Sprintf("%.0f min", a.AccessTTL.Minutes()) }},
		{"c, processors of a node", "", func(a Assumptions) string { return report.Count(a.Cores) }},
		{"b, how busy they may be at the peak", "", func(a Assumptions) string { return percent(a.Busy) }},
		{"k, connections of a node", "", func(a Assumptions) string { return report.Count(a.Connections) }},
	}, nameOf)
}

// assumed is an example with its sums.
type assumed struct {
	Assumptions
	Fleet
}

func nameOf(a Assumptions) string { return a.Name }

// FleetTable writes what fleets need, each line with its formula.
func FleetTable(all []Assumptions, f Figures) string {
	var fleets []assumed
	for _, a := range all {
		fleets = append(fleets, assumed{a, FleetFor(a, f)})
	}
	count := func(of func(Fleet) float64) func(assumed) string {
		return func(a assumed) string { return rounded(of(a.Fleet)) }
	}
	size := func(of func(Fleet) float64) func(assumed) string {
		return func(a assumed) string { return report.Bytes(of(a.Fleet)) }
	}
	return table(fleets, []line[assumed]{
		{"accounts active on a day", "N a", count(func(n Fleet) float64 { return n.Active })},
		{"live sessions", "N s", count(func(n Fleet) float64 { return n.Sessions })},
		{"refreshes a second, mean", "N a h / (t 86400 s)", count(func(n Fleet) float64 { return n.MeanRefreshes })},
		{"R, refreshes a second, peak", "p × mean", count(func(n Fleet) float64 { return n.Refreshes })},
		{"I, sign-ins a second, peak", "p N a i / 86400 s", count(func(n Fleet) float64 { return n.SignIns })},
		{"O, sign-outs a second, peak", "p N a o / 86400 s", count(func(n Fleet) float64 { return n.SignOuts })},
		{"database writes a second, peak", "R + 6 I + O", count(func(n Fleet) float64 { return n.Writes })},
		{"the same with limits in Redis", "R + I + O", count(func(n Fleet) float64 { return n.WritesWithRedis })},
		{"processors of nodes, used", "(R + O) Rn + I In", count(func(n Fleet) float64 { return n.NodeProcessors })},
		{"of them for password hashes", "I H", count(func(n Fleet) float64 { return n.HashProcessors })},
		{"**nodes**", "used / (c b), rounded up, and one more", count(func(n Fleet) float64 { return n.Nodes })},
		{"W, reads a second by each node", "2.5 + max(2.5, min(O, 50))", count(func(n Fleet) float64 { return n.Reads })},
		{"processors of the database, used", "R Rd + I Id + O Od + W Q nodes", count(func(n Fleet) float64 { return n.DatabaseProcessors })},
		{"**processors of the database**", "used / b, rounded up", count(func(n Fleet) float64 { return n.DatabaseCores })},
		{"**connections**", "nodes (k + 1)", count(func(n Fleet) float64 { return n.OpenConnections })},
		{"the counter's row is busy", "O / Os", func(a assumed) string { return percent(a.Counter) }},
		{"housekeeping is busy", "(I + O) / p × P", func(a assumed) string { return percent(a.Housekeeping) }},
		{"live revocations", "O (t + 5 min)", count(func(n Fleet) float64 { return n.LiveRevocations })},
		{"**memory for them, each node**", "live × Vm", size(func(n Fleet) float64 { return n.RevocationMemory })},
		{"reading them when a node starts", "live × Vl", func(a assumed) string { return brief(a.RevocationLoad) }},
		{"**disk, tables and indexes**", "N Ad + N s Sd + live × Vd", size(func(n Fleet) float64 { return n.Disk })},
		{"log a second, peak", "R Rl", size(func(n Fleet) float64 { return n.LogPerSecond })},
		{"the same with `wal_compression`", "R Rc", size(func(n Fleet) float64 { return n.LogPacked })},
		{"log a day", "mean × 86400 Rl", size(func(n Fleet) float64 { return n.LogPerDay })},
		{"checking tokens, processors", "p N a q / 86400 s × 1.04 to 88.4 µs", func(a assumed) string {
			return rounded(a.CheckingCached) + " to " + rounded(a.CheckingNew)
		}},
		{"all who are active sign in again", "N a In / (nodes c)", func(a assumed) string { return brief(a.EverybodySignsIn) }},
	}, func(a assumed) string { return a.Name })
}

// line is one of a table whose columns are examples.
type line[T any] struct {
	what, formula string
	cell          func(T) string
}

func table[T any](all []T, lines []line[T], name func(T) string) string {
	var heads []string
	formulas := lines[0].formula != ""
	if formulas {
		heads = append(heads, "formula")
	}
	for _, one := range all {
		heads = append(heads, name(one))
	}
	var rows [][]string
	for _, l := range lines {
		row := []string{l.what}
		if formulas {
			row = append(row, l.formula)
		}
		for _, one := range all {
			row = append(row, l.cell(one))
		}
		rows = append(rows, row)
	}
	return report.Table(heads, rows)
}

// rounded writes a number with two significant digits or three, as exact as sums of assumptions are.
func rounded(x float64) string {
	switch {
	case math.IsNaN(x) || math.IsInf(x, 0):
		return "not measured"
	case x < 10 && x != math.Trunc(x):
		return report.Digits(x)
	case x < 1000:
		return report.Grouped(x)
	}
	unit := math.Pow(10, math.Floor(math.Log10(x))-2)
	return report.Grouped(math.Round(x/unit) * unit)
}

func percent(share float64) string {
	if math.IsNaN(share) || math.IsInf(share, 0) {
		return "not measured"
	}
	if share > 0 && share < 0.0001 {
		return "less than 0.01 %"
	}
	return plain(100*share) + " %"
}

// plain writes a number with no more digits than it takes, three at most.
func plain(x float64) string {
	if x >= 100 {
		return report.Grouped(x)
	}
	return fmt.Sprintf("%.2g", x)
}

// brief writes a duration as people say it.
func brief(d time.Duration) string {
	switch {
	case d < time.Second:
		return "less than 1 s"
	case d < 2*time.Minute:
		return fmt.Sprintf("%.0f s", d.Seconds())
	case d < 2*time.Hour:
		return fmt.Sprintf("%.0f min", d.Minutes())
	}
	return fmt.Sprintf("%.0f h", d.Hours())
}

// Update replaces what a page has between the lines <!-- name --> and <!-- /name -->.
func Update(page, name, text string) (string, error) {
	start, end := "<!-- "+name+" -->\n", "<!-- /"+name+" -->\n"
	before, rest, found := strings.Cut(page, start)
	_, after, closed := strings.Cut(rest, end)
	if !found || !closed {
		return "", errors.New("scale: the page has no " + strings.TrimSpace(start) + " … " + strings.TrimSpace(end))
	}
	return before + start + "\n" + text + "\n" + end + after, nil
}
