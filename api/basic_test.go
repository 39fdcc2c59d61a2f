package api_test

import (
	"net/http"
	"testing"

	"github.com/jetonauth/jeton/api"
)

// Credentials can be read in one way only, whoever else reads them.
func TestBasicCredentials(t *testing.T) {
	t.Parallel()
	for authorization, want := range map[string][2]string{
		"Basic YTpiYw==":             {"a", "bc"},
		"Basic YTpiY2Q=":             {"a", "bcd"},
		rawBasic("a%3Ab:c"):          {"a:b", "c"},
		rawBasic("a:b:c"):            {"a", "b:c"},
		rawBasic("a+b:c+d"):          {"a b", "c d"},
		rawBasic("%c3%a9:%C3%A9%2B"): {"é", "é+"},
	} {
		name, secret, err := api.BasicCredentials(http.Header{"Authorization": {authorization}})
		if err != nil || name != want[0] || secret != want[1] {
			t.Errorf("%s: %q, %q, %v; want %q", authorization, name, secret, err, want)
		}
	}
	for name, authorization := range map[string]string{
		"bits behind the only byte": "Basic YTpiYx==",
		"bits behind the last byte": "Basic YTpiY2R=",
		"padding too much":          "Basic YTpi====",
		"space behind":              "Basic YTpi ",
		"control character, name":   rawBasic("a\x01:b"),
		"control character, secret": rawBasic("a:b\x01"),
		"DEL, encoded":              rawBasic("a:b%7F"),
		"newline in the secret":     rawBasic("a:b%0A"),
		"C1 control, in the name":   rawBasic("a%C2%85:b"),
		"name that is not UTF-8":    rawBasic("a\xff:b"),
		"secret that is not UTF-8":  rawBasic("a:b%FF"),
		"escape cut off, name":      rawBasic("a%4:b"),
		"escape cut off, secret":    rawBasic("a:b%"),
		"no colon":                  rawBasic("ab"),
	} {
		if client, secret, err := api.BasicCredentials(http.Header{"Authorization": {authorization}}); err == nil || client != "" || secret != "" {
			t.Errorf("%s: %q, %q, %v", name, client, secret, err)
		}
	}
}
