// Command standin runs FerretDB in a process of its own until its standard input ends, and prints its URI first. The tests use it when they run with the
// race detector, which would make FerretDB many times slower.
package main

import (
	"fmt"
	"io"
	"os"
	"runtime/debug"

	"github.com/jetonauth/jeton/store/mongo/conformance/internal/standin"
)

func main() {
	debug.SetGCPercent(1000)
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "standin:", err)
		os.Exit(1)
	}
}

func run() error {
	server, err := standin.Start()
	if err != nil {
		return err
	}
	defer func() { _ = server.Close() }() // there is nobody to tell
	if _, err := fmt.Fprintln(os.Stdout, server.URI); err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}
