package password_test

import (
	"os"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/jetonauth/jeton/password"
)

func TestCommonList(t *testing.T) {
	t.Parallel()
	file, err := os.ReadFile("common.txt")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(string(file), "\n"), "\n")
	if len(lines) != 10_000 {
		t.Errorf("%d passwords, want 10,000", len(lines))
	}
	if !slices.IsSorted(lines) || len(slices.Compact(slices.Clone(lines))) != len(lines) {
		t.Error("the passwords are not sorted and unique")
	}
	for _, line := range lines {
		if utf8.RuneCountInString(line) < 8 || line != strings.ToLower(line) || line != password.Normalize(line) {
			t.Errorf("%q is short, or not in lower case and NFC", line)
		}
		if !password.Common(line) || !password.Common(strings.ToUpper(line)) {
			t.Errorf("%q is on the list and was not found", line)
		}
		for _, other := range []string{line + "\x00", line + "\n", "\n" + line, line[:7]} {
			if password.Common(other) {
				t.Errorf("%q was found", other)
			}
		}
	}
}

func TestCommon(t *testing.T) {
	t.Parallel()
	tests := map[string]bool{
		"password": true, "Password1": true, "12345678": true, "87654321": true, "00000000": true, "123123123": true,
		"qwertyuiop": true, "1q2w3e4r": true, "iloveyou": true, "ILOVEYOU": true, "abcdefgh": true,
		"": false, "\n": false, "!": false, "~~~~~~~~~": false, "\xff": false, phrase: false, "password\npassword1": false,
		"pa\u0301ssword": false,
	}
	for plain, want := range tests {
		if got := password.Common(plain); got != want {
			t.Errorf("Common(%q) = %t, want %t", plain, got, want)
		}
	}
}

func BenchmarkCommon(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		password.Common(phrase)
	}
}
