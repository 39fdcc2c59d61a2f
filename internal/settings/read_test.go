package settings_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/jetonauth/jeton/internal/settings"
)

// write makes a file of settings, private to its owner, and returns its name.
func write(t testing.TB, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "jeton.yaml")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func read(t *testing.T, src settings.Source) *settings.Settings {
	t.Helper()
	s, err := settings.Read(src)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// problems returns the lines of what is wrong, without the folder of the file.
func problems(t *testing.T, src settings.Source) []string {
	t.Helper()
	s, err := settings.Read(src)
	if err == nil {
		return nil
	}
	all, ok := errors.AsType[settings.Problems](err)
	if !ok || s != nil {
		t.Fatalf("settings %v, error %T: %[2]v", s, err)
	}
	text := all.Error()
	if name := src.Flags["config"]; name != "" {
		text = strings.ReplaceAll(text, name, filepath.Base(name))
	}
	lines := strings.Split(text, "\n")
	if len(lines) != len(all) {
		t.Errorf("%d problems in %d lines", len(all), len(lines))
	}
	return lines
}

func wantLines(t *testing.T, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("got\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

func TestWhoWins(t *testing.T) {
	t.Parallel()
	file := write(t, "access_ttl: 2m\ndata: from-file\nlisten: 127.0.0.1:2\n")
	environ := []string{"JETON_CONFIG=/nowhere", "JETON_ACCESS_TTL=3m", "JETON_DATA=from-environment", "JETON_LIMITS=", "OTHER=x"}
	flags := map[string]string{"config": file, "access_ttl": "4m"}
	s := read(t, settings.Source{Flags: flags, Environ: environ})
	for _, e := range s.Entries() {
		want, ok := map[string][2]string{
			"access_ttl": {"4m", "--access-ttl"},
			"data":       {"from-environment", "JETON_DATA"},
			"listen":     {"127.0.0.1:2", file + ":3"},
			"limits":     {"on", "default"}, // an empty variable is none
		}[e.Key]
		if got := [2]string{fmt.Sprint(e.Value), e.Origin.String()}; ok && got != want {
			t.Errorf("%s: %q, want %q", e.Key, got, want)
		}
	}
	if s.File != file {
		t.Errorf("the file is %q", s.File)
	}
}

func TestWhoWinsNeedsNotBeRead(t *testing.T) {
	t.Parallel()
	s := read(t, settings.Source{
		Flags: map[string]string{"access_ttl": "4m"}, Environ: []string{"JETON_ACCESS_TTL=soon"},
	})
	if s.AccessTTL.String() != "4m0s" {
		t.Errorf("AccessTTL is %v", s.AccessTTL)
	}
	file := write(t, "access_ttl: soon\n")
	wantLines(t, problems(t, settings.Source{Flags: map[string]string{"config": file, "access_ttl": "4m"}}),
		`jeton.yaml:1:13: access_ttl: "soon" is no duration; want 1s to 24h, such as 15m`) // a file is right or wrong by itself
}

func TestTheFileInTheWorkingDirectory(t *testing.T) {
	t.Chdir(t.TempDir())
	if s := read(t, settings.Source{}); s.File != "" || s.Data != "./jeton-data" {
		t.Errorf("without a file: file %q, data %q", s.File, s.Data)
	}
	if err := os.WriteFile("jeton.yaml", []byte("data: here\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if s := read(t, settings.Source{}); s.File != "jeton.yaml" || s.Data != "here" {
		t.Errorf("file %q, data %q", s.File, s.Data)
	}
	if err := os.WriteFile("other.yaml", []byte("data: there\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, src := range map[string]settings.Source{
		"flag":     {Flags: map[string]string{"config": "other.yaml"}, Environ: []string{"JETON_CONFIG=nowhere"}},
		"variable": {Environ: []string{"JETON_CONFIG=other.yaml"}},
	} {
		if s := read(t, src); s.File != "other.yaml" || s.Data != "there" {
			t.Errorf("%s: file %q, data %q", name, s.File, s.Data)
		}
	}
	if err := os.Remove("jeton.yaml"); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir("jeton.yaml", 0o700); err != nil {
		t.Fatal(err)
	}
	wantLines(t, problems(t, settings.Source{}), "jeton.yaml: is a directory, want a file")
}

func TestFilesThatAreNone(t *testing.T) {
	t.Parallel()
	missing := filepath.Join(t.TempDir(), "missing.yaml")
	for name, test := range map[string]struct {
		src  settings.Source
		want string
	}{
		"missing":           {settings.Source{Flags: map[string]string{"config": missing}}, "--config: missing.yaml does not exist"},
		"missing, variable": {settings.Source{Environ: []string{"JETON_CONFIG=/missing.yaml"}}, "JETON_CONFIG: /missing.yaml does not exist"},
		"no name":           {settings.Source{Flags: map[string]string{"config": ""}}, "--config: want the name of a file, such as jeton.yaml"},
		"large": {
			settings.Source{Flags: map[string]string{"config": write(t, strings.Repeat("# a line\n", 10<<20/9))}},
			"--config: jeton.yaml is larger than 1 MB, and so hardly a file of settings",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wantLines(t, problems(t, test.src), test.want)
		})
	}
}

func TestAFileThatCannotBeRead(t *testing.T) {
	t.Parallel()
	if os.Geteuid() > 0 { // not root, not Windows
		name := write(t, "data: here\n")
		if err := os.Chmod(name, 0); err != nil {
			t.Fatal(err)
		}
		wantLines(t, problems(t, settings.Source{Flags: map[string]string{"config": name}}), "--config: jeton.yaml cannot be read: permission denied")
	}
	if runtime.GOOS == "linux" {
		wantLines(t, problems(t, settings.Source{Environ: []string{"JETON_CONFIG=/proc/self/mem"}}),
			"JETON_CONFIG: /proc/self/mem cannot be read: input/output error")
	}
}

func TestALargeFileMayBeOneMegabyte(t *testing.T) {
	t.Parallel()
	text := "data: here\n#" + strings.Repeat("x", 1<<20-12)
	if s := read(t, settings.Source{Flags: map[string]string{"config": write(t, text)}}); s.Data != "here" {
		t.Errorf("data is %q", s.Data)
	}
}

func TestWhatAServerNeeds(t *testing.T) {
	t.Parallel()
	for listen, good := range map[string]bool{
		"127.0.0.1:80": true, "[::1]:80": true, "127.1.2.3:0": true, "localhost:80": true, // a name is looked up when it is used
		":80": false, "0.0.0.0:80": false, "[::]:80": false, "192.0.2.1:80": false,
	} {
		src := settings.Source{Flags: map[string]string{"listen": listen}, Serve: true}
		want := "issuer: needed when listening on " + listen + ": the URL under which clients reach the server, such as https://auth.example.com"
		if good {
			read(t, src)
		} else {
			wantLines(t, problems(t, src), want)
		}
		src.Flags["issuer"] = "https://auth.example.com"
		read(t, src)
		delete(src.Flags, "issuer")
		src.Serve = false
		read(t, src)
	}
	wantLines(t, problems(t, settings.Source{Serve: true, Flags: map[string]string{"listen": "here"}}), // says one thing only
		`--listen: "here" has no port; want address:port, such as 127.0.0.1:8080`)
}

func TestVariablesThatAreNoSettings(t *testing.T) {
	t.Parallel()
	s := read(t, settings.Source{Environ: []string{
		"JETON_ACESS_TTL=5m", "JETON_DATABASE_URL=x", "JETON_DATA=here", "JETON_CONFIG=", "JETONX=1", "JETON_EMPTY=",
		"JETON_TEST_COMPLETE=1", "JETON_COPY_FROM=sqlite:a.db", "JETON_COPY_TO=sqlite:b.db",
		"JETON_WHATEVER_ELSE=x", "JETON_PORT=tcp://10.0.0.1:80", "JETON_PORT_80_TCP_ADDR=10.0.0.1", "JETON_SERVICE_HOST=10.0.0.1", "JETON_SERVICE_PORT=80",
	}})
	wantLines(t, s.Warnings,
		"JETON_ACESS_TTL in the environment is no setting, and is not read; did you mean JETON_ACCESS_TTL?",
		"JETON_DATABASE_URL in the environment is no setting, and is not read; did you mean JETON_DATABASE?",
		"JETON_WHATEVER_ELSE in the environment is no setting, and is not read",
	)
}

func TestTheFirstOfTwoVariablesCounts(t *testing.T) {
	t.Parallel()
	if s := read(t, settings.Source{Environ: []string{"JETON_DATA=one", "JETON_DATA=two"}}); s.Data != "one" {
		t.Errorf("data is %q, and os.Getenv takes the first", s.Data)
	}
}

func ExampleRead() {
	_, err := settings.Read(settings.Source{
		Flags:   map[string]string{"access_ttl": "soon"},
		Environ: []string{"JETON_LISTEN=localhost", "JETON_LOG_LEVEL=loud"},
	})
	fmt.Println(err)
	// Output:
	// JETON_LISTEN: "localhost" has no port; want address:port, such as 127.0.0.1:8080
	// --access-ttl: "soon" is no duration; want 1s to 24h, such as 15m
	// JETON_LOG_LEVEL: "loud" is no level; want debug, info, warn or error
}
