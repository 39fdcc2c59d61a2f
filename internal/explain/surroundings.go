package explain

import (
	"slices"
	"strings"
	"unicode"
)

// bare returns a token without what people copy along with it, and says what that was.
func bare(text string) (token string, around []string) {
	token = text
	for {
		before := token
		for _, s := range surroundings {
			stripped := s.strip(token)
			if stripped != token && !slices.Contains(around, s.name) {
				around = append(around, s.name)
			}
			token = stripped
		}
		if token == before {
			break
		}
	}
	if inner := strings.Map(dropSpace, token); inner != token && strings.Count(inner, ".") >= 2 && !strings.HasPrefix(inner, "{") {
		return inner, append(around, "white space or line breaks in it")
	}
	return token, around
}

// surroundings are what may be around a token, in the order in which it is looked for.
var surroundings = [...]struct {
	name  string
	strip func(string) string
}{
	{"white space around it", func(s string) string { return strings.TrimFunc(s, isSpace) }},
	{`"Authorization:" in front of it`, func(s string) string { return withoutPrefix(s, "authorization:") }},
	{`"Bearer" in front of it`, func(s string) string { return withoutPrefix(s, "bearer ") }},
	{"quotes around it", func(s string) string { return strings.Trim(s, "\"'`“”‘’") }},
	{"a comma or semicolon behind it", func(s string) string { return strings.TrimRight(s, ",;") }},
}

// withoutPrefix cuts a prefix of ASCII letters off, whatever their case.
func withoutPrefix(s, prefix string) string {
	if len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix) {
		return s[len(prefix):]
	}
	return s
}

// isSpace also takes the byte order mark and the zero-width characters that come along with copied text.
func isSpace(r rune) bool {
	return unicode.IsSpace(r) || r == '\ufeff' || '\u200b' <= r && r <= '\u200d'
}

func dropSpace(r rune) rune {
	if isSpace(r) {
		return -1
	}
	return r
}
