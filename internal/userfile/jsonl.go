package userfile

import (
	"errors"
	"slices"
	"strings"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/internal/strictjson"
)

// jsonFile reads a JSON object from each line.
type jsonFile struct{ lines *lines }

// notAnArray returns an error for a file that is one JSON array, whose lines would all be wrong.
func (l *lines) notAnArray() error {
	first, err := l.r.Peek(1)
	if err != nil && !isEOF(err) {
		return err
	}
	if string(first) == "[" {
		return &FileError{Text: "it is a JSON array; want one object in each line, as jq -c '.[]' makes it"}
	}
	return nil
}

func (f jsonFile) row() (Row, error) {
	text := ""
	var err error
	for strings.Trim(text, " \t\r") == "" && err == nil {
		text, err = f.lines.next()
	}
	row := Row{Line: f.lines.number}
	if errors.Is(err, errLong) {
		row.Problems = []jeton.FieldError{problem("", "is longer than %d bytes", MaxRow)}
		return row, nil
	}
	if err != nil {
		return Row{}, err
	}
	if at := invalidAt(text); at > 0 {
		row.Problems = []jeton.FieldError{problem("", "byte %d of line %d is not UTF-8", at, row.Line)}
		return row, nil
	}
	members, err := strictjson.Object(text)
	if err != nil {
		row.Problems = []jeton.FieldError{problem("", "%v", err)}
		return row, nil
	}
	for _, member := range members {
		if !slices.Contains(Columns(), member.Name) {
			row.Problems = append(row.Problems, problem("", "%s", unknown("member", member.Name)))
		} else if p := setJSON(&row.User, member.Name, member.Value); p != nil {
			row.Problems = append(row.Problems, *p)
		}
	}
	return row, nil
}
