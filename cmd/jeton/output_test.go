package main

import (
	"bytes"
	"io"
	"testing"

	"github.com/spf13/cobra"
)

func TestTables(t *testing.T) {
	t.Parallel()
	people := table{header: []string{"NAME", "AGE", "NOTE"}, none: "nobody"}
	for name, test := range map[string]struct {
		rows [][]string
		want string
	}{
		"none":       {nil, "nobody\n"},
		"two":        {[][]string{{"Ada", "36", ""}, {"Grace Hopper", "85", "x"}}, "NAME          AGE  NOTE\nAda           36\nGrace Hopper  85   x\n"},
		"in between": {[][]string{{"Ada", "", "x"}}, "NAME  AGE  NOTE\nAda        x\n"},
		"letters":    {[][]string{{"Zoë Ünal", "1", "é"}}, "NAME      AGE  NOTE\nZoë Ünal  1    é\n"},
		"no terminal is moved": {
			[][]string{{"\x1b[2Jx\r\n\ty", "\u202e", "\xff"}}, "NAME             AGE     NOTE\n" + `\x1b[2Jx\r\n\ty  \u202e  ` + "\ufffd\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			people := people
			people.rows = test.rows
			if err := people.print(&out); err != nil || out.String() != test.want {
				t.Errorf("printed\n%s%v\nwant\n%s", &out, err, test.want)
			}
		})
	}
	var out bytes.Buffer
	if err := (table{header: []string{"NAME"}}).print(&out); err != nil || out.String() != "NAME\n" {
		t.Errorf("without a word for none: %q, %v", &out, err)
	}
}

func TestShow(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	a := testApp(&out, io.Discard)
	cmd := &cobra.Command{}
	addJSON(cmd)
	names := []string{"<Ada>"}
	t1 := table{header: []string{"NAME"}, rows: [][]string{names}}
	if err := a.show(cmd, names, t1); err != nil || out.String() != "NAME\n<Ada>\n" {
		t.Errorf("%v, %q", err, &out)
	}
	out.Reset()
	if err := cmd.Flags().Set("json", "true"); err != nil {
		t.Fatal(err)
	}
	if err := a.show(cmd, names, t1); err != nil || out.String() != "[\n  \"<Ada>\"\n]\n" {
		t.Errorf("%v, %q", err, &out)
	}
}
