package settings_test

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/jetonauth/jeton/internal/settings"
)

var (
	masterKey = hex.EncodeToString([]byte("0123456789abcdefghijklmnopqrstuv"))
	otherKey  = hex.EncodeToString([]byte("vutsrqponmlkjihgfedcba9876543210"))
)

func TestWrongValues(t *testing.T) {
	t.Parallel()
	for key, values := range map[string]map[string]string{
		"listen": {
			"localhost":          `"localhost" has no port; want address:port, such as 127.0.0.1:8080`,
			"8080":               `"8080" has no port; want address:port, such as 127.0.0.1:8080`,
			"127.0.0.1:http":     `"127.0.0.1:http" has no port from 0 to 65535; want address:port, such as 127.0.0.1:8080`,
			"127.0.0.1:65536":    `"127.0.0.1:65536" has no port from 0 to 65535; want address:port, such as 127.0.0.1:8080`,
			"127.0.0.1:":         `"127.0.0.1:" has no port from 0 to 65535; want address:port, such as 127.0.0.1:8080`,
			"a b:80":             `"a b:80" has no address; want address:port, such as 127.0.0.1:8080`,
			"http://localhost:1": `"http://localhost:1" has no port; want address:port, such as 127.0.0.1:8080`,
		},
		"data": {"a\nb": `"a\nb" holds a control character; want the name of a directory, such as ./jeton-data`},
		"issuer": {
			"auth.example.com":              `"auth.example.com" is no URL; want the URL under which clients reach the server, such as https://auth.example.com`,
			"ftp://auth.example.com":        `"ftp://auth.example.com" is no URL; want the URL under which clients reach the server, such as https://auth.example.com`,
			"https://:443":                  `"https://:443" is no URL; want the URL under which clients reach the server, such as https://auth.example.com`,
			"https://a@auth.example.com":    `"https://a@auth.example.com" has more than a host and a path; want the URL under which clients reach the server, such as https://auth.example.com`,
			"https://auth.example.com/?a":   `"https://auth.example.com/?a" has more than a host and a path; want the URL under which clients reach the server, such as https://auth.example.com`,
			"https://auth.example.com/?":    `"https://auth.example.com/?" has more than a host and a path; want the URL under which clients reach the server, such as https://auth.example.com`,
			"https://auth.example.com/#":    `"https://auth.example.com/#" has more than a host and a path; want the URL under which clients reach the server, such as https://auth.example.com`,
			"https://auth.example.com/\x7f": `"https://auth.example.com/\x7f" is no URL; want the URL under which clients reach the server, such as https://auth.example.com`,
		},
		"access_ttl": {
			"soon":   `"soon" is no duration; want 1s to 24h, such as 15m`,
			"15":     `"15" is no duration; want 1s to 24h, such as 15m`,
			"999ms":  `"999ms" is too short; want 1s to 24h, such as 15m`,
			"-5m":    `"-5m" is too short; want 1s to 24h, such as 15m`,
			"24h1ns": `"24h1ns" is too long; want 1s to 24h, such as 15m`,
		},
		"reuse_interval": {
			"-1ns":    `"-1ns" is too short; want 0s to 1h, such as 30s`,
			"1h1ns":   `"1h1ns" is too long; want 0s to 1h, such as 30s`,
			"forever": `"forever" is no duration; want 0s to 1h, such as 30s`,
		},
		"limits":   {"maybe": `"maybe" is neither; want on or off`, "1": `"1" is neither; want on or off`},
		"explorer": {"maybe": `"maybe" is neither; want on or off`},
		"trusted_proxies": {
			"ten":               `"ten" is no network; want networks, such as 10.0.0.0/8`,
			"10.0.0.0/8,ten":    `"ten" is no network; want networks, such as 10.0.0.0/8`,
			"10.0.0.0/8,":       `"" is no network; want networks, such as 10.0.0.0/8`,
			"10.0.0.0/33":       `"10.0.0.0/33" is no network; want networks, such as 10.0.0.0/8`,
			"fe80::1%eth0/64":   `"fe80::1%eth0/64" is no network; want networks, such as 10.0.0.0/8`,
			"proxy.example.com": `"proxy.example.com" is no network; want networks, such as 10.0.0.0/8`,
		},
		"cookies":          {"maybe": `"maybe" is neither; want on or off`},
		"insecure_cookies": {"maybe": `"maybe" is neither; want on or off`},
		"trusted_origins": {
			"app.example.com":          `"app.example.com" is no origin; want origins, such as https://app.example.com`,
			"https://app.example.com/": `"https://app.example.com/" is no origin; want origins, such as https://app.example.com`,
			"https://a.example.com,":   `"" is no origin; want origins, such as https://app.example.com`,
			"https://a.example.com,*":  `"*" is no origin; want origins, such as https://app.example.com`,
		},
		"log_format": {"xml": `"xml" is none of them; want auto, text or json`, "JSON": `"JSON" is none of them; want auto, text or json`},
		"log_level":  {"loud": `"loud" is no level; want debug, info, warn or error`, "INFO+1": `"INFO+1" is no level; want debug, info, warn or error`},
		"master_key": {
			"short":                  "want hex or base64 of at least 32 random bytes, such as the output of: openssl rand -base64 32",
			strings.Repeat("00", 32): "is a placeholder, must be random",
		},
	} {
		for text, want := range values {
			for _, d := range settings.Definitions() {
				if d.Key != key {
					continue
				}
				wantLines(t, problems(t, settings.Source{Environ: []string{d.Variable() + "=" + text}}), d.Variable()+": "+want)
				if !d.Secret {
					wantLines(t, problems(t, settings.Source{Flags: map[string]string{key: text}}), "--"+d.Flag()+": "+want)
				}
			}
		}
	}
}

func TestAnEmptyFlagIsAnError(t *testing.T) {
	t.Parallel()
	wantLines(t, problems(t, settings.Source{Flags: map[string]string{"data": "", "issuer": ""}}),
		"--data: has no value; want the name of a directory, such as ./jeton-data",
		"--issuer: has no value; want the URL under which clients reach the server, such as https://auth.example.com")
	s := read(t, settings.Source{Flags: map[string]string{"trusted_proxies": "", "trusted_origins": ""}})
	if len(s.TrustedProxies) > 0 || len(s.TrustedOrigins) > 0 {
		t.Errorf("no proxies are %v, no origins %v", s.TrustedProxies, s.TrustedOrigins)
	}
}

func TestLongValuesAreShown(t *testing.T) {
	t.Parallel()
	got := problems(t, settings.Source{Flags: map[string]string{"listen": strings.Repeat("x", 100)}})
	wantLines(t, got, `--listen: "`+strings.Repeat("x", 60)+`…" has no port; want address:port, such as 127.0.0.1:8080`)
}

// Each definition has what the flags, the environment, the file and --help need of it.
func TestDefinitions(t *testing.T) {
	t.Parallel()
	keys := map[string]bool{}
	for _, d := range settings.Definitions() {
		if keys[d.Key] || d.Key == "" || d.Key != strings.ToLower(d.Key) || strings.Contains(d.Key, "-") {
			t.Errorf("key %q is empty, there twice or misspelt", d.Key)
		}
		keys[d.Key] = true
		if d.Help == "" || strings.HasSuffix(d.Help, ".") || (d.Default == "") == (d.Otherwise == "") || (d.Placeholder == "") != d.Secret {
			t.Errorf("%s: help %q, default %q, otherwise %q, placeholder %q", d.Key, d.Help, d.Default, d.Otherwise, d.Placeholder)
		}
		if (d.Flag() == "") != d.Secret || d.Variable() != "JETON_"+strings.ToUpper(d.Key) {
			t.Errorf("%s: flag %q, variable %q", d.Key, d.Flag(), d.Variable())
		}
		for _, choice := range d.Choices() {
			read(t, settings.Source{Environ: []string{d.Variable() + "=" + choice}})
		}
	}
	if len(read(t, settings.Source{}).Entries()) != len(keys) {
		t.Error("some settings have no entry")
	}
}

// The table in docs/operating.md is that of the definitions.
func TestTheDocumentedTable(t *testing.T) {
	t.Parallel()
	document, err := os.ReadFile("../../docs/operating.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range settings.Definitions() {
		cells := []string{d.Key, "--" + d.Flag(), d.Variable()}
		if d.Default != "" {
			cells = append(cells, d.Default)
		}
		row := strings.ReplaceAll("| `"+strings.Join(cells, "` | `")+"` |", "`--`", "–") // no flag
		if !strings.Contains(string(document), row) {
			t.Errorf("docs/operating.md has no row %s", row)
		}
	}
}

func TestNoSecretIsShown(t *testing.T) {
	t.Parallel()
	s := read(t, settings.Source{Environ: []string{"JETON_MASTER_KEY=" + masterKey}})
	if s.MasterKey.Reveal() != masterKey {
		t.Error("the secret is another one")
	}
	text, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	var logged strings.Builder
	slog.New(slog.NewTextHandler(&logged, nil)).Info("x", "settings", s.Values, "secret", s.MasterKey)
	other := read(t, settings.Source{Environ: []string{"JETON_MASTER_KEY=" + otherKey}})
	shown := fmt.Sprintf("%v %+v %#v %s %v %v %s %s", s.Values, s.Values, s.Values, s.MasterKey, s.Entries(), s.Changes(other), text, &logged)
	shown += fmt.Sprintf("%v %+v %#v", *s, *s, *s)
	if strings.Contains(shown, masterKey[:8]) || !strings.Contains(shown, "(hidden)") {
		t.Errorf("the secret is in %s", shown)
	}
	for _, short := range []string{"short-secret", masterKey[:20]} {
		if lines := problems(t, settings.Source{Environ: []string{"JETON_MASTER_KEY=" + short}}); strings.Contains(fmt.Sprint(lines), short) {
			t.Errorf("the secret is in %s", lines)
		}
		src := settings.Source{Flags: map[string]string{"config": write(t, "master_key: "+short+"\n")}}
		if lines := problems(t, src); strings.Contains(fmt.Sprint(lines), short) {
			t.Errorf("the secret is in %s", lines)
		}
	}
}

func TestAFileWithASecretThatOthersCanRead(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no such modes")
	}
	for text, want := range map[string]bool{"master_key: " + masterKey + "\n": true, "data: x\n": false} {
		name := write(t, text)
		for mode, others := range map[os.FileMode]bool{0o600: false, 0o640: true, 0o604: true, 0o622: false} {
			if err := os.Chmod(name, mode); err != nil {
				t.Fatal(err)
			}
			warnings := read(t, settings.Source{Flags: map[string]string{"config": name}}).Warnings
			var lines []string
			if want && others {
				lines = []string{name + " holds master_key, and others can read it; chmod 600 would change that"}
			}
			wantLines(t, warnings, lines...)
		}
	}
}

func TestChanges(t *testing.T) {
	t.Parallel()
	before := read(t, settings.Source{Flags: map[string]string{
		"access_ttl": "60s", "trusted_origins": "https://a.example.com", "insecure_cookies": "off", "data": "one", "trusted_proxies": "10.0.0.1/8", "listen": ":80", "issuer": "https://a.example.com",
	}, Environ: []string{"JETON_MASTER_KEY=" + masterKey}})
	after := read(t, settings.Source{Flags: map[string]string{
		"access_ttl": "1m", "trusted_origins": "https://a.example.com,https://b.example.com", "cookies": "off", "data": "two", "trusted_proxies": "10.0.0.0/8,::1", "listen": ":80", "log_level": "debug",
	}, Environ: []string{"JETON_MASTER_KEY=" + otherKey}})
	want := []settings.Change{ // a minute is 60 seconds, and a network is its address
		{"data", "one", "two", true},
		{"issuer", "https://a.example.com", "", true},
		{"trusted_proxies", "10.0.0.0/8", "10.0.0.0/8,::1/128", false},
		{"cookies", "on", "off", false},
		{"trusted_origins", "https://a.example.com", "https://a.example.com,https://b.example.com", false},
		{"log_level", "info", "debug", false},
		{"master_key", "(hidden)", "(hidden)", true},
	}
	if got := before.Changes(after); !slices.Equal(got, want) {
		t.Errorf("changes are\n  %v\nwant\n  %v", got, want)
	}

	kept := before.Keep(after)
	if got := before.Changes(kept); len(got) != 4 || slices.ContainsFunc(got, func(c settings.Change) bool { return c.Restart }) {
		t.Errorf("what is kept changes %v", got)
	}
	if kept.Data != "one" || kept.MasterKey.Reveal() != masterKey || kept.Issuer != "https://a.example.com" || kept.LogLevel != slog.LevelDebug {
		t.Errorf("kept is %+v", kept.Values)
	}
	if data, level := kept.Origin("data"), kept.Origin("log_level"); data.String() != "--data" || level.String() != "--log-level" {
		t.Errorf("kept comes from %v, %v", data, level)
	}
	if after.Data != "two" {
		t.Error("what was kept has changed what was read")
	}
	if got := before.Changes(before); got != nil {
		t.Errorf("nothing has changed, and that is %v", got)
	}
}

func TestWrongNamesThePlace(t *testing.T) {
	t.Parallel()
	name := write(t, "\ndata: here\n")
	s := read(t, settings.Source{Flags: map[string]string{"config": name, "listen": ":80"}, Environ: []string{"JETON_LIMITS=on"}})
	err := fmt.Errorf("does not do")
	for key, want := range map[string]string{
		"data": name + ":2:7: data: does not do", "listen": "--listen: does not do", "limits": "JETON_LIMITS: does not do", "issuer": "issuer: does not do",
	} {
		if got := s.Wrong(key, err).Error(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestNearest(t *testing.T) {
	t.Parallel()
	names := []string{"listen", "data", "issuer", "access_ttl", "limits", "explorer", "log_format", "log_level"}
	for word, want := range map[string]string{
		"listen": "listen", "listn": "listen", "lisetn": "listen", "liisten": "listen", "acess_tl": "access_ttl", "log_fromat": "log_format",
		"issuers": "issuer", "dta": "data", "date": "data", "limit": "limits", "x": "", "": "", "database": "", "port": "", "log": "", "cafe": "",
		strings.Repeat("x", 1000): "",
	} {
		if got := settings.Nearest(word, names); got != want {
			t.Errorf("nearest to %q is %q, want %q", word, got, want)
		}
	}
	if got := settings.Nearest("x", nil); got != "" {
		t.Errorf("nearest of none is %q", got)
	}
}
