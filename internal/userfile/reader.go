// Package userfile reads accounts that another system has exported, as CSV (RFC 4180) or as JSON lines, one after the other and in
// bounded memory. It is strict: what it does not understand is a problem of the row, or of the whole file, and never
// left out.
package userfile

import (
	"errors"
	"fmt"
	"io"

	"github.com/jetonauth/jeton"
)

// Format is how a file is written.
type Format string

// The formats.
const (
	// CSV is comma-separated values as in RFC 4180, the first row of which names the columns.
	CSV Format = "csv"
	// JSONL is one JSON object (RFC 8259) in each line.
	JSONL Format = "jsonl"
)

// MaxRow is how long a row may be, in bytes.
const MaxRow = 64 << 10

// Columns returns the names of what a row may have, in the order of the documentation. Only the first is needed.
func Columns() []string {
	return []string{"email", "name", "roles", "password_hash", "created_at", "disabled", "id"}
}

// Row is one account of a file.
type Row struct {
	// Line is where the row begins, from 1 on.
	Line int
	// User is what the row says, as far as it can be read.
	User jeton.ImportedUser
	// Problems are what cannot be read. The pointer of one that is about the whole row is empty. Whether what can be read makes sense
	// is for [jeton.ImportedUser.Check] to say.
	Problems []jeton.FieldError
	// Broken says that the row has not the shape of the others, in CSV only: what stands in the rows behind it may then be a part of
	// this one.
	Broken bool
}

// FileError says what makes a file unreadable as a whole.
type FileError struct {
	Line int // 0 if it is about no line
	Text string
}

// Error is the text with its line.
func (e *FileError) Error() string {
	if e.Line == 0 {
		return "userfile: " + e.Text
	}
	return fmt.Sprintf("userfile: line %d: %s", e.Line, e.Text)
}

// Reader reads the rows of a file.
type Reader struct {
	lines *lines
	next  func() (Row, error)
}

// NewReader returns a reader of the rows in r. It reads the first row of CSV, and what is wrong with that is a [*FileError]. So is a
// format that there is not.
func NewReader(r io.Reader, format Format) (*Reader, error) {
	l, err := newLines(r)
	if err != nil {
		return nil, err
	}
	switch format {
	case CSV:
		c := &csvFile{lines: l}
		return &Reader{l, c.row}, c.header()
	case JSONL:
		return &Reader{l, jsonFile{l}.row}, l.notAnArray()
	}
	return nil, &FileError{Text: fmt.Sprintf("unknown format %q", format)}
}

// Next returns the next row, and [io.EOF] behind the last one. Blank lines are no rows. Any other error ends the reading: a
// [*FileError], or that of the reader below.
func (r *Reader) Next() (Row, error) { return r.next() }

// problem is a [jeton.FieldError] of a field, or of the whole row if that is empty.
func problem(field, format string, args ...any) jeton.FieldError {
	p := jeton.FieldError{Code: "unreadable", Message: fmt.Sprintf(format, args...)}
	if field != "" {
		p.Pointer = "/" + field
	}
	return p
}

// isEOF also takes the end of a file for one that comes in the middle of a line.
func isEOF(err error) bool { return errors.Is(err, io.EOF) }
