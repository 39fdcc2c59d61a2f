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
	spans, err := Index(text, make([]Span, 0, 16))
	if err != nil {
		return nil, err
	}
	members := make([]Member, len(spans))
	for i, span := range spans {
		members[i] = Member{Name: span.Name(text), Value: span.Value(text)}
	}
	return members, nil
}

// Span is where one member of an object stands in the object's text. It holds no pointer, and so costs nothing to keep.
type Span struct{ name, nameEnd, value, valueEnd uint32 }

// The highest bits of the ends say whether there is an escape sequence.
const (
	escapedBit = 1 << 31
	endBits    = escapedBit - 1
)

// Name returns the member's name, decoded.
func (s Span) Name(text string) string {
	name := text[s.name : s.nameEnd&endBits]
	if s.nameEnd&escapedBit != 0 {
		return unescaped(name)
	}
	return name
}

// Value returns the JSON text of the member's value.
func (s Span) Value(text string) string { return text[s.value : s.valueEnd&endBits] }

// String returns the string that the value holds.
func (s Span) String(text string) (string, error) {
	value := s.Value(text)
	if value[0] == '"' && s.valueEnd&escapedBit == 0 {
		return value[1 : len(value)-1], nil
	}
	return String(value)
}

// Index is [Object] without a copy of anything: it appends where the members stand to spans.
func Index(text string, spans []Span) ([]Span, error) {
	if uint64(len(text)) > endBits {
		return nil, errors.New("longer than 2 GiB")
	}
	if !utf8.ValidString(text) {
		return nil, errors.New("invalid UTF-8")
	}
	s := scanner{text: text}
	s.skipSpace()
	if s.peek() != '{' {
		return nil, errors.New("not a JSON object")
	}
	if err := s.object(&spans); err != nil {
		return nil, err
	}
	s.skipSpace()
	if s.pos < len(s.text) {
		return nil, fmt.Errorf("something follows the JSON object at byte %d", s.pos)
	}
	return spans, nil
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
	if s.pos < len(s.text) && s.text[s.pos] <= ' ' {
		s.skipSpaces()
	}
}

func (s *scanner) skipSpaces() {
	for s.pos < len(s.text) && strings.IndexByte(" \t\n\r", s.text[s.pos]) >= 0 {
		s.pos++
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
func (s *scanner) object(keep *[]Span) error {
	if err := s.enter(); err != nil {
		return err
	}
	var seen nameSet
	for more := !s.accept('}'); more; {
		span, err := s.member(&seen)
		if err != nil {
			return err
		}
		if keep != nil {
			*keep = append(*keep, span)
		}
		if s.peek() == ',' && s.pos+1 < len(s.text) && s.text[s.pos+1] == '"' {
			s.pos++
			continue
		}
		if more, err = s.another('}'); err != nil {
			return err
		}
	}
	s.depth--
	return nil
}

// member reads one member. Most are a name and a string or a number, with nothing to unescape and no white space: for those no
// other method is called.
func (s *scanner) member(seen *nameSet) (Span, error) {
	text, at := s.text, s.pos+1
	quote := plainRun(text, at)
	if s.peek() != '"' || quote+2 >= len(text) || text[quote] != '"' || text[quote+1] != ':' || text[quote+2] <= ' ' {
		return s.anyMember(seen)
	}
	if name := text[at:quote]; !seen.add(name) {
		return Span{}, duplicate(name)
	}
	span := Span{name: uint32(at), nameEnd: uint32(quote), value: uint32(quote + 2)}
	s.pos = quote + 2
	if text[s.pos] == '"' {
		if last := plainRun(text, s.pos+1); last < len(text) && text[last] == '"' {
			s.pos = last + 1
			span.valueEnd = uint32(s.pos)
			return span, nil
		}
	}
	escaped, err := s.value()
	span.valueEnd = end(s.pos, escaped)
	return span, err
}

func (s *scanner) anyMember(seen *nameSet) (Span, error) {
	span, err := s.name(seen)
	if err != nil {
		return Span{}, err
	}
	span.value = uint32(s.pos)
	escaped, err := s.value()
	span.valueEnd = end(s.pos, escaped)
	return span, err
}

func duplicate(name string) error { return fmt.Errorf("duplicate member %.64q", name) }

func end(pos int, escaped bool) uint32 {
	if escaped {
		return uint32(pos) | escapedBit
	}
	return uint32(pos)
}

// name reads a member's name and the colon after it.
func (s *scanner) name(seen *nameSet) (Span, error) {
	start := s.pos + 1
	escaped, err := s.str()
	if err != nil {
		return Span{}, err
	}
	name := s.text[start : s.pos-1]
	if escaped {
		name = unescaped(name)
	}
	if !seen.add(name) {
		return Span{}, duplicate(name)
	}
	span := Span{name: uint32(start), nameEnd: end(s.pos-1, escaped)}
	s.skipSpace()
	if !s.accept(':') {
		return Span{}, s.unexpected()
	}
	s.skipSpace()
	return span, nil
}

func (s *scanner) array() error {
	if err := s.enter(); err != nil {
		return err
	}
	for more := !s.accept(']'); more; {
		_, err := s.value()
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
	switch s.peek() {
	case ',':
		s.pos++
		s.skipSpace()
		return true, nil
	case end:
		s.pos++
		return false, nil
	}
	return false, s.unexpected()
}

// value reads a value, and says whether it is a string with an escape sequence.
func (s *scanner) value() (escaped bool, err error) {
	switch c := s.peek(); {
	case c == '"':
		return s.str()
	case c == '-' || isDigit(c):
		return false, s.number()
	case c == '{':
		return false, s.object(nil)
	case c == '[':
		return false, s.array()
	}
	for _, literal := range [...]string{"true", "false", "null"} {
		if strings.HasPrefix(s.text[s.pos:], literal) {
			s.pos += len(literal)
			return false, nil
		}
	}
	return false, s.unexpected()
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
	for s.pos < len(s.text) && isDigit(s.text[s.pos]) {
		s.pos++
	}
	return s.pos > start
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// nameSet holds the names of one object. A few are compared one by one; a map takes over before that gets slow.
type nameSet struct {
	marks uint64 // a bit for each kind of name that is in: no bit, no need to compare
	few   [16]string
	n     int
	many  map[string]struct{}
}

// add reports whether name is new.
func (set *nameSet) add(name string) bool {
	if set.many != nil {
		before := len(set.many)
		set.many[name] = struct{}{}
		return len(set.many) > before
	}
	mark := markOf(name)
	if set.marks&mark != 0 && slices.Contains(set.few[:set.n], name) {
		return false
	}
	set.marks |= mark
	if set.n < len(set.few) {
		set.few[set.n] = name
		set.n++
		return true
	}
	set.many = make(map[string]struct{}, 4*len(set.few))
	for _, known := range set.few {
		set.many[known] = struct{}{}
	}
	set.many[name] = struct{}{}
	return true
}

// markOf is one of 64 bits that depends on the length and the ends of a name.
func markOf(name string) uint64 {
	if name == "" {
		return 1
	}
	return 1 << ((uint(len(name)) + 5*uint(name[0]) + 3*uint(name[len(name)-1])) % 64)
}
