package main

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/jetonauth/jeton/internal/explain"
)

const jsonFlag = "json"

// addJSON gives a command that prints with [app.show] the flag --json.
func addJSON(cmd *cobra.Command) { cmd.Flags().Bool(jsonFlag, false, "print JSON, for programs") }

// table is what a list is for people.
type table struct {
	header []string
	rows   [][]string
	none   string // printed in place of a table without rows
}

// show prints the result of a command: value as JSON if --json was given, else the table.
func (a *app) show(cmd *cobra.Command, value any, t table) error {
	if asJSON, err := cmd.Flags().GetBool(jsonFlag); err != nil || asJSON {
		return printJSON(a.out, value)
	}
	return t.print(a.out)
}

func printJSON(w io.Writer, value any) error {
	encoder := json.NewEncoder(jsonWriter{w})
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(value)
}

// jsonWriter keeps what is in JSON from moving the cursor of a terminal, as printable does with text. Each Write has to be whole
// values, as those of encoding/json and log/slog are.
type jsonWriter struct{ w io.Writer }

func (j jsonWriter) Write(text []byte) (int, error) {
	if _, err := j.w.Write(explain.PrintableJSON(text)); err != nil {
		return 0, err
	}
	return len(text), nil
}

func (t table) print(w io.Writer) error {
	if len(t.rows) == 0 && t.none != "" {
		_, err := fmt.Fprintln(w, t.none)
		return err
	}
	widths := make([]int, len(t.header))
	lines := append([][]string{t.header}, t.rows...)
	for i, line := range lines {
		lines[i] = slices.Clone(line)
		for j := range line {
			lines[i][j] = printable(line[j])
			widths[j] = max(widths[j], utf8.RuneCountInString(lines[i][j]))
		}
	}
	var b strings.Builder
	for _, line := range lines {
		var padded strings.Builder
		for j, cell := range line {
			fmt.Fprintf(&padded, "%-*s  ", widths[j], cell)
		}
		b.WriteString(strings.TrimRight(padded.String(), " ") + "\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// printable keeps what users have chosen, such as names, from moving the cursor of a terminal.
func printable(text string) string {
	var b strings.Builder
	for _, r := range text {
		if unicode.IsPrint(r) {
			b.WriteRune(r)
		} else {
			quoted := strconv.QuoteRune(r)
			b.WriteString(quoted[1 : len(quoted)-1])
		}
	}
	return b.String()
}
