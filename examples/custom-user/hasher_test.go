package main

import (
	"errors"
	"strings"
	"testing"

	"github.com/jetonauth/jeton/password"
)

// cheap costs what tests can afford.
var cheap = Hasher{password.Argon2id{Memory: 64, Time: 1, Threads: 1}}

func TestHasher(t *testing.T) {
	t.Parallel()
	old, err := oldHash("correct horse battery", "salt of 2009", 1000)
	if err != nil {
		t.Fatal(err)
	}
	today, err := cheap.Hash("correct horse battery")
	if err != nil {
		t.Fatal(err)
	}
	// Computed with Python: hashlib.pbkdf2_hmac("sha256", b"correct horse battery", b"salt of 2009", 1000).hex()
	const known = "sha256-iterated:1000:salt of 2009:9e2947e4d3fd2cd2942d74bab966aaf8684f3ca5bb4316820c78dd97ac1af6e9"
	if old != known {
		t.Errorf("old hash is %s, want %s", old, known)
	}
	for name, tt := range map[string]struct {
		hash, plain string
		want        password.Result
		err         error
	}{
		"old":                 {old, "correct horse battery", password.Result{Match: true, Upgrade: true}, nil},
		"old, wrong password": {old, "correct horse batteri", password.Result{}, nil},
		"today's":             {today, "correct horse battery", password.Result{Match: true}, nil},
		"today's, wrong":      {today, "correct horse batteri", password.Result{}, nil},
		"no tag":              {"sha256-iterated:1000:salt", "", password.Result{}, password.ErrUnknownHash},
		"tag cut off":         {old[:len(old)-2], "correct horse battery", password.Result{}, password.ErrUnknownHash},
		"not hexadecimal":     {old[:len(old)-2] + "zz", "correct horse battery", password.Result{}, password.ErrUnknownHash},
		"no salt":             {strings.Replace(old, "salt of 2009", "", 1), "correct horse battery", password.Result{}, password.ErrUnknownHash},
		"no iterations":       {strings.Replace(old, "1000", "0", 1), "correct horse battery", password.Result{}, password.ErrUnknownHash},
		"too many iterations": {strings.Replace(old, "1000", "1000001", 1), "correct horse battery", password.Result{}, password.ErrTooCostly},
		"nothing":             {"", "", password.Result{}, password.ErrUnknownHash},
	} {
		got, err := cheap.Check(tt.hash, tt.plain)
		if got != tt.want || !errors.Is(err, tt.err) {
			t.Errorf("%s: %+v, %v, want %+v, %v", name, got, err, tt.want, tt.err)
		}
	}
}

func FuzzParseOld(f *testing.F) {
	f.Add("1000:salt:" + strings.Repeat("ab", 32))
	f.Add("1000:salt")
	f.Add("-1::")
	f.Fuzz(func(t *testing.T, text string) {
		iterations, salt, tag, err := parseOld(text)
		switch {
		case err != nil && !errors.Is(err, password.ErrUnknownHash) && !errors.Is(err, password.ErrTooCostly):
			t.Error(err)
		case err == nil && (iterations < 1 || iterations > maxIterations || salt == "" || len(tag) != 32):
			t.Errorf("%d, %q, %x", iterations, salt, tag)
		}
	})
}
