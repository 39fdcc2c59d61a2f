package main

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
)

// reloadable is a server with a file of settings that the test changes.
type reloadable struct {
	*process
	file string
}

func launchWithFile(t *testing.T, text string, args ...string) *reloadable {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no SIGHUP")
	}
	file := filepath.Join(t.TempDir(), "jeton.yaml")
	r := &reloadable{file: file}
	r.write(t, text)
	r.process = launchWith(t, nil, append([]string{"--config", file}, args...)...)
	t.Cleanup(r.kill)
	return r
}

func (r *reloadable) write(t *testing.T, text string) {
	t.Helper()
	if err := os.WriteFile(r.file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// reload changes the file, sends the signal, and returns what is logged until the last line about it.
func (r *reloadable) reload(text, last string) string {
	r.t.Helper()
	r.write(r.t, text)
	from := len(r.stderr.String())
	r.signal(syscall.SIGHUP)
	return strings.ReplaceAll(r.stderr.waitFor(r.t, from, last), r.file, "jeton.yaml")
}

// lifetime is that of the tokens that are handed out now, in seconds.
func (r *reloadable) lifetime() any {
	r.t.Helper()
	status, text := r.post("/auth/login", account)
	if status != http.StatusOK {
		r.t.Fatalf("sign in: %d %s", status, text)
	}
	return decode(r.t, text)["expires_in"]
}

func wantIn(t *testing.T, log string, words ...string) {
	t.Helper()
	for _, word := range words {
		if !strings.Contains(log, word) {
			t.Errorf("the log lacks %s:\n%s", word, log)
		}
	}
}

const readAgain = `settings read again.*\n`

func TestSIGHUPReadsTheSettingsAgain(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "data")
	common := "listen: 127.0.0.1:0\nlog_format: text\ndata: " + data + "\n"
	r := launchWithFile(t, common+"access_ttl: 5m\n", "--reuse-interval", "5s")
	if status, text := r.post("/auth/signup", account); status != http.StatusCreated {
		t.Fatalf("sign up: %d %s", status, text)
	}
	if got := r.lifetime(); got != 300.0 {
		t.Fatalf("expires_in is %v, want 300", got)
	}

	log := r.reload(common+"access_ttl: 6m\nreuse_interval: 1h\n", readAgain)
	wantIn(t, log, `msg="setting changed" setting=access_ttl old=5m new=6m`, `msg="settings read again" changes=1`)
	if strings.Contains(log, "reuse_interval") {
		t.Errorf("a flag no longer wins:\n%s", log)
	}
	if got := r.lifetime(); got != 360.0 {
		t.Errorf("expires_in is %v, want 360", got)
	}

	// What is wrong changes nothing, whatever else is right.
	log = r.reload(common+"access_ttl: 7m\nlimits: maybe\nlog_levl: debug\n", `log_levl.*\n`)
	wantIn(t, log, `level=ERROR msg="settings are wrong, and stay as they were" error="jeton.yaml:5:9: limits: \"maybe\" is neither; want on or off"`,
		`error="jeton.yaml:6:1: unknown key \"log_levl\"; did you mean \"log_level\"?"`)
	if got := r.lifetime(); got != 360.0 {
		t.Errorf("after a wrong file: expires_in is %v, want 360", got)
	}
	if err := os.Remove(r.file); err != nil {
		t.Fatal(err)
	}
	from := len(r.stderr.String())
	r.signal(syscall.SIGHUP)
	wantIn(t, r.stderr.waitFor(t, from, `stay as they were.*\n`), "--config: "+r.file+" does not exist")

	// Without the key the default holds. The log changes with the others.
	log = r.reload(strings.Replace(common, "text", "json", 1)+"log_level: debug\n", readAgain)
	wantIn(t, log, `"msg":"setting changed","setting":"access_ttl","old":"6m","new":"15m"`, `"setting":"log_format"`, `"changes":3`)
	if got := r.lifetime(); got != 900.0 {
		t.Errorf("expires_in is %v, want 900", got)
	}
	r.reload(common+"limits: off\n", readAgain)
	for range 11 {
		if status, text := r.post("/auth/login", strings.Replace(account, "correct", "wrong", 1)); status != http.StatusUnauthorized {
			t.Fatalf("limits: off: %d %s", status, text)
		}
	}
}

func TestSIGHUPSaysWhatNeedsARestart(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "data")
	r := launchWithFile(t, "listen: 127.0.0.1:0\nlog_format: text\ndata: "+data+"\n")
	key := base64.StdEncoding.EncodeToString([]byte("0123456789abcdefghijklmnopqrstuv"))
	next := "listen: 127.0.0.1:8999\nlog_format: text\ndata: /nowhere\nissuer: https://auth.example.com\nmaster_key: " + key + "\naccess_ttl: 6m\n"
	for range 2 { // what is not in effect is said each time
		log := r.reload(next, readAgain)
		for setting, change := range map[string]string{
			"listen": "old=127.0.0.1:0 new=127.0.0.1:8999", "data": "old=" + data + " new=/nowhere", "issuer": `old="" new=https://auth.example.com`,
			"master_key": `old="" new=(hidden)`,
		} {
			wantIn(t, log, fmt.Sprintf(`level=WARN msg="setting changed, and takes effect after a restart only" setting=%s %s`, setting, change))
		}
		if strings.Contains(log, key) {
			t.Errorf("the log holds the master key:\n%s", log)
		}
	}
	if status, text := r.post("/auth/signup", account); status != http.StatusCreated {
		t.Fatalf("sign up: %d %s", status, text)
	}
	if got := r.lifetime(); got != 360.0 {
		t.Errorf("expires_in is %v, want 360", got)
	}
	if log := r.reload("listen: :8999\nlog_format: text\n", `stay as they were.*\n`); !strings.Contains(log, "issuer: needed when listening on :8999") {
		t.Errorf("settings that a server could not start with:\n%s", log)
	}
}
