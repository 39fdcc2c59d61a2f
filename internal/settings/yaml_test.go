package settings_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/jetonauth/jeton/internal/settings"
)

func TestWhatAFileMayNotSay(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		text string
		want []string
	}{
		"unknown key":          {"listen: :80\n\nacces_ttl: 5m\n", []string{`jeton.yaml:3:1: unknown key "acces_ttl"; did you mean "access_ttl"?`}},
		"unknown, as a flag":   {"access-ttl: 5m\n", []string{`jeton.yaml:1:1: unknown key "access-ttl"; did you mean "access_ttl"?`}},
		"unknown, capital":     {"Listen: :80\n", []string{`jeton.yaml:1:1: unknown key "Listen"; did you mean "listen"?`}},
		"unknown, like none":   {"postgres: x\n", []string{`jeton.yaml:1:1: unknown key "postgres"; jeton config show lists all`}},
		"unknown, empty":       {"\"\": x\n", []string{`jeton.yaml:1:1: unknown key ""; jeton config show lists all`}},
		"unknown, long":        {strings.Repeat("k", 100) + ": x\n", []string{`jeton.yaml:1:1: unknown key "` + strings.Repeat("k", 60) + `…"; jeton config show lists all`}},
		"unknown, nested":      {"server:\n  listen: :80\n", []string{`jeton.yaml:1:1: unknown key "server"; jeton config show lists all`}},
		"the file itself":      {"config: x\n", []string{`jeton.yaml:1:1: unknown key "config"; jeton config show lists all`}},
		"merge":                {"<<: {listen: x}\n", []string{`jeton.yaml:1:1: unknown key "<<"; jeton config show lists all`}},
		"twice":                {"data: a\nlisten: :80\ndata: b\n", []string{`jeton.yaml:3:1: key "data" is here again; it is in line 1 already`}},
		"twice, quoted":        {"data: a\n\"data\": b\n", []string{`jeton.yaml:2:1: key "data" is here again; it is in line 1 already`}},
		"unknown twice":        {"x: a\nx: b\n", []string{`jeton.yaml:1:1: unknown key "x"; jeton config show lists all`, `jeton.yaml:2:1: key "x" is here again; it is in line 1 already`}},
		"a wrong value":        {"access_ttl: soon\n", []string{`jeton.yaml:1:13: access_ttl: "soon" is no duration; want 1s to 24h, such as 15m`}},
		"a wrong value, deep":  {"# one\n\naccess_ttl:\n\n    soon\n", []string{`jeton.yaml:5:5: access_ttl: "soon" is no duration; want 1s to 24h, such as 15m`}},
		"columns are letters":  {"{\"é\": 1, access_ttl: soon}\n", []string{`jeton.yaml:1:2: unknown key "é"; jeton config show lists all`, `jeton.yaml:1:22: access_ttl: "soon" is no duration; want 1s to 24h, such as 15m`}},
		"no value":             {"access_ttl:\ndata: x\n", []string{`jeton.yaml:1:12: access_ttl: has no value; want 1s to 24h, such as 15m`}},
		"null":                 {"access_ttl: ~\n", []string{`jeton.yaml:1:13: access_ttl: has no value; want 1s to 24h, such as 15m`}},
		"empty":                {"access_ttl: ''\n", []string{`jeton.yaml:1:13: access_ttl: has no value; want 1s to 24h, such as 15m`}},
		"a number":             {"access_ttl: 900\n", []string{`jeton.yaml:1:13: access_ttl: "900" is no duration; want 1s to 24h, such as 15m`}},
		"a list":               {"listen: [':80']\n", []string{`jeton.yaml:1:9: listen: want one text and no list: address:port, such as 127.0.0.1:8080`}},
		"a mapping":            {"listen:\n  port: 80\n", []string{`jeton.yaml:2:3: listen: want one text and no mapping: address:port, such as 127.0.0.1:8080`}},
		"no list":              {"trusted_proxies: 10.0.0.0/8\n", []string{`jeton.yaml:1:18: trusted_proxies: want a list: networks, such as 10.0.0.0/8`}},
		"a null list":          {"trusted_proxies:\n", []string{`jeton.yaml:1:17: trusted_proxies: has no value; want networks, such as 10.0.0.0/8`}},
		"a mapping for a list": {"trusted_proxies: {a: b}\n", []string{`jeton.yaml:1:18: trusted_proxies: want a list: networks, such as 10.0.0.0/8`}},
		"a list in a list":     {"trusted_proxies:\n  - 10.0.0.0/8\n  - [10.0.0.0/8]\n", []string{`jeton.yaml:3:5: trusted_proxies: want a text in the list: networks, such as 10.0.0.0/8`}},
		"nothing in a list":    {"trusted_proxies:\n  - 10.0.0.0/8\n  -\n", []string{`jeton.yaml:3:4: trusted_proxies: want a text in the list: networks, such as 10.0.0.0/8`}},
		"empty in a list":      {"trusted_proxies: ['']\n", []string{`jeton.yaml:1:19: trusted_proxies: "" in the list; want networks, such as 10.0.0.0/8`}},
		"two in one":           {"trusted_proxies: ['10.0.0.0/8,127.0.0.1']\n", []string{`jeton.yaml:1:19: trusted_proxies: "10.0.0.0/8,127.0.0.1" in the list; want networks, such as 10.0.0.0/8`}},
		"wrong in a list":      {"trusted_proxies:\n  - 10.0.0.0/8\n  - ten\n  - eleven\n", []string{`jeton.yaml:3:5: trusted_proxies: "ten" is no network; want networks, such as 10.0.0.0/8`, `jeton.yaml:4:5: trusted_proxies: "eleven" is no network; want networks, such as 10.0.0.0/8`}},
		"all at once, in order": {"limits: maybe\nx: y\naccess_ttl: soon\n", []string{
			`jeton.yaml:1:9: limits: "maybe" is neither; want on or off`,
			`jeton.yaml:2:1: unknown key "x"; jeton config show lists all`,
			`jeton.yaml:3:13: access_ttl: "soon" is no duration; want 1s to 24h, such as 15m`,
		}},
		"a key that is none": {"? [listen]\n: x\n", []string{`jeton.yaml:1:3: want a key, such as listen`}},
		"anchor":             {"data: &here x\n", []string{`jeton.yaml:1:7: data: anchors (&) are not read; write the value alone, in quotes if & is part of it`}},
		"alias":              {"x: &a b\ndata: *a\n", []string{`jeton.yaml:1:1: unknown key "x"; jeton config show lists all`, `jeton.yaml:2:7: data: aliases (*) are not read; write the value itself, in quotes if * is part of it`}},
		"alias in a list":    {"data: &a b\ntrusted_proxies: [*a]\n", []string{`jeton.yaml:1:7: data: anchors (&) are not read; write the value alone, in quotes if & is part of it`, `jeton.yaml:2:19: trusted_proxies: aliases (*) are not read; write the value itself, in quotes if * is part of it`}},
		"alias as a key":     {"data: &data x\n*data : y\n", []string{`jeton.yaml:1:7: data: anchors (&) are not read; write the value alone, in quotes if & is part of it`, `jeton.yaml:2:1: want a key, such as listen`}},
		"tag":                {"data: !!str x\n", []string{`jeton.yaml:1:7: data: tags (!) are not read; write the value alone, in quotes if ! is part of it`}},
		"tag of somebody":    {"data: !vault x\n", []string{`jeton.yaml:1:7: data: tags (!) are not read; write the value alone, in quotes if ! is part of it`}},
		"anchor of it all":   {"&all\ndata: x\n", []string{`jeton.yaml:1:1: anchors (&) are not read; write the value alone, in quotes if & is part of it`}},
		"a list of all":      {"- data\n", []string{`jeton.yaml:1:1: want keys with values, such as listen: 127.0.0.1:8080`}},
		"a text":             {"listen\n", []string{`jeton.yaml:1:1: want keys with values, such as listen: 127.0.0.1:8080`}},
		"a shell's form":     {"listen=:80\n", []string{`jeton.yaml:1:1: want keys with values, such as listen: 127.0.0.1:8080`}},
		"two documents":      {"data: a\n---\ndata: b\n", []string{`jeton.yaml:2:1: a second document begins here, and there may be only one`}},
		"a second, empty":    {"data: a\n---\n", []string{`jeton.yaml:2:1: a second document begins here, and there may be only one`}},

		"not UTF-8":           {"data: a\nlisten: \xff\n", []string{`jeton.yaml:2:9: is not UTF-8`}},
		"UTF-16":              {"\xff\xfed\x00", []string{`jeton.yaml:1:1: is not UTF-8`}},
		"Latin 1":             {"# caf\xe9\n", []string{`jeton.yaml:1:6: is not UTF-8`}},
		"a zero byte":         {"data: a\x00b\n", []string{`jeton.yaml:1:8: a control character, U+0000, which YAML does not allow`}},
		"an escape":           {"data: é\x1b[0m\n", []string{`jeton.yaml:1:8: a control character, U+001B, which YAML does not allow`}},
		"a tab before a key":  {"data: a\n\tlisten: x\n", []string{`jeton.yaml:2:1: a tab in the indentation; YAML wants spaces`}},
		"a tab first":         {"\tlisten: x\n", []string{`jeton.yaml:1:1: a tab in the indentation; YAML wants spaces`}},
		"a tab in a list":     {"trusted_proxies:\n\t- 10.0.0.0/8\n", []string{`jeton.yaml:2:1: a tab in the indentation; YAML wants spaces`}},
		"an open quote":       {"data: a\nlisten: 'x\n", []string{`jeton.yaml:2:1: is no YAML: found unexpected end of stream`}},
		"an open list":        {"data: a\ntrusted_proxies: [1\n", []string{`jeton.yaml:2:1: is no YAML: did not find expected ',' or ']'`}},
		"indented":            {"data: a\n  listen: x\n", []string{`jeton.yaml:2:3: is no YAML: mapping values are not allowed in this context`}},
		"no colon":            {"data: a\nlisten\nlimits: on\n", []string{`jeton.yaml:2:1: is no YAML: could not find expected ':'`}},
		"a strange character": {"data: @x\n", []string{`jeton.yaml:1:1: is no YAML: found character that cannot start any token`}},
		"an alias of nothing": {"data: *x\n", []string{`jeton.yaml:1:1: aliases (*) are not read; write the value itself, in quotes if * is part of it`}},
		"a closing bracket":   {"data: a\n}\n", []string{`jeton.yaml:2:1: is no YAML: did not find expected key`}},
		"a bad second one":    {"data: a\n---\n'\n", []string{`jeton.yaml:3:1: is no YAML: found unexpected end of stream`}},
		"a newer YAML":        {"%YAML 9.9\n---\ndata: a\n", []string{`jeton.yaml:1:1: is no YAML: found incompatible YAML document`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wantLines(t, problems(t, settings.Source{Flags: map[string]string{"config": write(t, test.text)}}), test.want...)
			windows := strings.ReplaceAll(test.text, "\n", "\r\n") // is the same, in the same places
			wantLines(t, problems(t, settings.Source{Flags: map[string]string{"config": write(t, windows)}}), test.want...)
		})
	}
}

func TestWhatAFileMaySay(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		text  string
		key   string
		value string
	}{
		"empty":                {"", "data", "./jeton-data"},
		"comments only":        {"# nothing\n", "data", "./jeton-data"},
		"a marker alone":       {"---", "data", "./jeton-data"},
		"a marker":             {"---\ndata: x\n...\n", "data", "x"},
		"byte order mark":      {"\uFEFFdata: x\n", "data", "x"},
		"carriage returns":     {"data: x\r\nlimits: off\r\n", "limits", "off"},
		"a tab after a colon":  {"data:\tx\n", "data", "x"},
		"quoted":               {"\"data\": 'it''s'\n", "data", "it's"},
		"JSON":                 {`{"data": "x", "trusted_proxies": ["10.0.0.0/8"]}`, "data", "x"},
		"on is no boolean":     {"limits: on\n", "limits", "on"},
		"off is no boolean":    {"limits: off\n", "limits", "off"},
		"neither is On":        {"limits: On\n", "limits", "on"},
		"a boolean":            {"limits: false\n", "limits", "off"},
		"a quoted one":         {"limits: \"on\"\n", "limits", "on"},
		"a number":             {"data: 010\n", "data", "010"},
		"no sexagesimal":       {"data: 12:30\n", "data", "12:30"},
		"a date":               {"data: 2026-01-01\n", "data", "2026-01-01"},
		"a float":              {"data: 1e3\n", "data", "1e3"},
		"no boolean":           {"data: yes\n", "data", "yes"},
		"a boolean as a name":  {"data: True\n", "data", "True"},
		"over two lines":       {"issuer: >-\n  https://auth.example.com\n", "issuer", "https://auth.example.com"},
		"an empty list":        {"trusted_proxies: []\n", "trusted_proxies", ""},
		"a list":               {"trusted_proxies:\n  - 10.1.2.3/8\n  - 127.0.0.1\n  - ::1\n", "trusted_proxies", "10.0.0.0/8 127.0.0.1/32 ::1/128"},
		"a long lifetime":      {"access_ttl: 24h\n", "access_ttl", "24h"},
		"a lifetime in pieces": {"access_ttl: 1h0m5s\n", "access_ttl", "1h0m5s"},
		"seconds":              {"access_ttl: 90s\n", "access_ttl", "1m30s"},
		"no interval":          {"reuse_interval: 0s\n", "reuse_interval", "0s"},
		"no interval, no unit": {"reuse_interval: 0\n", "reuse_interval", "0s"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := read(t, settings.Source{Flags: map[string]string{"config": write(t, test.text)}})
			if got := value(s, test.key); got != test.value {
				t.Errorf("%s is %q, want %q", test.key, got, test.value)
			}
		})
	}
}

// A secret that YAML takes for something else, such as a name, is not repeated.
func TestAMistypedSecretIsNotRepeated(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"master_key: &hunter2\n", "master_key: &hunter2 x\n", "master_key: *hunter2\n", "a: &hunter2 [*hunter2]\nmaster_key: *hunter2\n",
		"master_key: !hunter2\n", "master_key: !<hunter2> x\n", "master_key: !x!hunter2 x\n", "master_key: {hunter2: x}\n",
		"master_key: [hunter2]\n", "master_key: hunter2\n", "master_key: @hunter2\n", "master_key: %hunter2\n", "master_key: `hunter2\n",
		"master_key: 'hunter2\n", "master_key: \"hunter2\\q\"\n", "master_key: hunter2: x\n", "master_key: |hunter2\n", "master_key: >hunter2\n",
		"master_key:hunter2\n", "master_key=hunter2\n", "master_key:hunter2\nlimits: on\n", "master_key=hunter2\nlimits: on\n",
		"{master_key:hunter2}\n", "{master_key=hunter2}\n", "{master_key:hunter2, master_key:hunter2}\n", "master_key=hunter2: x\n",
		"data: &hunter2 x\nmaster_key: *hunter2\n", "master_key: x #hunter2\n", "master_key:\n\thunter2\n", "%hunter2\n---\n",
		"database: *hunter2\n", "database: &hunter2\n", "redis: *hunter2\n", "redis: !hunter2 x\n", "database: hunter2\n", "{redis:hunter2}\n",
		"database: postgres://h/%hunter2\n", "redis: {url: hunter2}\n",
	} {
		got := problems(t, settings.Source{Flags: map[string]string{"config": write(t, text)}})
		if len(got) == 0 || strings.Contains(strings.Join(got, "\n"), "hunter2") {
			t.Errorf("%q: %q", text, got)
		}
	}
}

// value is what is shown of a setting.
func value(s *settings.Settings, key string) string {
	for _, e := range s.Entries() {
		switch v := e.Value.(type) {
		case string:
			if e.Key == key {
				return v
			}
		case []string:
			if e.Key == key {
				return strings.Join(v, " ")
			}
		}
	}
	return "there is no " + key
}

// Whatever is in a file, it is settings, or problems of one line each that are somewhere in it.
func FuzzRead(f *testing.F) {
	for _, text := range []string{
		"", "listen: 127.0.0.1:80\n", "acces_ttl: 5m\n", "access_ttl: soon\n", "trusted_proxies: [10.0.0.0/8, x]\n", "limits: on\r\n",
		"a: &a [*a]\n", "\tx", "'", "---\n---\n", "? [a]\n: b\n", "\uFEFFdata: é\n", "data: !!str |\n  x\n", "<<: *x", "\xff", "{", "data: \"\\u0000\"",
	} {
		f.Add([]byte(text))
	}
	name := filepath.Join(f.TempDir(), "jeton.yaml")
	f.Fuzz(func(t *testing.T, data []byte) {
		if err := os.WriteFile(name, data, 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := settings.Read(settings.Source{Flags: map[string]string{"config": name}})
		if err == nil {
			return
		}
		all, ok := errors.AsType[settings.Problems](err)
		if !ok || len(all) == 0 {
			t.Fatalf("error %T %[1]v", err)
		}
		lines := 1 + strings.Count(strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u0085", "\n", "\u2028", "\n", "\u2029", "\n").Replace(string(data)), "\n")
		for _, p := range all {
			if p.Origin.Line < 1 || p.Origin.Line > lines || p.Origin.Column < 1 {
				t.Errorf("%q is in line %d, column %d of %d lines", p, p.Origin.Line, p.Origin.Column, lines)
			}
			if text := p.Error(); strings.Contains(text, "\n") || !utf8.ValidString(text) || len(text) > 1000 {
				t.Errorf("%q is no line", text)
			}
		}
	})
}
