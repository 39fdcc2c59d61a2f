package password_test

import (
	"strings"
	"testing"

	"golang.org/x/crypto/bcrypt"

	"github.com/jetonauth/jeton/password"
)

// bcrypt leaves out what follows 72 bytes, and takes its key to be repeated with a NUL between, so that other passwords
// than the right one would match.
func TestBcryptAmbiguous(t *testing.T) {
	t.Parallel()
	of72 := "$2y$04$UWcGoQ4.kwK9ClbxiixCie0ZfSCXsFrn9/txCo.M2PttKNSoS5UNC" // htpasswd, of 72 times "x"
	ofA, err := bcrypt.GenerateFromPassword([]byte("a"), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	ofNothing := "$2b$05$qYhq3fc0BX4yzUAMSQLpEe/.uN6uqK1sLEiRrYqI1e8kc.eFEPvyq" // mkpasswd, of ""
	composed, err := bcrypt.GenerateFromPassword([]byte(strings.Repeat("\u00e9", 36)), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, hash, plain string
		match             bool
	}{
		{"72 bytes", of72, strings.Repeat("x", 72), true},
		{"71 bytes", of72, strings.Repeat("x", 71), false},
		{"73 bytes", of72, strings.Repeat("x", 73), false},
		{"72 bytes and others", of72, strings.Repeat("x", 72) + "and more", false},
		{"72 bytes and a NUL", of72, strings.Repeat("x", 72) + "\x00", false},
		{"the password", string(ofA), "a", true},
		{"repeated behind a NUL", string(ofA), "a\x00a", false},
		{"nothing", ofNothing, "", true},
		{"a NUL for nothing", ofNothing, "\x00", false},
		{"72 bytes in NFC, more as typed", string(composed), strings.Repeat("e\u0301", 36), true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			wantCheck(t, small, test.hash, test.plain, password.Result{Match: test.match, Upgrade: test.match})
		})
	}
}
