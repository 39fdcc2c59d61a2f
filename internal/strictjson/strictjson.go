// Package strictjson reads JSON (RFC 8259) that comes from outside, more strictly than encoding/json: valid UTF-8, no escaped
// lone surrogates, no duplicate names at any depth, bounded nesting, one object and nothing behind it, names that are compared
// exactly. What it accepts, encoding/json accepts too.
package strictjson

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// MaxDepth is how deep objects and arrays may be nested, the outermost object counted.
const MaxDepth = 32

// Member is one member of a JSON object.
type Member struct {
	Name  string // decoded
	Value string // JSON text
}

// Object reads text as exactly one JSON object and returns its members in order. The error says what is wrong, and where.
func Object(text string) ([]Member, error) {
	if !utf8.ValidString(text) {
		return nil, errors.New("invalid UTF-8")
	}
	s := scanner{text: text}
	s.skipSpace()
	if s.peek() != '{' {
		return nil, errors.New("not a JSON object")
	}
	members := make([]Member, 0, 12)
	if err := s.object(&members); err != nil {
		return nil, err
	}
	s.skipSpace()
	if s.pos < len(s.text) {
		return nil, fmt.Errorf("something follows the JSON object at byte %d", s.pos)
	}
	return members, nil
}

// scanner checks JSON text from pos on. Its methods leave pos after what they have read.
type scanner struct {
	text  string
	pos   int
	depth int
}

// peek returns the next byte, or 0 at the end; a NUL is no part of JSON's grammar, so the two need no distinction.
func (s *scanner) peek() byte {
	if s.pos < len(s.text) {
		return s.text[s.pos]
	}
	return 0
}

func (s *scanner) accept(c byte) bool {
	if s.peek() != c {
		return false
	}
	s.pos++
	return true
}

func (s *scanner) skipSpace() {
	for s.pos < len(s.text) {
		switch s.text[s.pos] {
		case ' ', '\t', '\n', '\r':
			s.pos++
		default:
			return
		}
	}
}

func (s *scanner) unexpected() error {
	if s.pos >= len(s.text) {
		return errors.New("JSON ends too early")
	}
	return fmt.Errorf("unexpected character in JSON at byte %d", s.pos)
}

func (s *scanner) enter() error {
	if s.depth++; s.depth > MaxDepth {
		return fmt.Errorf("JSON is nested deeper than %d", MaxDepth)
	}
	s.pos++
	s.skipSpace()
	return nil
}

// object reads an object, and appends its members to keep unless that is nil.
func (s *scanner) object(keep *[]Member) error {
	if err := s.enter(); err != nil {
		return err
	}
	var seen nameSet
	for more := !s.accept('}'); more; {
		name, err := s.name(&seen)
		if err != nil {
			return err
		}
		start := s.pos
		if err := s.value(); err != nil {
			return err
		}
		if keep != nil {
			*keep = append(*keep, Member{name, s.text[start:s.pos]})
		}
		if more, err = s.another('}'); err != nil {
			return err
		}
	}
	s.depth--
	return nil
}

// name reads a member's name and the colon after it.
func (s *scanner) name(seen *nameSet) (string, error) {
	raw, err := s.str()
	if err != nil {
		return "", err
	}
	name := Unquote(raw)
	if !seen.add(name) {
		return "", fmt.Errorf("duplicate member %.64q", name)
	}
	s.skipSpace()
	if !s.accept(':') {
		return "", s.unexpected()
	}
	s.skipSpace()
	return name, nil
}

func (s *scanner) array() error {
	if err := s.enter(); err != nil {
		return err
	}
	for more := !s.accept(']'); more; {
		err := s.value()
		if err != nil {
			return err
		}
		if more, err = s.another(']'); err != nil {
			return err
		}
	}
	s.depth--
	return nil
}

// another reads what follows an element: a comma, after which there must be another one, or the end.
func (s *scanner) another(end byte) (bool, error) {
	s.skipSpace()
	if s.accept(',') {
		s.skipSpace()
		return true, nil
	}
	if s.accept(end) {
		return false, nil
	}
	return false, s.unexpected()
}

func (s *scanner) value() error {
	switch c := s.peek(); {
	case c == '"':
		_, err := s.str()
		return err
	case c == '{':
		return s.object(nil)
	case c == '[':
		return s.array()
	case c == '-' || isDigit(c):
		return s.number()
	}
	for _, literal := range [...]string{"true", "false", "null"} {
		if strings.HasPrefix(s.text[s.pos:], literal) {
			s.pos += len(literal)
			return nil
		}
	}
	return s.unexpected()
}

func (s *scanner) number() error {
	s.accept('-')
	if !s.accept('0') && !s.digits() {
		return s.unexpected()
	}
	if s.accept('.') && !s.digits() {
		return s.unexpected()
	}
	if s.accept('e') || s.accept('E') {
		if !s.accept('+') {
			s.accept('-')
		}
		if !s.digits() {
			return s.unexpected()
		}
	}
	return nil
}

func (s *scanner) digits() bool {
	start := s.pos
	for isDigit(s.peek()) {
		s.pos++
	}
	return s.pos > start
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// nameSet holds the names of one object. A few are compared one by one; a map takes over before that gets slow.
type nameSet struct {
	few  [16]string
	n    int
	many map[string]struct{}
}

// add reports whether name is new.
func (set *nameSet) add(name string) bool {
	if set.many == nil {
		if slices.Contains(set.few[:set.n], name) {
			return false
		}
		if set.n < len(set.few) {
			set.few[set.n] = name
			set.n++
			return true
		}
		set.many = make(map[string]struct{}, 4*len(set.few))
		for _, known := range set.few {
			set.many[known] = struct{}{}
		}
	}
	before := len(set.many)
	set.many[name] = struct{}{}
	return len(set.many) > before
}
