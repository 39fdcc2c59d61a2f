package password

import (
	"errors"
	"testing"
)

// countingHash matches one form of a password and counts what it was asked.
type countingHash struct {
	form  string
	err   error
	asked *[]string
}

func (h countingHash) scheme() string { return "counting" }

func (h countingHash) matches(password string) (bool, error) {
	*h.asked = append(*h.asked, password)
	return password == h.form && h.err == nil, h.err
}

// How often a hash is derived decides how long a sign-in takes, which must not tell who has an account.
func TestFirstMatchDerivations(t *testing.T) {
	t.Parallel()
	failure := errors.New("failure")
	tests := []struct {
		name      string
		hash      countingHash
		forms     []string
		wantIndex int
		wantAsked int
	}{
		{"equal forms, right", countingHash{form: "a"}, []string{"a", "a"}, 0, 1},
		{"equal forms, wrong", countingHash{form: "b"}, []string{"a", "a"}, -1, 1},
		{"first form", countingHash{form: "a"}, []string{"a", "b"}, 0, 1},
		{"second form", countingHash{form: "b"}, []string{"a", "b"}, 1, 2},
		{"no form", countingHash{form: "c"}, []string{"a", "b"}, -1, 2},
		{"an error", countingHash{form: "a", err: failure}, []string{"a", "b"}, -1, 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var asked []string
			test.hash.asked = &asked
			index, err := firstMatch(test.hash, test.forms...)
			if index != test.wantIndex || !errors.Is(err, test.hash.err) {
				t.Errorf("firstMatch = %d, %v, want %d, %v", index, err, test.wantIndex, test.hash.err)
			}
			if len(asked) != test.wantAsked {
				t.Errorf("derived from %q, want %d derivations", asked, test.wantAsked)
			}
		})
	}
}
