package password

import (
	_ "embed"
	"strings"
)

// commonList holds one lower-case password a line, sorted by bytes, with a line end after each. COMMON.md says where
// they are from.
//
//go:embed common.txt
var commonList string

// Common reports whether password is among 10,000 common ones, regardless of case and in NFC. The list holds the most
// frequent passwords of at least 8 characters.
func Common(password string) bool { return hasLine(commonList, fold(password)) }

// hasLine searches sorted lines by halving, without splitting them first.
func hasLine(lines, line string) bool {
	for low, high := 0, len(lines); low < high; {
		middle := low + (high-low)/2
		start := low + strings.LastIndexByte(lines[low:middle], '\n') + 1
		end := start + strings.IndexByte(lines[start:], '\n')
		switch strings.Compare(line, lines[start:end]) {
		case -1:
			high = start
		case +1:
			low = end + 1
		default:
			return true
		}
	}
	return false
}
