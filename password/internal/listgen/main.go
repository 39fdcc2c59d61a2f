// Command listgen makes the list of common passwords from a list that is ordered by frequency:
//
//	go run ./password/internal/listgen -from passwords.txt.gz -to password/common.txt
//
// COMMON.md in the password package says which list that is.
package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

const (
	wanted    = 10_000
	minLength = 8 // characters; shorter ones are refused for their length anyway
)

func main() {
	from := flag.String("from", "", "gzip file with one password a line, most frequent first")
	to := flag.String("to", "common.txt", "file to write")
	flag.Parse()
	if err := run(*from, *to); err != nil {
		fmt.Fprintln(os.Stderr, "listgen:", err)
		os.Exit(1)
	}
}

func run(from, to string) error {
	zipped, err := os.ReadFile(from) //nolint:gosec // G304: the file that the developer names
	if err != nil {
		return err
	}
	unzipped, err := gzip.NewReader(bytes.NewReader(zipped))
	if err != nil {
		return fmt.Errorf("reading %s: %w", from, err)
	}
	words, err := mostFrequent(unzipped, wanted)
	if err != nil {
		return fmt.Errorf("reading %s: %w", from, err)
	}
	slices.Sort(words)
	return os.WriteFile(to, []byte(strings.Join(words, "\n")+"\n"), 0o644) //nolint:gosec // G306: a source file
}

// mostFrequent returns the first n usable passwords of list: long enough, in lower case and NFC, each once.
func mostFrequent(list io.Reader, n int) ([]string, error) {
	words := make([]string, 0, n)
	seen := make(map[string]bool, n)
	lines := bufio.NewScanner(list)
	for len(words) < n && lines.Scan() {
		word, ok := usable(lines.Text())
		if ok && !seen[word] {
			seen[word] = true
			words = append(words, word)
		}
	}
	if err := lines.Err(); err != nil {
		return nil, err
	}
	if len(words) < n {
		return nil, fmt.Errorf("only %d usable passwords, not %d", len(words), n)
	}
	return words, nil
}

// usable returns the form that the list holds: what comparing in NFC and regardless of case leaves of a password.
func usable(line string) (string, bool) {
	if !utf8.ValidString(line) || strings.ContainsFunc(line, unicode.IsControl) {
		return "", false
	}
	word := norm.NFC.String(strings.ToLower(norm.NFC.String(line)))
	return word, utf8.RuneCountInString(word) >= minLength
}
