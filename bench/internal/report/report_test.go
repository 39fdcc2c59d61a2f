package report_test

import (
	"strings"
	"testing"

	"github.com/jetonauth/jeton/bench/internal/measure"
	"github.com/jetonauth/jeton/bench/internal/report"
)

func TestNumbers(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ got, want string }{
		{report.Duration(12.34), "12.3 ns"},
		{report.Duration(999.6), "1.00 µs"},
		{report.Duration(-2.5e6), "-2.50 ms"},
		{report.Duration(1.234e12), "1234 s"},
		{report.Digits(0.0123), "0.012"},
		{report.Count(-0.01), "0"},
		{report.Count(5.6), "5.6"},
		{report.Grouped(0), "0"},
		{report.Grouped(999), "999"},
		{report.Grouped(1000), "1,000"},
		{report.Grouped(1234567.4), "1,234,567"},
		{report.Grouped(-1234), "-1,234"},
		{report.Grouped(-0.2), "0"},
		{report.Bytes(999), "999 bytes"},
		{report.Bytes(1500), "1.50 kB"},
		{report.Bytes(999_900), "1.00 MB"},
		{report.Bytes(2.5e12), "2.50 TB"},
		{report.Interval(measure.Estimate{Median: 2, Low: 1, High: 3}, report.Digits), "2.00 [1.00, 3.00]"},
		{report.Table([]string{"a", "b"}, [][]string{{"x", "1", "2"}}), "| | a | b |\n|---|---:|---:|\n| x | 1 | 2 |\n"},
	} {
		if test.got != test.want {
			t.Errorf("%q, want %q", test.got, test.want)
		}
	}
}

func TestMachine(t *testing.T) {
	t.Parallel()
	if machine := report.Machine(); !strings.Contains(machine, "GOMAXPROCS ") || !strings.Contains(machine, "go1.") {
		t.Error(machine)
	}
	if n := len(strings.Fields(report.Load())); n != 0 && n != 3 {
		t.Errorf("load %q", report.Load())
	}
}
