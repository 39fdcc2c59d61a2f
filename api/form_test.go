package api_test

import (
	"encoding/base64"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/jetonauth/jeton/api"
)

func TestParseForm(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]map[string]string{
		"":                        {},
		"&&":                      {},
		"=":                       {},
		"a":                       {},
		"a=":                      {},
		"a=1":                     {"a": "1"},
		"a=1&b=2":                 {"a": "1", "b": "2"},
		"&a=1&&":                  {"a": "1"},
		"a=1=2":                   {"a": "1=2"},
		"a=1;b=2":                 {"a": "1;b=2"},
		"a=+%20%2B":               {"a": "  +"},
		"%61=%C3%A9":              {"a": "é"},
		"a=é":                     {"a": "é"},
		"a=%00":                   {"a": "\x00"},
		"A=1&x=2&x=3&=4&%E2%82=x": nil, // bad UTF-8 in a name
		"A=1&x=2&x=3&=4":          {},
		"a=1&a=1":                 nil,
		"a=1&a":                   nil,
		"a=1&%61=2":               nil,
		"a=%":                     nil,
		"a=%4":                    nil,
		"a=%zz":                   nil,
		"%=1":                     nil,
		"x=%ff":                   nil,
		"a=\xff":                  nil,
	} {
		got, err := api.ParseForm(text, "a", "b")
		if (err != nil) != (want == nil) || !maps.Equal(got, want) {
			t.Errorf("%q: %q, %v, want %q", text, got, err, want)
		}
	}
}

// What is accepted means to net/url the same, whichever of two parameters of a name it prefers.
func FuzzForm(f *testing.F) {
	for _, seed := range []string{
		"", "a=1&b=2", "a=1&a=2", "a", "=", "a=%C3%A9+%2b", "a=%ff", "a=%", "a=1;b=2", "grant_type=refresh_token&a=x", "%61=1&a=2", "a=\x00",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := api.ParseForm(text, "a", "b")
		if err != nil {
			if got != nil {
				t.Fatal("a form together with an error")
			}
			return
		}
		want, err := url.ParseQuery(strings.ReplaceAll(text, ";", "%3B")) // which it takes for a mistake
		if err != nil {
			t.Fatalf("net/url does not accept it: %v", err)
		}
		for name := range want {
			if name != "a" && name != "b" || want.Get(name) == "" && len(want[name]) == 1 {
				delete(want, name)
			}
		}
		if len(got) != len(want) {
			t.Fatalf("parsed %q, net/url %q", got, want)
		}
		for name, value := range got {
			if len(want[name]) != 1 || want.Get(name) != value || !utf8.ValidString(value) {
				t.Fatalf("%s: %q, net/url %q", name, value, want[name])
			}
		}
	})
}

// What is accepted means to net/http the same.
func FuzzBasic(f *testing.F) {
	for _, seed := range []string{
		"", "Basic", "Basic ", "Basic  YTpi", "basic YTpi", "Basic YTpi=", "Basic YQ==", "Basic Og==", "Basic JTYxOiVjMyVhOQ==",
		"Basic JWZmOmI=", "Basic YTol", "Bearer YTpi", "Basic YTpi Yg==", "Basic\tYTpi", "Basic YTpiOmM=", "Basic YQA6Yg==",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		name, password, err := api.BasicCredentials(http.Header{"Authorization": {value}})
		if err != nil {
			if name+password != "" {
				t.Fatal("credentials together with an error")
			}
			return
		}
		scheme, rest, _ := strings.Cut(value, " ")
		r := http.Request{Header: http.Header{"Authorization": {scheme + " " + strings.TrimLeft(rest, " ")}}}
		encodedName, encodedPassword, ok := r.BasicAuth()
		if !ok {
			t.Fatalf("net/http does not accept %q", value)
		}
		wantName, nameErr := url.QueryUnescape(encodedName)
		wantPassword, passwordErr := url.QueryUnescape(encodedPassword)
		if nameErr != nil || passwordErr != nil || name != wantName || password != wantPassword {
			t.Fatalf("%q %q, net/http has %q %q", name, password, encodedName, encodedPassword)
		}
		if !utf8.ValidString(name+password) || strings.ContainsFunc(name+password, unicode.IsControl) {
			t.Fatalf("%q %q is not UTF-8 without control characters", name, password)
		}
		again := "Basic " + base64.StdEncoding.EncodeToString([]byte(url.QueryEscape(name)+":"+url.QueryEscape(password)))
		if n, p, err := api.BasicCredentials(http.Header{"Authorization": {again}}); err != nil || n != name || p != password {
			t.Fatalf("%q is not accepted again: %v", again, err)
		}
	})
}
