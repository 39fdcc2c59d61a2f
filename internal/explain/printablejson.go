package explain

import (
	"fmt"
	"slices"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// PrintableJSON returns valid JSON with each character that does not print as \uXXXX, which means the same (RFC 8259, section 7).
// encoding/json leaves DEL, the controls U+0080 to U+009F and those that turn the direction of text as they are, and a terminal would
// act on them. What has nothing to escape is returned as it is, not copied.
func PrintableJSON(text []byte) []byte {
	first := slices.IndexFunc(text, func(b byte) bool { return b >= 0x7f })
	if first < 0 {
		return text
	}
	out := append(make([]byte, 0, len(text)+32), text[:first]...)
	for rest := text[first:]; len(rest) > 0; {
		r, size := utf8.DecodeRune(rest)
		rest = rest[size:]
		switch {
		case r < 0x7f || unicode.IsPrint(r): // JSON has the controls of ASCII between its tokens only
			out = utf8.AppendRune(out, r)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			out = fmt.Appendf(out, `\u%04x\u%04x`, high, low)
		default:
			out = fmt.Appendf(out, `\u%04x`, r)
		}
	}
	return out
}
