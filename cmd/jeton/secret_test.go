package main

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

func TestSecretsFromStandardInput(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", maxSecret)
	for name, test := range map[string]struct {
		in    string
		want  []string // what is read, one after the other
		wrong string   // of the last one
	}{
		"a line":           {"correct horse\n", []string{"correct horse"}, ""},
		"no end of line":   {"correct horse", []string{"correct horse"}, ""},
		"carriage return":  {"correct horse\r\n", []string{"correct horse"}, ""},
		"spaces are kept":  {" correct  horse \n", []string{" correct  horse "}, ""},
		"one after other":  {"one\ntwo\n", []string{"one", "two"}, ""},
		"nothing":          {"", []string{""}, "Password: standard input has ended"},
		"one too few":      {"one\n", []string{"one", ""}, "Password: standard input has ended"},
		"an empty line":    {"\none\n", []string{""}, "Password: nothing was entered"},
		"a long line":      {long + "\n", []string{long}, ""},
		"too long a line":  {long + "xx\n", []string{""}, "Password: the line is longer than 4096 bytes"},
		"much too long":    {strings.Repeat(long, 100), []string{""}, "Password: the line is longer than 4096 bytes"},
		"letters of other": {"пароль\n", []string{"пароль"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var errs bytes.Buffer
			a := testApp(io.Discard, &errs)
			a.in = iotest.OneByteReader(strings.NewReader(test.in))
			for i, want := range test.want {
				got, err := a.newSecret(t.Context(), "Password")
				wrong := ""
				if i == len(test.want)-1 {
					wrong = test.wrong
				}
				if got != want || (err == nil) != (wrong == "") || err != nil && err.Error() != wrong {
					t.Errorf("got %.20q, %v; want %.20q, %q", got, err, want, wrong)
				}
			}
			if errs.Len() > 0 {
				t.Errorf("nobody is there to be asked %q", &errs)
			}
		})
	}
	a := testApp(io.Discard, io.Discard)
	a.in = iotest.ErrReader(errors.New("cut off"))
	if _, err := a.secret(t.Context(), "Password"); err == nil || err.Error() != "Password: cut off" {
		t.Errorf("error %v", err)
	}
}
