//go:build race

package conformance_test

import (
	"bufio"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// startServer starts the server in a process of its own, without the race detector.
func startServer() (uri string, stop func() error, err error) {
	directory, err := os.MkdirTemp("", "jeton-standin-")
	if err != nil {
		return "", nil, err
	}
	remove := func() error { return os.RemoveAll(directory) }
	program := filepath.Join(directory, "standin.exe")
	if output, err := exec.Command("go", "build", "-o", program, "./cmd/standin").CombinedOutput(); err != nil {
		return "", nil, errors.Join(err, errors.New(string(output)), remove())
	}
	server := exec.Command(program)
	server.Stderr = os.Stderr
	input, err := server.StdinPipe() // ends with this process, whatever becomes of it
	if err != nil {
		return "", nil, errors.Join(err, remove())
	}
	output, err := server.StdoutPipe()
	if err == nil {
		err = server.Start()
	}
	if err != nil {
		return "", nil, errors.Join(err, remove())
	}
	stop = func() error { return errors.Join(input.Close(), server.Wait(), remove()) }
	uri, err = bufio.NewReader(output).ReadString('\n')
	if err != nil {
		return "", nil, errors.Join(err, stop())
	}
	return strings.TrimSpace(uri), stop, nil
}
