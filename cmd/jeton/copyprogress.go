package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/jetonauth/jeton/internal/storecopy"
)

// copyProgress says how far a copy is: with a bar on a terminal, and with lines now and then elsewhere.
type copyProgress struct {
	app   *app
	line  *progressLine // nil if there is no terminal
	now   func() time.Time
	began time.Time // of what is being done
	first int       // the rows that were behind it then
	said  time.Time // a line elsewhere
	doing string
}

func (a *app) newCopyProgress() *copyProgress {
	return &copyProgress{app: a, line: a.newProgressLine(), now: time.Now, said: time.Now()}
}

// lineInterval is how often there is a line where there is no terminal.
const lineInterval = 10 * time.Second

func (c *copyProgress) report(p storecopy.Progress) {
	if doing := fmt.Sprint(p.Step, p.Table); doing != c.doing {
		c.doing, c.began, c.first = doing, c.now(), p.Rows
	}
	switch {
	case c.line != nil:
		c.line.say("%s", c.bar(p))
	case p.Ended && p.Rows > 0, c.now().Sub(c.said) >= lineInterval:
		c.said = c.now()
		fmt.Fprintf(c.app.err, "%s %s: %s\n", p.Step, p.Table, rowsText(p))
	}
}

func rowsText(p storecopy.Progress) string {
	if p.Ended || p.Total == 0 {
		return fmt.Sprintf("%d rows", p.Rows)
	}
	return fmt.Sprintf("%d of %d rows", p.Rows, p.Total)
}

// barWidth is that of the bar without its ends.
const barWidth = 20

// bar is a line of less than 80 columns.
func (c *copyProgress) bar(p storecopy.Progress) string {
	rate := ""
	if seconds := c.now().Sub(c.began).Seconds(); seconds >= 1 {
		rate = fmt.Sprintf(", %.0f/s", float64(p.Rows-c.first)/seconds)
	}
	text := fmt.Sprintf("%-9s %-15s ", p.Step, p.Table)
	if p.Total > 0 {
		done := min(p.Rows, p.Total)
		text += fmt.Sprintf("[%-*s] %3d%%  ", barWidth, strings.Repeat("#", done*barWidth/p.Total), done*100/p.Total)
	}
	return fmt.Sprintf("%s%d rows%s", text, p.Rows, rate)
}
