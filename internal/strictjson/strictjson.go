// Package strictjson reads JSON (RFC 8259) that comes from outside, more strictly than encoding/json: valid UTF-8, no escaped
// lone surrogates, no duplicate names at any depth, bounded nesting, one object and nothing behind it, names that are compared
// exactly. What it accepts, encoding/json accepts too.
package strictjson

import (
	"errors"
	"fmt"
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

// Short is a [Span] in a text of at most [MaxShort] bytes, in half the memory.
type Short struct{ name, nameEnd, value, valueEnd uint16 }

// MaxShort is the longest text in bytes whose spans have a short form.
const MaxShort = 1<<15 - 1

// Short returns the span's short form.
func (s Span) Short() Short {
	return Short{name: uint16(s.name), nameEnd: shortEnd(s.nameEnd), value: uint16(s.value), valueEnd: shortEnd(s.valueEnd)}
}

// Span returns the span that s is short for.
func (s Short) Span() Span {
	return Span{name: uint32(s.name), nameEnd: longEnd(s.nameEnd), value: uint32(s.value), valueEnd: longEnd(s.valueEnd)}
}

func shortEnd(end uint32) uint16 { return uint16(end&MaxShort | end>>16&^MaxShort) }
func longEnd(end uint16) uint32  { return uint32(end&MaxShort) | uint32(end&^MaxShort)<<16 }

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
	spans, err := s.object(spans)
	if err != nil {
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

// object reads an object, and appends its members to spans.
func (s *scanner) object(spans []Span) ([]Span, error) {
	if err := s.enter(); err != nil {
		return nil, err
	}
	first := len(spans)
	var names nameSet
	for more := !s.accept('}'); more; {
		span, err := s.member()
		if err != nil {
			return nil, err
		}
		if name := span.Name(s.text); !names.add(name, s.text, spans[first:]) {
			return nil, fmt.Errorf("duplicate member %.64q", name)
		}
		spans = append(spans, span)
		if s.pos+1 < len(s.text) && s.text[s.pos] == ',' && s.text[s.pos+1] == '"' {
			s.pos++
			continue
		}
		if more, err = s.another('}'); err != nil {
			return nil, err
		}
	}
	s.depth--
	return spans, nil
}

// nested reads an object of which nothing is kept.
func (s *scanner) nested() error {
	var few [8]Span
	_, err := s.object(few[:0])
	return err
}

// member reads one member. Most are a name and a string or a number, with nothing to unescape and no white space: for those no
// other method is called.
func (s *scanner) member() (Span, error) {
	text, at := s.text, s.pos+1
	if s.peek() != '"' {
		return Span{}, s.unexpected()
	}
	quote := plainRun(text, at)
	if quote+2 >= len(text) || text[quote] != '"' || text[quote+1] != ':' {
		return s.anyMember()
	}
	value := quote + 2
	var end int
	switch c := text[value]; {
	case c == '"':
		end = plainRun(text, value+1) + 1
		if end > len(text) || text[end-1] != '"' {
			return s.anyMember()
		}
	case '1' <= c && c <= '9':
		end = value + 1
		for end < len(text) && isDigit(text[end]) {
			end++
		}
		if end == len(text) || text[end] != ',' && text[end] != '}' {
			return s.anyMember()
		}
	default:
		return s.anyMember()
	}
	s.pos = end
	return Span{name: uint32(at), nameEnd: uint32(quote), value: uint32(value), valueEnd: uint32(end)}, nil
}

func (s *scanner) anyMember() (Span, error) {
	start := s.pos + 1
	escaped, err := s.str()
	if err != nil {
		return Span{}, err
	}
	span := Span{name: uint32(start), nameEnd: end(s.pos-1, escaped)}
	s.skipSpace()
	if !s.accept(':') {
		return Span{}, s.unexpected()
	}
	s.skipSpace()
	span.value = uint32(s.pos)
	escaped, err = s.value()
	span.valueEnd = end(s.pos, escaped)
	return span, err
}

func end(pos int, escaped bool) uint32 {
	if escaped {
		return uint32(pos) | escapedBit
	}
	return uint32(pos)
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
		return false, s.nested()
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

// nameSet finds out whether a name comes twice in one object. A few are compared one by one; a map takes over before that gets slow.
type nameSet struct {
	marks uint64 // a bit for each kind of name that is in: no bit, no need to compare
	many  map[string]struct{}
}

// fewNames is how many are compared one by one.
const fewNames = 16

// add reports whether name is new. The names before it are those of members.
func (set *nameSet) add(name, text string, members []Span) bool {
	if len(members) >= fewNames {
		return set.addToMany(name, text, members)
	}
	mark := markOf(name)
	if set.marks&mark != 0 {
		for _, member := range members {
			if member.Name(text) == name {
				return false
			}
		}
	}
	set.marks |= mark
	return true
}

func (set *nameSet) addToMany(name, text string, members []Span) bool {
	if set.many == nil {
		set.many = make(map[string]struct{}, 4*len(members))
		for _, member := range members {
			set.many[member.Name(text)] = struct{}{}
		}
	}
	before := len(set.many)
	set.many[name] = struct{}{}
	return len(set.many) > before
}

// markOf is one of 64 bits that depends on the length and the ends of a name. The names of claims that are usual in one token have
// a bit each.
func markOf(name string) uint64 {
	if name == "" {
		return 1
	}
	return 1 << ((35*uint(len(name)) + uint(name[0]) + 43*uint(name[len(name)-1])) % 64)
}
