package explain_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"unicode"

	"github.com/jetonauth/jeton/internal/explain"
)

func ExamplePrintableJSON() {
	fmt.Printf("%s\n", explain.PrintableJSON([]byte("{\"name\": \"Zoë \u009b2J\"}")))
	// Output: {"name": "Zoë \u009b2J"}
}

func TestPrintableJSON(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                                 "",
		"{\n\t\"a\": 1\r\n}":               "{\n\t\"a\": 1\r\n}",
		`"\u001b é 漢 🦊"`:                   `"\u001b é 漢 🦊"`,
		"\"\x7f\u0080\u009b\u009f\u00a0\"": `"\u007f\u0080\u009b\u009f\u00a0"`,
		"\"\u202e\u2066\u061c\u200b\"":     `"\u202e\u2066\u061c\u200b"`,
		"{\"\U000e0041\":\"\n\"}":          "{\"\\udb40\\udc41\":\"\n\"}",
		"\"\xff\xc2\"":                     "\"\ufffd\ufffd\"",
	} {
		if got := string(explain.PrintableJSON([]byte(text))); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
}

func TestPrintableJSONCopiesNothingInVain(t *testing.T) {
	plain := []byte(`{"level":"INFO","msg":"request"}`)
	if n := testing.AllocsPerRun(10, func() { explain.PrintableJSON(plain) }); n > 0 {
		t.Errorf("%v allocations for a line with nothing to escape", n)
	}
}

// Escaping changes nothing of what JSON says.
func FuzzPrintableJSON(f *testing.F) {
	for _, text := range []string{"", "ada", "\u009b2J", "\u202e\x7f\U000e0041", `\x1b"`, "\ufffd", "\xff"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		written, err := json.Marshal(map[string]string{text: text})
		if err != nil {
			t.Fatal(err)
		}
		escaped := explain.PrintableJSON(bytes.Clone(written))
		if strings.ContainsFunc(string(escaped), func(r rune) bool { return !unicode.IsPrint(r) }) {
			t.Errorf("%q has what does not print", escaped)
		}
		var before, after map[string]string
		if err := json.Unmarshal(written, &before); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(escaped, &after); err != nil || fmt.Sprint(before) != fmt.Sprint(after) {
			t.Errorf("%q became %q: %v", before, after, err)
		}
	})
}
