package bench_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf16"
)

// text is a part of a token, decoded as leniently as any library does.
type text struct {
	segment string
	text    string
	members map[string]json.RawMessage // the last of each name; nil if it is no object
}

func newText(segment string) text {
	x := text{segment: segment}
	lenient := strings.NewReplacer("\r", "", "\n", "", "=", "").Replace(segment)
	decoded, err := base64.RawURLEncoding.DecodeString(lenient)
	if err != nil {
		return x
	}
	x.text = string(decoded)
	decoder := json.NewDecoder(bytes.NewReader(decoded))
	if err := decoder.Decode(&x.members); err != nil {
		x.members = nil
	}
	return x
}

// number returns a member as a number.
func (x text) number(name string) (value float64, ok bool) {
	if !isNumber(x.members[name]) {
		return 0, false
	}
	if err := json.Unmarshal(x.members[name], &value); err != nil { // beyond a float64
		return math.Inf(1), true
	}
	return value, true
}

func isNumber(value json.RawMessage) bool {
	return len(value) > 0 && (value[0] == '-' || '0' <= value[0] && value[0] <= '9')
}

func isString(value json.RawMessage) bool { return len(value) > 0 && value[0] == '"' }

// str returns a member as a string, empty if it is none.
func (x text) str(name string) string {
	var value string
	if isString(x.members[name]) {
		if err := json.Unmarshal(x.members[name], &value); err != nil {
			return ""
		}
	}
	return value
}

func (x text) has(name string) bool { _, ok := x.members[name]; return ok }

// bytes returns a member decoded from base64url, leniently.
func (x text) bytes(name string) []byte {
	lenient := strings.NewReplacer("\r", "", "\n", "", "=", "").Replace(x.str(name))
	decoded, err := base64.RawURLEncoding.DecodeString(lenient)
	if err != nil {
		return nil
	}
	return decoded
}

// list returns the strings in a member that is an array, and whether it has nothing else.
func (x text) list(name string) (list []string, ok bool) {
	var values []json.RawMessage
	if len(x.members[name]) == 0 || x.members[name][0] != '[' || json.Unmarshal(x.members[name], &values) != nil {
		return nil, false
	}
	for _, value := range values {
		element := text{members: map[string]json.RawMessage{"": value}}
		if isString(value) {
			list = append(list, element.str(""))
		}
	}
	return list, len(list) == len(values)
}

func notCanonical(segment string) bool {
	lenient := strings.NewReplacer("\r", "", "\n", "", "=", "").Replace(segment)
	decoded, err := base64.RawURLEncoding.DecodeString(lenient)
	return err == nil && base64.RawURLEncoding.EncodeToString(decoded) != segment
}

// hasFolded says whether there is a member whose name is like this one but for the case of its letters, as encoding/json sees it.
func (x text) hasFolded(name string) bool {
	for other := range x.members {
		if other != name && strings.EqualFold(other, name) {
			return true
		}
	}
	return false
}

func isStrings(value json.RawMessage) bool {
	if isString(value) {
		return true
	}
	var list []json.RawMessage
	if len(value) == 0 || value[0] != '[' || json.Unmarshal(value, &list) != nil {
		return false
	}
	return !slices.ContainsFunc(list, func(element json.RawMessage) bool { return !isString(element) })
}

// hasDuplicate says whether an object in the first value of a text has two members of one name.
func hasDuplicate(text string) bool {
	duplicate := false
	walk(text, func(names map[string]bool, name string, _ int) {
		duplicate = duplicate || names[name]
	}, nil)
	return duplicate
}

// depth is how deep the first value of a text is nested.
func depth(text string) int {
	deepest := 0
	walk(text, nil, func(_ json.Token, depth int) { deepest = max(deepest, depth) })
	return deepest
}

// hasHugeNumber says whether there is a number in a text that no float64 can hold.
func hasHugeNumber(text string) bool {
	huge := false
	walk(text, nil, func(token json.Token, _ int) {
		if number, ok := token.(json.Number); ok {
			_, err := number.Float64()
			huge = huge || err != nil
		}
	})
	return huge
}

// walk calls onName for each name in the first value of a text, with those before it in its object, and onToken for everything.
func walk(text string, onName func(names map[string]bool, name string, depth int), onToken func(token json.Token, depth int)) {
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	var opened []map[string]bool // the names of each object that is open, nil for an array
	isName := false
	for {
		token, err := decoder.Token()
		if err != nil {
			return
		}
		switch token {
		case json.Delim('{'):
			opened = append(opened, map[string]bool{})
		case json.Delim('['):
			opened = append(opened, nil)
		case json.Delim('}'), json.Delim(']'):
			opened = opened[:len(opened)-1]
		default:
			if name, ok := token.(string); ok && isName {
				if onName != nil {
					onName(opened[len(opened)-1], name, len(opened))
				}
				opened[len(opened)-1][name] = true
				isName = false
				continue
			}
		}
		if onToken != nil {
			onToken(token, len(opened))
		}
		if len(opened) == 0 {
			return
		}
		isName = opened[len(opened)-1] != nil
	}
}

// hasLoneSurrogate says whether a string in a JSON text has an escaped half of a surrogate pair without the other.
func hasLoneSurrogate(text string) bool {
	for i := 0; i < len(text); i++ {
		if text[i] != '\\' {
			continue
		}
		unit, ok := escapedUnit(text[i:])
		if !ok {
			i++ // what is escaped
			continue
		}
		i += 5
		if !utf16.IsSurrogate(unit) {
			continue
		}
		low, ok := escapedUnit(text[i+1:])
		if !ok || utf16.DecodeRune(unit, low) == unicode.ReplacementChar {
			return true
		}
		i += 6
	}
	return false
}

// escapedUnit reads \uXXXX at the beginning of a text.
func escapedUnit(text string) (unit rune, ok bool) {
	if len(text) < 6 || text[0] != '\\' || text[1] != 'u' {
		return 0, false
	}
	for _, c := range text[2:6] {
		digit := strings.IndexRune("0123456789abcdef", unicode.ToLower(c))
		if digit < 0 {
			return 0, false
		}
		unit = unit<<4 | rune(digit)
	}
	return unit, true
}

func lowerASCII(s string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}
