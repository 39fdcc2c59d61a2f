package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"github.com/jetonauth/jeton"
)

// person sits before a terminal.
type person struct {
	t             *testing.T
	file, program *os.File // the two ends of the terminal
	shown         *output
	out           bytes.Buffer
	done          chan int // the exit status
	interrupt     context.CancelFunc
}

// sitDown runs a command line on a terminal: what it asks is shown there, as is what it says beside its result.
func sitDown(t *testing.T, data string, args ...string) *person {
	t.Helper()
	file, program := openTerminal(t)
	p := &person{t: t, file: file, program: program, shown: new(output), done: make(chan int, 1)}
	go func() { _, _ = io.Copy(p.shown, file) }() // until the terminal is closed
	a := &app{in: program, out: &p.out, err: program, isTerminal: isTerminal, environ: []string{"JETON_DATA=" + data}}
	ctx, cancel := context.WithCancel(t.Context())
	p.interrupt = cancel
	go func() { p.done <- run(ctx, args, a) }()
	return p
}

// enters answers a question for a secret, when the terminal does not show what is typed.
func (p *person) enters(question, secret string) {
	p.t.Helper()
	p.shown.waitFor(p.t, 0, regexp.QuoteMeta(question)+"$")
	deadline, again := time.After(10*time.Second), time.NewTicker(time.Millisecond)
	defer again.Stop()
	for p.echoes() {
		select {
		case <-again.C:
		case <-deadline:
			p.t.Fatal("the terminal shows what is typed")
		}
	}
	p.answers(question, secret)
}

// echoes reports whether the terminal shows what is typed.
func (p *person) echoes() bool {
	var mode syscall.Termios
	if _, _, errno := syscall.Syscall(syscall.SYS_IOCTL, p.program.Fd(), syscall.TCGETS, uintptr(unsafe.Pointer(&mode))); errno != 0 {
		p.t.Fatal(errno)
	}
	return mode.Lflag&syscall.ECHO != 0
}

// answers waits for a question and answers it.
func (p *person) answers(question, answer string) {
	p.t.Helper()
	p.shown.waitFor(p.t, 0, regexp.QuoteMeta(question)+"$")
	if _, err := io.WriteString(p.file, answer+"\n"); err != nil {
		p.t.Fatal(err)
	}
}

func TestPasswordsAreAskedForOnATerminal(t *testing.T) {
	t.Parallel()
	data := newData(t)
	const password = "tr0ub4dor horse"
	p := sitDown(t, data, "user", "add", "bob@example.com")
	p.enters("Password: ", password)
	p.enters("Password, again: ", password)
	if status := <-p.done; status != statusGood || !strings.HasPrefix(p.out.String(), "added bob@example.com with the id ") {
		t.Errorf("%d, %q, %q", status, &p.out, p.shown)
	}
	p = sitDown(t, data, "user", "passwd", "bob@example.com")
	p.enters("Password: ", password)
	p.enters("Password, again: ", password+"x")
	if status := <-p.done; status != statusFailed || p.out.Len() > 0 {
		t.Errorf("%d, %q, %q", status, &p.out, p.shown)
	}
	if text := p.shown.waitFor(t, 0, "jeton: Password: the two differ"); strings.Contains(text, "tr0ub4dor") {
		t.Errorf("the terminal shows the password: %q", text)
	}
}

func TestQuestionsAreAskedOnATerminal(t *testing.T) {
	t.Parallel()
	data := newData(t)
	for answer, want := range map[string]int{"n": statusFailed, "": statusFailed, "yes, please": statusFailed} {
		p := sitDown(t, data, "user", "delete", "ada@example.com")
		p.answers("Delete ada@example.com? [y/N] ", answer)
		if status := <-p.done; status != want || p.out.Len() > 0 {
			t.Errorf("%q: %d, %q", answer, status, &p.out)
		}
		p.shown.waitFor(t, 0, "jeton: nothing was changed\r\n")
	}
	kid := keyList(t, data)[0].ID
	p := sitDown(t, data, "keys", "export", "--private", kid)
	p.answers("Export the private part of the active key "+kid+"? [y/N] ", "no")
	if status := <-p.done; status != statusFailed || p.out.Len() > 0 {
		t.Errorf("%d, %q", status, &p.out)
	}
	p = sitDown(t, data, "keys", "revoke", kid)
	p.answers("Refuse all that the active key "+kid+" has signed? [y/N] ", "Y")
	if status := <-p.done; status != statusGood || keyList(t, data)[0].State != jeton.KeyRevoked {
		t.Errorf("%d, %q", status, &p.out)
	}
	p = sitDown(t, data, "user", "delete", "ada@example.com")
	p.shown.waitFor(t, 0, "Delete .* $")
	p.interrupt()
	if status := <-p.done; status != statusFailed {
		t.Errorf("interrupted: %d", status)
	}
	p.shown.waitFor(t, 0, "jeton: nothing was changed: interrupted\r\n")
	p = sitDown(t, data, "user", "delete", "ada@example.com")
	p.answers("Delete ada@example.com? [y/N] ", "yes")
	if status := <-p.done; status != statusGood || p.out.String() != "deleted ada@example.com, and ended its sessions\n" {
		t.Errorf("%d, %q", status, &p.out)
	}
}
