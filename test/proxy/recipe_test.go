package proxy_test

import (
	"os"
	"strings"
	"testing"
)

// recipe returns the one block of a language in docs/forward-auth.md, with each of these texts, which it has to have once, replaced by
// the one that follows.
func recipe(t *testing.T, language string, replaced ...string) string {
	t.Helper()
	page, err := os.ReadFile("../../docs/forward-auth.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(page), "\n```"+language+"\n")
	text, rest, closed := strings.Cut(rest, "\n```\n")
	if !found || !closed || strings.Contains(rest, "\n```"+language+"\n") {
		t.Fatalf("docs/forward-auth.md has not one block of %s", language)
	}
	for i := 0; i+1 < len(replaced); i += 2 {
		if n := strings.Count(text, replaced[i]); n != 1 {
			t.Fatalf("the recipe for %s has %q %d times, want once", language, replaced[i], n)
		}
		text = strings.Replace(text, replaced[i], replaced[i+1], 1)
	}
	return text + "\n"
}
