package main

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/jetonauth/jeton"
)

// say prints what a command has done: value as JSON if --json was given, else a line.
func (a *app) say(cmd *cobra.Command, value any, format string, args ...any) error {
	return a.show(cmd, value, table{none: printable(fmt.Sprintf(format, args...))})
}

// invalid says what is wrong with what a user has entered. names are what the fields are called on the command line, by their JSON
// pointers; a field below another one has the name of that.
func invalid(err error, names map[string]string) error {
	problems, ok := errors.AsType[*jeton.ValidationError](err)
	if !ok {
		return err
	}
	texts := make([]string, len(problems.Fields))
	for i, f := range problems.Fields {
		field, _, _ := strings.Cut(strings.TrimPrefix(f.Pointer, "/"), "/")
		separator := " "
		if first, _ := utf8.DecodeRuneInString(f.Message); unicode.IsUpper(first) { // a whole sentence
			separator = ": "
		}
		texts[i] = cmp.Or(names[field], field) + separator + f.Message
	}
	return errors.New(strings.Join(slices.Compact(texts), "; "))
}

// stamp is a time in a table, nothing if it is zero.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}
