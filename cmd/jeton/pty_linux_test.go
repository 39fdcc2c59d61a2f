package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
	"unicode"
	"unsafe"
)

// openTerminal returns the two ends of a terminal: what a person has, and what a program has.
func openTerminal(t *testing.T) (person, program *os.File) {
	t.Helper()
	person, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		if os.Getenv("JETON_TEST_COMPLETE") == "1" {
			t.Fatal(err)
		}
		t.Skipf("no terminals here: %v", err)
	}
	t.Cleanup(func() { person.Close() })
	conn, err := person.SyscallConn() // Fd would make reading block its end
	if err != nil {
		t.Fatal(err)
	}
	var number, unlock int32
	err = conn.Control(func(fd uintptr) {
		for request, argument := range map[uintptr]*int32{syscall.TIOCSPTLCK: &unlock, syscall.TIOCGPTN: &number} {
			if _, _, errno := syscall.Syscall(syscall.SYS_IOCTL, fd, request, uintptr(unsafe.Pointer(argument))); errno != 0 {
				t.Error(errno)
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	program, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { program.Close() })
	return person, program
}

// onTerminal starts a server with its streams on a terminal of its own, and returns what that shows.
func onTerminal(t *testing.T, variables ...string) (cmd *exec.Cmd, person *os.File, shown *output) {
	t.Helper()
	person, program := openTerminal(t)
	cmd = exec.CommandContext(t.Context(), os.Args[0], "serve", "--listen", "127.0.0.1:0", "--data", filepath.Join(t.TempDir(), "data"))
	cmd.Env = append([]string{asCommand + "=1", "TERM=xterm"}, variables...)
	cmd.Dir = t.TempDir()
	cmd.Stdin, cmd.Stdout, cmd.Stderr = program, program, program
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() }) // if it has not ended
	program.Close()
	shown = &output{}
	go func() { _, _ = io.Copy(shown, person) }() // until the terminal is closed
	shown.waitFor(t, 0, `listens at`)
	return cmd, person, shown
}

const colours = "\x1b["

func TestLogsOnATerminal(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		variables []string
		want      string
	}{
		"colours":      {nil, `\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\x1b\[0m \x1b\[92mINF\x1b\[0m audit.*key_added`},
		"NO_COLOR":     {[]string{"NO_COLOR=1"}, `\d\d:\d\d:\d\d INF audit .*key_added`},
		"NO_COLOR=":    {[]string{"NO_COLOR="}, `\x1b\[92mINF`},
		"a dumb one":   {[]string{"TERM=dumb"}, `\d\d:\d\d:\d\d INF audit .*key_added`},
		"text":         {[]string{"JETON_LOG_FORMAT=text"}, `\x1b\[92mINF`},
		"JSON":         {[]string{"JETON_LOG_FORMAT=json"}, `{"time":".*","level":"INFO","msg":"audit"`},
		"JSON, colour": {[]string{"JETON_LOG_FORMAT=json", "TERM=xterm-256color"}, `{"time":`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cmd, _, shown := onTerminal(t, test.variables...)
			text := shown.String()
			if !regexp.MustCompile(test.want).MatchString(text) || strings.Contains(test.want, `x1b`) != strings.Contains(text, colours) {
				t.Errorf("the terminal shows %q, want %s", text, test.want)
			}
			if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
				t.Fatal(err)
			}
			if err := wait(t, cmd); err != nil {
				t.Error(err)
			}
		})
	}
}

// wait waits until a process has ended, but not for ever.
func wait(t *testing.T, cmd *exec.Cmd) error {
	t.Helper()
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case err := <-ended:
		return err
	case <-time.After(30 * time.Second):
		t.Fatal("the process goes on")
		return nil
	}
}

func TestAServerEndsWithItsTerminal(t *testing.T) {
	t.Parallel()
	cmd, person, shown := onTerminal(t)
	from := len(shown.String())
	if err := cmd.Process.Signal(syscall.SIGHUP); err != nil { // while the terminal is there
		t.Fatal(err)
	}
	shown.waitFor(t, from, `settings read again`)
	if err := person.Close(); err != nil { // the kernel sends SIGHUP
		t.Fatal(err)
	}
	if err := wait(t, cmd); err != nil {
		t.Errorf("%v, want exit status 0", err)
	}
}

func TestSecretsAreNotShown(t *testing.T) {
	t.Parallel()
	const password = "correct horse battery"
	for name, test := range map[string]struct {
		answers []string
		want    string
		wrong   string
	}{
		"twice the same": {[]string{password, password}, password, ""},
		"two":            {[]string{password, "another"}, "", "Password: the two differ"},
		"nothing":        {[]string{""}, "", "Password: nothing was entered"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			person, program := openTerminal(t)
			a := &app{in: program, out: io.Discard, err: program, isTerminal: isTerminal}
			shown := &output{}
			go func() { _, _ = io.Copy(shown, person) }() // until the terminal is closed
			type entered struct {
				text string
				err  error
			}
			done := make(chan entered, 1)
			go func() {
				text, err := a.newSecret(t.Context(), "Password")
				done <- entered{text, err}
			}()
			from := 0
			for i, answer := range test.answers {
				from += len(shown.waitFor(t, from, []string{`Password: $`, `Password, again: $`}[i]))
				waitUntilSilent(t, program)
				if _, err := io.WriteString(person, answer+"\n"); err != nil {
					t.Fatal(err)
				}
			}
			select {
			case got := <-done:
				if got.text != test.want || (got.err == nil) != (test.wrong == "") || got.err != nil && got.err.Error() != test.wrong {
					t.Errorf("entered %q, %v; want %q, %q", got.text, got.err, test.want, test.wrong)
				}
			case <-time.After(30 * time.Second):
				t.Fatal("it asks on")
			}
			if strings.Contains(shown.String(), "horse") || strings.Contains(shown.String(), "another") {
				t.Errorf("the terminal shows %q", shown)
			}
		})
	}
}

func TestAskingIsInterrupted(t *testing.T) {
	t.Parallel()
	_, program := openTerminal(t)
	a := &app{in: program, out: io.Discard, err: io.Discard, isTerminal: isTerminal}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		_, err := a.secret(ctx, "Password")
		ended <- err
	}()
	waitUntilSilent(t, program)
	cancel()
	select {
	case err := <-ended:
		if err == nil || err.Error() != "Password: interrupted" {
			t.Errorf("error %v", err)
		}
	case <-time.After(30 * time.Second):
		t.Fatal("it asks on")
	}
	if silent(t, program) {
		t.Error("the terminal stays silent")
	}
}

// waitUntilSilent waits until a terminal does not show what is typed: that is so a moment after it was asked for.
func waitUntilSilent(t *testing.T, terminal *os.File) {
	t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for !silent(t, terminal) {
		if time.Now().After(deadline) {
			t.Fatal("the terminal shows what is typed")
		}
	}
}

// silent says whether a terminal does not show what is typed.
func silent(t *testing.T, terminal *os.File) bool {
	t.Helper()
	var state syscall.Termios
	_, _, errno := syscall.Syscall(syscall.SYS_IOCTL, terminal.Fd(), syscall.TCGETS, uintptr(unsafe.Pointer(&state)))
	if errno != 0 {
		t.Fatal(errno)
	}
	return state.Lflag&syscall.ECHO == 0
}

// TestAClientDoesNotActOnTheTerminal sends, as the name of the browser, what tint would make escapes of.
func TestAClientDoesNotActOnTheTerminal(t *testing.T) {
	t.Parallel()
	for name, variables := range map[string][]string{"colours": nil, "NO_COLOR": {"NO_COLOR=1"}, "JSON": {"JETON_LOG_FORMAT=json"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, _, shown := onTerminal(t, variables...)
			from := len(shown.String())
			url := regexp.MustCompile(`listens at (http://[0-9.:]+)`).FindStringSubmatch(shown.waitFor(t, 0, `listens at http\S+[0-9]\D`))
			p := &process{t: t, url: url[1]}
			header := http.Header{
				"Content-Type": {"application/json"},
				"User-Agent":   {`Mozilla \x1b[2J\x1b[H\x1b]0;pwned\x1b\ ` + "\u009b2J \u202e fake"},
			}
			if status, text := p.send(http.MethodPost, "/auth/login", header, account); status != http.StatusUnauthorized {
				t.Fatalf("status %d: %s", status, text)
			}
			text := strings.ReplaceAll(shown.waitFor(t, from, `Mozilla[^\n]* fake[^\n]*\n`), "\r\n", "")
			if strings.ContainsFunc(colour.ReplaceAllString(text, ""), func(r rune) bool { return !unicode.IsPrint(r) }) {
				t.Errorf("the terminal gets %q", text)
			}
			if agent := text[strings.Index(text, "Mozilla"):strings.Index(text, " fake")]; strings.ContainsRune(agent, '\x1b') {
				t.Errorf("the client has written %q", agent)
			}
		})
	}
}
