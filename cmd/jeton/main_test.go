package main

import (
	"os"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// asCommand makes the test binary be the command itself, for tests that need a process of their own.
const asCommand = "JETON_TEST_AS_COMMAND"

func TestMain(m *testing.M) {
	if os.Getenv(asCommand) != "" {
		main()
	}
	testscript.Main(m, map[string]func(){"jeton": main})
}

// TestScripts runs command lines as they are typed, and compares what they say to the letter.
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir: "testdata", RequireExplicitExec: true, RequireUniqueNames: true,
		Deadline: time.Now().Add(time.Minute), // for a server that starts although it should not
	})
}
