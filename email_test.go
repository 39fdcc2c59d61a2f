package jeton_test

import (
	"strings"
	"testing"

	"github.com/jetonauth/jeton"
)

func TestEmailKey(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"ada@example.com":            "ada@example.com",
		"  Ada.L@EXAMPLE.com\n":      "ada.l@example.com",
		"ada+news@example.com":       "ada+news@example.com",
		"o'brien@example.com":        "o'brien@example.com",
		"a@x":                        "a@x",
		"zoe\u0308@example.com":      "zoë@example.com",
		"ZOË@Example.com":            "zoë@example.com",
		"user@Bücher.example":        "user@xn--bcher-kva.example",
		"user@xn--bcher-kva.EXAMPLE": "user@xn--bcher-kva.example",

		"":                                      "",
		"ada":                                   "",
		"@example.com":                          "",
		"ada@":                                  "",
		"ada@@example.com":                      "",
		"a b@example.com":                       "",
		"ada@exa mple.com":                      "",
		"ada@example..com":                      "",
		"ada@-example.com":                      "",
		"ada@example.com.":                      "",
		"\"ada\"@example.com":                   "",
		"ada@[127.0.0.1]":                       "",
		"ada\x00@example.com":                   "",
		"ada\u200b@example.com":                 "",
		"ada\u202e@example.com":                 "",
		"ada@example.com, eve@example.com":      "",
		"Ada <ada@example.com>":                 "",
		"ada\xff@example.com":                   "",
		strings.Repeat("a", 65) + "@x.com":      "",
		"a@" + strings.Repeat("b", 64) + ".c":   "",
		"a@" + strings.Repeat("bcd.", 70) + "e": "",
	} {
		got, ok := jeton.EmailKey(address)
		if ok != (want != "") || ok && got != want {
			t.Errorf("%q: %q, %v; want %q", address, got, ok, want)
		}
	}
}

func FuzzEmailKey(f *testing.F) {
	for _, seed := range []string{"ada@example.com", "ZOË@Bücher.example", "a@x", "ß@ẞ.de", "İ@example.com", "@", "a@b@c"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, address string) {
		key, ok := jeton.EmailKey(address)
		if !ok {
			return
		}
		if len(key) > 254 || strings.Count(key, "@") != 1 {
			t.Errorf("%q: key %q", address, key)
		}
		again, ok := jeton.EmailKey(key)
		if !ok || again != key {
			t.Errorf("%q: key %q is not its own key, but %q, %v", address, key, again, ok)
		}
	})
}
