package userfile

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/internal/settings"
)

// csvFile reads rows of comma-separated values.
type csvFile struct {
	lines   *lines
	columns []string
}

// header reads the row that names the columns.
func (f *csvFile) header() error {
	values, line, err := f.values()
	switch {
	case isEOF(err):
		return &FileError{Text: "it is empty; want a row that names the columns"}
	case errors.Is(err, errLong):
		return &FileError{line, fmt.Sprintf("the row that names the columns is longer than %d bytes", MaxRow)}
	}
	if bad, ok := errors.AsType[*rowError](err); ok {
		return &FileError{line, "in the row that names the columns, " + bad.text}
	}
	if err != nil {
		return err
	}
	for i, name := range values {
		if text := badColumn(name, i, values); text != "" {
			return &FileError{line, text}
		}
	}
	if !slices.Contains(values, "email") {
		return &FileError{line, `there is no column "email"`}
	}
	f.columns = values
	return nil
}

// badColumn says what is wrong with the name of a column.
func badColumn(name string, i int, names []string) string {
	switch {
	case name == "":
		return fmt.Sprintf("column %d has no name", i+1)
	case slices.Contains(names[:i], name):
		return fmt.Sprintf("there are two columns %q", name)
	case slices.Contains(Columns(), name):
		return ""
	case len(names) == 1 && strings.ContainsAny(name, ";\t|"):
		return fmt.Sprintf("unknown column %.80q; want commas between the columns", name)
	}
	return unknown("column", name)
}

// unknown says that there is no such name, and what may have been meant.
func unknown(what, name string) string {
	if nearest := settings.Nearest(strings.ToLower(name), Columns()); nearest != "" {
		return fmt.Sprintf("unknown %s %.80q; did you mean %q?", what, name, nearest)
	}
	return fmt.Sprintf("unknown %s %.80q; there are %s", what, name, strings.Join(Columns(), ", "))
}

func (f *csvFile) row() (Row, error) {
	values, line, err := f.values()
	row := Row{Line: line}
	bad, isBad := errors.AsType[*rowError](err)
	switch {
	case isBad:
		row.Broken, row.Problems = bad.broken || len(values) != len(f.columns), []jeton.FieldError{problem("", "%s", bad.text)}
		return row, nil
	case errors.Is(err, errLong):
		row.Broken, row.Problems = true, []jeton.FieldError{problem("", "is longer than %d bytes", MaxRow)}
		return row, nil
	case err != nil:
		return Row{}, err
	case len(values) != len(f.columns):
		row.Broken = true
		row.Problems = []jeton.FieldError{problem("", "has %d values, and there are %d columns", len(values), len(f.columns))}
		return row, nil
	}
	for i, column := range f.columns {
		if p := setText(&row.User, column, values[i]); p != nil {
			row.Problems = append(row.Problems, *p)
		}
	}
	return row, nil
}

// rowError is what is wrong with a row that is left out.
type rowError struct {
	text   string
	broken bool // it cannot be taken apart
}

func (e *rowError) Error() string { return e.text }

func broken(format string, args ...any) error { return &rowError{fmt.Sprintf(format, args...), true} }

// values takes the next row apart that is not blank. line is where it begins. The error is a [*rowError] or errLong for one that is
// left out; others end the reading.
func (f *csvFile) values() (values []string, line int, err error) {
	text := ""
	for text == "" && err == nil {
		text, err = f.lines.next()
	}
	line = f.lines.number
	row := csvRow{}
	var invalid error // of a row that has its shape all the same
	for length := len(text); err == nil; length += len(text) + 1 {
		if length > MaxRow {
			return nil, line, &FileError{line, fmt.Sprintf("a quote is not closed within %d bytes", MaxRow)}
		}
		if at := invalidAt(text); at > 0 && invalid == nil {
			invalid = &rowError{fmt.Sprintf("byte %d of line %d is not UTF-8", at, f.lines.number), false}
		}
		if err = row.feed(text); err != nil || !row.open {
			break
		}
		text, err = f.lines.next()
		if isEOF(err) || errors.Is(err, errLong) {
			err = &FileError{line, "a quote is opened and never closed"}
		}
	}
	if err == nil {
		err = invalid
	}
	return row.values, line, err
}

// csvRow is a row that is taken apart, line by line.
type csvRow struct {
	values []string
	value  strings.Builder // the one that is open
	open   bool            // a quoted value goes on in the next line
}

func (r *csvRow) feed(text string) error {
	if r.open {
		r.value.WriteByte('\n')
	}
	for more := true; more; {
		if !r.open && strings.HasPrefix(text, `"`) {
			r.open, text = true, text[1:]
		}
		var err error
		if r.open {
			text, more, err = r.quoted(text)
		} else {
			text, more, err = r.plain(text)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// plain takes a value without quotes from text. more says that another value follows.
func (r *csvRow) plain(text string) (rest string, more bool, err error) {
	value, rest, more := strings.Cut(text, ",")
	if strings.Contains(value, `"`) {
		return "", false, broken("value %d has a quote and does not begin with one", len(r.values)+1)
	}
	r.values = append(r.values, value)
	return rest, more, nil
}

// quoted takes what is left of a value in quotes from text, in which two quotes stand for one.
func (r *csvRow) quoted(text string) (rest string, more bool, err error) {
	for {
		before, behind, closed := strings.Cut(text, `"`)
		r.value.WriteString(before)
		if !closed {
			return "", false, nil
		}
		if text, closed = strings.CutPrefix(behind, `"`); !closed {
			break
		}
		r.value.WriteByte('"')
	}
	r.values = append(r.values, r.value.String())
	r.value.Reset()
	r.open = false
	rest, more = strings.CutPrefix(text, ",")
	if !more && text != "" {
		return "", false, broken("something follows the closing quote of value %d", len(r.values))
	}
	return rest, more, nil
}
