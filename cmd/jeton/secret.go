package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

// maxSecret bounds a secret that is read, in bytes.
const maxSecret = 4096

// secret asks for a secret, such as "Password": on a terminal without echo, else it is the next line of standard input.
func (a *app) secret(ctx context.Context, what string) (string, error) {
	var text string
	var err error
	if a.isTerminal(a.in) {
		text, err = a.askTerminal(ctx, what)
	} else {
		text, err = a.readLine()
	}
	if err != nil {
		return "", fmt.Errorf("%s: %w", what, err)
	}
	if text == "" {
		return "", fmt.Errorf("%s: nothing was entered", what)
	}
	return text, nil
}

// newSecret asks for a secret that is to be set: on a terminal twice, since nobody sees what they type.
func (a *app) newSecret(ctx context.Context, what string) (string, error) {
	first, err := a.secret(ctx, what)
	if err != nil || !a.isTerminal(a.in) {
		return first, err
	}
	second, err := a.secret(ctx, what+", again")
	if err != nil {
		return "", err
	}
	if first != second {
		return "", fmt.Errorf("%s: the two differ", what)
	}
	return first, nil
}

// readLine returns the next line of standard input, without its end.
func (a *app) readLine() (string, error) {
	if a.lines == nil {
		a.lines = bufio.NewReaderSize(a.in, maxSecret+2)
	}
	line, err := a.lines.ReadSlice('\n')
	switch {
	case errors.Is(err, bufio.ErrBufferFull):
		return "", fmt.Errorf("the line is longer than %d bytes", maxSecret)
	case err != nil && !errors.Is(err, io.EOF):
		return "", err
	case len(line) == 0:
		return "", errors.New("standard input has ended")
	}
	return strings.TrimRight(string(line), "\r\n"), nil
}

// askTerminal reads a line that the terminal does not show. If ctx ends meanwhile, the terminal is left as it was.
func (a *app) askTerminal(ctx context.Context, what string) (string, error) {
	file, ok := a.in.(*os.File)
	if !ok {
		return "", errors.New("standard input is no terminal")
	}
	terminal := int(file.Fd())
	before, err := term.GetState(terminal)
	if err != nil {
		return "", err
	}
	fmt.Fprintf(a.err, "%s: ", what)
	defer fmt.Fprintln(a.err)
	type entered struct {
		text []byte
		err  error
	}
	line := make(chan entered, 1)
	go func() { // who is interrupted leaves it behind, and the process ends
		text, err := term.ReadPassword(terminal)
		line <- entered{text, err}
	}()
	select {
	case e := <-line:
		return string(e.text), e.err
	case <-ctx.Done():
		return "", errors.Join(errors.New("interrupted"), term.Restore(terminal, before))
	}
}
