package compare

import (
	"fmt"
	"math"
	"strings"

	"github.com/jetonauth/jeton/bench/internal/measure"
	"github.com/jetonauth/jeton/bench/internal/report"
)

// column is one of a table: its head, and what it says about a result.
type column struct {
	head string
	cell func(measure.Result) string
}

// table is what a race came to.
type table struct {
	title   string
	columns []column
	rows    []measure.Result
}

func (r race) table(results []measure.Result) table {
	t := table{title: r.title, columns: r.columns(results), rows: results}
	if r.rows != nil {
		t.rows = r.rows(results)
	}
	return t
}

// markdown returns the table under its title.
func (t table) markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "\n### %s\n\n", strings.ToUpper(t.title[:1])+t.title[1:])
	var heads []string
	for _, c := range t.columns {
		heads = append(heads, c.head)
	}
	writeHeads(&b, heads)
	for _, row := range t.rows {
		b.WriteString("| " + row.Name + " |")
		for _, c := range t.columns {
			b.WriteString(" " + c.cell(row) + " |")
		}
		b.WriteString("\n")
	}
	return b.String()
}

// overview returns one table of the times in several ones with the same rows.
func overview(tables []table) string {
	var b strings.Builder
	var heads []string
	for _, t := range tables {
		heads = append(heads, t.title)
	}
	b.WriteString("\n")
	writeHeads(&b, heads)
	for i, row := range tables[0].rows {
		b.WriteString("| " + row.Name + " |")
		for _, t := range tables {
			b.WriteString(" " + report.Duration(t.rows[i].Time().Median) + " |")
		}
		b.WriteString("\n")
	}
	return b.String()
}

func writeHeads(b *strings.Builder, heads []string) {
	b.WriteString("| | " + strings.Join(heads, " | ") + " |\n|---|" + strings.Repeat("---:|", len(heads)) + "\n")
}

// costs are the columns that every table of single operations begins with.
func costs() []column {
	return []column{
		{"time", func(r measure.Result) string { return report.Duration(r.Time().Median) }},
		{"allocations", func(r measure.Result) string { return report.Count(r.Allocs) }},
		{"bytes", func(r measure.Result) string { return report.Count(r.Bytes) }},
	}
}

// times is how many times as long as another result.
func times(head string, other measure.Result) column {
	return column{head, func(r measure.Result) string {
		if r.Name == other.Name {
			return "1"
		}
		return report.Interval(r.Ratio(other), report.Digits)
	}}
}

// speed is how many times as fast as another result.
func speed(head string, other measure.Result) column {
	return column{head, func(r measure.Result) string {
		if r.Name == other.Name {
			return "1"
		}
		return report.Interval(other.Ratio(r), report.Digits)
	}}
}

// over is how much longer than another result.
func over(head string, other measure.Result) column {
	return column{head, func(r measure.Result) string {
		if r.Name == other.Name {
			return ""
		}
		return report.Interval(r.Difference(other), report.Duration)
	}}
}

// find returns the result with a name.
func find(results []measure.Result, name string) measure.Result {
	for _, r := range results {
		if r.Name == name {
			return r
		}
	}
	return measure.Result{Name: name}
}

// fastest returns the fastest of the results that want says. They are compared within rounds, by way of the first result, since the
// medians of times are blurred by whatever else the machine does.
func fastest(results []measure.Result, want func(name string) bool) measure.Result {
	var best measure.Result
	least := math.Inf(1)
	for _, r := range results {
		if !want(r.Name) {
			continue
		}
		if ratio := r.Ratio(results[0]).Median; best.Times == nil || ratio < least {
			best, least = r, ratio
		}
	}
	return best
}

// isOther says whether a name is that of a library or protection that is not jeton's, nor a floor.
func isOther(name string) bool {
	return !strings.HasPrefix(name, "jeton") && !strings.HasPrefix(name, "bare ") && name != rawName
}
