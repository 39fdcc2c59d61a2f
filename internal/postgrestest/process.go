package postgrestest

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// folders are where PostgreSQL's programs are that are not meant for everybody.
var folders = [...]string{
	"/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/usr/local/pgsql/bin",
	"/opt/homebrew/opt/postgresql@*/bin", "/usr/local/opt/postgresql@*/bin",
}

// find returns the folder of PostgreSQL's programs, of the newest version that there is.
func find() (string, error) {
	var found []string
	for _, pattern := range folders {
		matches, err := filepath.Glob(filepath.Join(pattern, "initdb"))
		if err != nil {
			return "", err
		}
		found = append(found, matches...)
	}
	if len(found) > 0 {
		return filepath.Dir(slices.MaxFunc(found, func(a, b string) int { return version(a) - version(b) })), nil
	}
	path, err := exec.LookPath("initdb")
	if err != nil {
		return "", ErrMissing
	}
	return filepath.Dir(path), nil
}

// version is the first number in a path.
func version(path string) int {
	digits := strings.FieldsFunc(path, func(r rune) bool { return r < '0' || r > '9' })
	if len(digits) == 0 {
		return 0
	}
	n, err := strconv.Atoi(digits[0])
	if err != nil {
		return 0
	}
	return n
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// process is a program that runs.
type process struct {
	command *exec.Cmd
	over    chan struct{} // closed when it has ended
}

// start starts a program and returns when it says that it is ready on its error stream. A program that does not is ended.
func start(command *exec.Cmd, ready string) (*process, error) {
	output, err := command.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := command.Start(); err != nil {
		return nil, err
	}
	p := &process{command: command, over: make(chan struct{})}
	started := make(chan string, 1)
	go func() {
		var said strings.Builder
		for lines := bufio.NewScanner(output); lines.Scan(); {
			if strings.Contains(lines.Text(), ready) {
				started <- ""
			}
			if said.Len() < 1<<16 {
				said.WriteString(lines.Text() + "\n")
			}
		}
		_ = command.Wait() // how it ended does not matter
		close(p.over)
		select {
		case started <- said.String():
		default: // nobody waits any more
		}
	}()
	select {
	case said := <-started:
		if said == "" {
			return p, nil
		}
		return nil, fmt.Errorf("postgrestest: %s did not start:\n%s", filepath.Base(command.Path), said)
	case <-time.After(patience):
		return nil, errors.Join(fmt.Errorf("postgrestest: %s is not ready", filepath.Base(command.Path)), p.end(os.Kill))
	}
}

// end ends the program and returns when it has. How it takes that does not matter.
func (p *process) end(signal os.Signal) error {
	if err := p.command.Process.Signal(signal); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	select {
	case <-p.over:
		return nil
	case <-time.After(patience):
		return errors.Join(fmt.Errorf("postgrestest: %s does not end", filepath.Base(p.command.Path)), p.command.Process.Kill())
	}
}
