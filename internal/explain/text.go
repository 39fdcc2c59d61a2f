package explain

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/jetonauth/jeton/internal/strictjson"
)

// WriteText writes the report for people, in colour if that is wanted. What comes from the token cannot move the cursor or
// change colours: characters that do not print are written as escape sequences.
func (r *Report) WriteText(w io.Writer, color bool) error {
	t := &text{color: color}
	t.verdict(r)
	t.object("Header", r.Header, r.HeaderText, r.Proved)
	t.object("Claims", r.Claims, r.ClaimsText, r.Proved)
	t.checks(r.Checks)
	t.list("Keys that cannot be used", r.UnusableKeys)
	t.list("Hints", r.Hints)
	_, err := io.WriteString(w, t.String())
	return err
}

// text is a report while it is written.
type text struct {
	strings.Builder
	color bool
}

// The ways to stand out (ECMA-48, SGR).
const (
	bold   = "1"
	red    = "31"
	green  = "32"
	yellow = "33"
	faint  = "2"
)

func (t *text) styled(style, words string) string {
	if !t.color {
		return words
	}
	return "\x1b[" + style + "m" + words + "\x1b[0m"
}

func (t *text) line(words ...string) {
	t.WriteString(strings.TrimRight(strings.Join(words, " "), " "))
	t.WriteByte('\n')
}

func (t *text) verdict(r *Report) {
	style := map[Verdict]string{Accepted: green, Refused: red, Unknown: yellow}[r.Verdict]
	words := map[Verdict]string{Accepted: "accepted", Refused: "refused", Unknown: "cannot be judged"}[r.Verdict]
	t.line(t.styled(bold+";"+style, words)+":", printable(r.Summary))
}

// heading says what follows, and whether it is proved.
func (t *text) heading(title string, proved bool) {
	style := bold
	if !proved {
		title += ", not proved by a signature"
		style += ";" + yellow
	}
	t.line()
	t.line(t.styled(style, title))
}

func (t *text) object(title string, all Members, raw string, proved bool) {
	switch {
	case raw != "":
		t.heading(title+", as text", proved)
		t.line(" ", cut(printable(raw)))
	case len(all) > 0:
		t.heading(title, proved)
		width := 0
		for _, m := range all {
			width = max(width, utf8.RuneCountInString(cut(printable(m.Name))))
		}
		for _, m := range all {
			t.line(" ", pad(cut(printable(m.Name)), width), "", value(m))
		}
	}
}

// value is a member's value: a string without its quotes, a time with what it means.
func value(m Member) string {
	text, err := strictjson.String(m.Value)
	if err != nil {
		text = m.Value
	}
	shown := cut(printable(text))
	if err == nil && (shown == "" || shown != strings.TrimSpace(shown)) {
		shown = quoted(shown)
	}
	if m.Words == "" {
		return shown
	}
	return fmt.Sprintf("%s (%s, %s)", shown, stamp(m.At), m.Words)
}

func (t *text) checks(all []Check) {
	t.heading("Checks", true)
	styles := map[Status]string{Pass: green, Fail: red, Note: yellow, Undecided: yellow, Skipped: faint}
	for _, c := range together(all) {
		words := c.explanation()
		if c.Unproved {
			words = strings.TrimPrefix(words+" (unproved)", " ")
		}
		status := t.styled(styles[c.Status], string(c.Status)) + strings.Repeat(" ", len("unknown")-len(c.Status))
		t.line(" ", status, "", pad(c.Name, len("key algorithm")), "", words)
	}
}

// together makes one line of many checks that could not be reached, one behind the other.
func together(all []Check) (lines []Check) {
	for len(all) > 0 {
		n := 0
		var names []string
		for n < len(all) && all[n].Status == Skipped && strings.HasPrefix(all[n].Detail, "not reached") {
			names = append(names, all[n].Name)
			n++
		}
		if n < 4 {
			n = 1
			lines = append(lines, all[0])
		} else {
			lines = append(lines, Check{Name: fmt.Sprintf("%d others", n), Status: Skipped, Detail: "not reached: " + strings.Join(names, ", ")})
		}
		all = all[n:]
	}
	return lines
}

// explanation is what the check found, in words.
func (c Check) explanation() string {
	var clauses []string
	expected, got := cut(printable(c.Expected)), cut(printable(c.Got))
	switch {
	case c.Status == Fail && expected != "" && got != "":
		clauses = append(clauses, "expected "+expected, "got "+got)
	case c.Status == Fail && expected != "":
		clauses = append(clauses, "expected "+expected)
	case c.Status == Fail && got != "":
		clauses = append(clauses, "got "+got)
	case got != "":
		clauses = append(clauses, got)
	}
	if c.Detail != "" {
		clauses = append(clauses, cut(printable(c.Detail)))
	}
	return strings.Join(clauses, ", ")
}

func (t *text) list(title string, all []string) {
	if len(all) == 0 {
		return
	}
	t.heading(title, true)
	for _, one := range all {
		t.line(" -", printable(one))
	}
}

// printable escapes what a terminal would act on, and what looks like something else.
func printable(s string) string {
	if strings.IndexFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) < 0 && utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if unicode.IsPrint(r) && r != utf8.RuneError {
			b.WriteRune(r)
			continue
		}
		escaped := strconv.QuoteRuneToASCII(r)
		b.WriteString(escaped[1 : len(escaped)-1])
	}
	return b.String()
}

// maxShown is how many characters of a value a text shows.
const maxShown = 300

func cut(s string) string {
	if utf8.RuneCountInString(s) <= maxShown {
		return s
	}
	return string([]rune(s)[:maxShown]) + fmt.Sprintf("… (%d bytes)", len(s))
}

func pad(s string, width int) string {
	return s + strings.Repeat(" ", max(0, width-utf8.RuneCountInString(s)))
}

// withoutPackage is an error's message without the names of the packages that it comes from.
func withoutPackage(err error) string {
	message := oneLine(err.Error())
	for _, name := range []string{"jeton: ", "jwt: ", "jwk: ", "remote: ", "revoke: "} {
		message = strings.ReplaceAll(message, name, "")
	}
	return message
}
