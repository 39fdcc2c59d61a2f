package main

import (
	"fmt"
	"strings"
	"time"
)

// progressLine is a line on a terminal that says how far something is. Elsewhere there is none.
type progressLine struct {
	app    *app
	last   time.Time
	length int // of the line that is there
}

func (a *app) newProgressLine() *progressLine {
	if !a.isTerminal(a.err) {
		return nil
	}
	return &progressLine{app: a}
}

// progressInterval is how often the line changes.
const progressInterval = 100 * time.Millisecond

// say changes the line, unless it has just changed.
func (p *progressLine) say(format string, args ...any) {
	if p == nil || time.Since(p.last) < progressInterval {
		return
	}
	p.now(format, args...)
}

// now changes the line in any case.
func (p *progressLine) now(format string, args ...any) {
	if p == nil {
		return
	}
	text := fmt.Sprintf(format, args...)
	fmt.Fprintf(p.app.err, "\r%s%s", text, strings.Repeat(" ", max(0, p.length-len(text))))
	p.last, p.length = time.Now(), len(text)
}

// clear takes the line away.
func (p *progressLine) clear() {
	if p == nil || p.length == 0 {
		return
	}
	fmt.Fprintf(p.app.err, "\r%s\r", strings.Repeat(" ", p.length))
	p.length = 0
}
