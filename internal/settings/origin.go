package settings

import (
	"fmt"
	"strings"
)

// A Kind is a kind of source of settings.
type Kind string

// The kinds of source, the one that wins last.
const (
	Default     Kind = "default"
	File        Kind = "file"
	Environment Kind = "environment"
	Flag        Kind = "flag"
)

// Origin is where a value came from. The zero value is the default.
type Origin struct {
	Kind Kind
	// Name is that of the file, the variable, or the flag with its dashes.
	Name string
	// Line and Column are where in the file the value begins, from 1; zero elsewhere.
	Line, Column int
}

// String is such as "default", "jeton.yaml:3", "JETON_LISTEN" or "--listen".
func (o Origin) String() string {
	switch {
	case o.Name == "":
		return string(Default)
	case o.Line > 0:
		return fmt.Sprintf("%s:%d", o.Name, o.Line)
	default:
		return o.Name
	}
}

// A Problem is one thing that is wrong, and where. Its error is one line, such as
//
//	jeton.yaml:3:13: access_ttl: "soon" is no duration; want 1s to 24h, such as 15m
type Problem struct {
	Origin Origin
	// Key is the setting's; empty if it is about none.
	Key  string
	Text string
}

func (p Problem) Error() string {
	place, key := p.Origin.Name, p.Key
	if p.Origin.Line > 0 {
		place = fmt.Sprintf("%s:%d:%d", place, p.Origin.Line, p.Origin.Column)
	}
	if p.Origin.Kind == Flag || p.Origin.Kind == Environment {
		key = "" // the place names it
	}
	parts := make([]string, 0, 3)
	for _, part := range []string{place, key, p.Text} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, ": ")
}

// Problems is all that is wrong, a line each.
type Problems []Problem

func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i, problem := range p {
		lines[i] = problem.Error()
	}
	return strings.Join(lines, "\n")
}
