package strictjson

import (
	"errors"
	"fmt"
	"math/bits"
	"strings"
	"unicode/utf16"
)

// str reads a JSON string, and says whether there is an escape sequence in it.
func (s *scanner) str() (escaped bool, err error) {
	if s.peek() != '"' {
		return false, s.unexpected()
	}
	for s.pos = plainRun(s.text, s.pos+1); s.pos < len(s.text); s.pos = plainRun(s.text, s.pos) {
		switch s.text[s.pos] {
		case '"':
			s.pos++
			return escaped, nil
		case '\\':
			escaped = true
			if err := s.escape(); err != nil {
				return escaped, err
			}
		default:
			return escaped, fmt.Errorf("control character in a JSON string at byte %d", s.pos)
		}
	}
	return escaped, s.unexpected()
}

// plainRun returns the position of the next quote, backslash or control character from i on, or the end.
func plainRun(text string, i int) int {
	for ; i+8 <= len(text); i += 8 {
		if found := special(load(text, i)); found != 0 {
			return i + bits.TrailingZeros64(found)/8
		}
	}
	for i < len(text) && text[i] != '"' && text[i] != '\\' && text[i] >= ' ' {
		i++
	}
	return i
}

// Plain reports whether text is ASCII that stands for itself in a JSON string.
func Plain(text string) bool {
	i := 0
	for ; i+8 <= len(text); i += 8 {
		if x := load(text, i); (special(x) | x&highs) != 0 {
			return false
		}
	}
	for ; i < len(text); i++ {
		if c := text[i]; c < ' ' || c >= 0x80 || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}

// load returns eight bytes of text, the first one lowest. The compiler makes one instruction of it.
func load(text string, i int) uint64 {
	b := text[i : i+8]
	return uint64(b[0]) | uint64(b[1])<<8 | uint64(b[2])<<16 | uint64(b[3])<<24 |
		uint64(b[4])<<32 | uint64(b[5])<<40 | uint64(b[6])<<48 | uint64(b[7])<<56
}

// The lowest and the highest bit of each of eight bytes.
const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// special marks the lowest byte that is a quote, a backslash or a control character by its highest bit, and perhaps bytes
// above it. The trick: x-1 borrows into the highest bit of a byte that is zero, and x^c is zero where the byte is c.
func special(x uint64) uint64 {
	quote, backslash := x^('"'*ones), x^('\\'*ones)
	return ((quote-ones)&^quote | (backslash-ones)&^backslash | (x-' '*ones)&^x) & highs
}

// escape reads an escape sequence. A surrogate must be one half of a pair, since alone it is no Unicode text.
func (s *scanner) escape() error {
	s.pos++
	if strings.IndexByte(`"\/bfnrt`, s.peek()) >= 0 {
		s.pos++
		return nil
	}
	unit, ok := s.unicodeEscape()
	if !ok {
		return s.unexpected()
	}
	if !utf16.IsSurrogate(unit) {
		return nil
	}
	at := s.pos
	if s.accept('\\') {
		if low, ok := s.unicodeEscape(); ok && utf16.DecodeRune(unit, low) != '\uFFFD' {
			return nil
		}
	}
	return fmt.Errorf("lone surrogate in a JSON string before byte %d", at)
}

// unicodeEscape reads the u and the four digits of an escaped UTF-16 code unit.
func (s *scanner) unicodeEscape() (rune, bool) {
	if !s.accept('u') || len(s.text)-s.pos < 4 {
		return 0, false
	}
	unit, ok := hex4(s.text[s.pos : s.pos+4])
	if ok {
		s.pos += 4
	}
	return unit, ok
}

func hex4(digits string) (rune, bool) {
	var unit rune
	for i := range 4 {
		c := rune(digits[i])
		switch {
		case '0' <= c && c <= '9':
			c -= '0'
		case 'a' <= c && c <= 'f':
			c -= 'a' - 10
		case 'A' <= c && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		unit = unit<<4 | c
	}
	return unit, true
}

// unescaped returns what inner stands for, the text between the quotes of a string that the scanner has accepted.
func unescaped(inner string) string {
	if strings.IndexByte(inner, '\\') < 0 {
		return inner
	}
	var b strings.Builder
	b.Grow(len(inner))
	for {
		before, rest, found := strings.Cut(inner, `\`)
		b.WriteString(before)
		if !found {
			return b.String()
		}
		char, size := unescape(rest)
		b.WriteRune(char)
		inner = rest[size:]
	}
}

// unescape returns the character for what follows a backslash, and how many bytes that is.
func unescape(rest string) (char rune, size int) {
	if rest[0] != 'u' {
		if i := strings.IndexByte("bfnrt", rest[0]); i >= 0 {
			return rune("\b\f\n\r\t"[i]), 1
		}
		return rune(rest[0]), 1
	}
	char, _ = hex4(rest[1:5])
	if utf16.IsSurrogate(char) {
		low, _ := hex4(rest[7:11])
		return utf16.DecodeRune(char, low), 11
	}
	return char, 5
}

// String returns the string that value, the text of a member, holds.
func String(value string) (string, error) {
	if value[0] != '"' {
		return "", errors.New("not a string")
	}
	return unescaped(value[1 : len(value)-1]), nil
}

// Strings returns the strings in value, the text of a member, which may be one string or an array of them.
func Strings(value string) ([]string, error) {
	values := []string{}
	err := eachString(value, func(inner string) { values = append(values, unescaped(inner)) })
	if err != nil {
		return nil, err
	}
	return values, nil
}

// Contains reports whether want is among the strings in value, which [Strings] reads.
func Contains(value, want string) bool {
	found := false
	err := eachString(value, func(inner string) { found = found || unescaped(inner) == want })
	return found && err == nil
}

// CheckStrings returns an error where [Strings] does.
func CheckStrings(value string) error { return eachString(value, func(string) {}) }

// eachString calls yield with what is between the quotes of each string in value.
func eachString(value string, yield func(inner string)) error {
	if value[0] == '"' {
		yield(value[1 : len(value)-1])
		return nil
	}
	if value[0] != '[' {
		return errors.New("neither a string nor an array of strings")
	}
	s := scanner{text: value}
	if err := s.enter(); err != nil {
		return err
	}
	for more := !s.accept(']'); more; {
		start := s.pos
		if _, err := s.str(); err != nil {
			return errors.New("an array with something else than strings")
		}
		yield(s.text[start+1 : s.pos-1])
		var err error
		if more, err = s.another(']'); err != nil {
			return err
		}
	}
	return nil
}
