package strictjson

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf16"
)

// str reads a JSON string and returns its text, quotes included.
func (s *scanner) str() (string, error) {
	if s.peek() != '"' {
		return "", s.unexpected()
	}
	start := s.pos
	for s.pos++; s.pos < len(s.text); {
		switch c := s.text[s.pos]; {
		case c == '"':
			s.pos++
			return s.text[start:s.pos], nil
		case c == '\\':
			if err := s.escape(); err != nil {
				return "", err
			}
		case c < ' ':
			return "", fmt.Errorf("control character in a JSON string at byte %d", s.pos)
		default:
			s.pos++
		}
	}
	return "", s.unexpected()
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

// Unquote returns what raw stands for, the text of a string in what [Object] has accepted.
func Unquote(raw string) string {
	inner := raw[1 : len(raw)-1]
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
	return Unquote(value), nil
}

// Strings returns the strings in value, the text of a member, which may be one string or an array of them.
func Strings(value string) ([]string, error) {
	if value[0] == '"' {
		return []string{Unquote(value)}, nil
	}
	if value[0] != '[' {
		return nil, errors.New("neither a string nor an array of strings")
	}
	s := scanner{text: value}
	values := []string{}
	if err := s.enter(); err != nil {
		return nil, err
	}
	for more := !s.accept(']'); more; {
		raw, err := s.str()
		if err != nil {
			return nil, errors.New("an array with something else than strings")
		}
		values = append(values, Unquote(raw))
		if more, err = s.another(']'); err != nil {
			return nil, err
		}
	}
	return values, nil
}
