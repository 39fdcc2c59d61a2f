package password_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/jetonauth/jeton/password"
)

func TestStandardCheck(t *testing.T) {
	t.Parallel()
	var preset password.Standard
	about := []string{"Ada.Lovelace@example.com", " Ren\u00e9 Magritte ", ""}
	tests := []struct {
		name   string
		policy password.Standard
		plain  string
		code   string // empty if it may be set
	}{
		{"a phrase", preset, phrase, ""},
		{"no digits or capitals asked for", preset, "gzvxkwpq", ""},
		{"spaces", preset, "        ", ""},
		{"empty", preset, "", password.CodeTooShort},
		{"7 characters", preset, "gzvxkwp", password.CodeTooShort},
		{"8 characters of 16 bytes", preset, "éèêëàâäç", ""},
		{"7 characters of 14 bytes", preset, "éèêëàâä", password.CodeTooShort},
		{"7 characters after NFC, 8 before", preset, "gzvxkwe\u0301", password.CodeTooShort},
		{"8 characters after NFC, 9 before", preset, "gzvxkwpe\u0301", ""},
		{"1024 bytes", preset, strings.Repeat("gz", 512), ""},
		{"1025 bytes", preset, strings.Repeat("g", 1025), password.CodeTooLong},
		{"1026 bytes of 513 characters", preset, strings.Repeat("\u00e9", 513), password.CodeTooLong},
		{"1024 bytes after NFC, more before", preset, strings.Repeat("e\u0301", 512), ""},
		{"common", preset, "password", password.CodeTooCommon},
		{"common in capitals", preset, "QwertyUIOP", password.CodeTooCommon},
		{"common, allowed", password.Standard{AllowCommon: true}, "password", ""},
		{"the e-mail address", preset, "ada.lovelace@example.com", password.CodeTooSimilar},
		{"its local part", preset, "ADA.Lovelace", password.CodeTooSimilar},
		{"more than its local part", preset, "ada.lovelace1", ""},
		{"the name", preset, "ren\u00e9 magritte", password.CodeTooSimilar},
		{"the name, decomposed", preset, "Rene\u0301 Magritte", password.CodeTooSimilar},
		{"not UTF-8", preset, "gzvxkwpq\xff", password.CodeInvalid},
		{"NUL", preset, "gzvx\x00kwpq", password.CodeInvalid},
		{"own minimum", password.Standard{MinLength: 12}, "gzvxkwpqabc", password.CodeTooShort},
		{"own minimum, met", password.Standard{MinLength: 12}, "gzvxkwpqabcd", ""},
		{"lower minimum", password.Standard{MinLength: 4}, "gzvx", ""},
		{"own maximum", password.Standard{MaxLength: 9}, "gzvxkwpqab", password.CodeTooLong},
		{"own maximum, met", password.Standard{MaxLength: 9}, "gzvxkwpqa", ""},
		{"negative means the preset", password.Standard{MinLength: -1, MaxLength: -1}, "gzvxkwp", password.CodeTooShort},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			err := test.policy.Check(test.plain, about...)
			if got := codeOf(t, err); got != test.code {
				t.Fatalf("Check(%q) = %v, want the code %q", test.plain, err, test.code)
			}
		})
	}
}

func TestPolicyErrorHidesPassword(t *testing.T) {
	t.Parallel()
	for _, plain := range []string{"qwertyuiop", "hunter2", "swordfish\x00", strings.Repeat("swordfish", 200)} {
		err := password.Standard{}.Check(plain)
		refused, ok := errors.AsType[*password.PolicyError](err)
		if !ok {
			t.Fatalf("Check(%q) = %v, want a *PolicyError", plain, err)
		}
		if strings.Contains(refused.Message+refused.Error(), plain) || refused.Message == "" {
			t.Errorf("message %q, error %q", refused.Message, refused.Error())
		}
	}
}

func codeOf(t *testing.T, err error) string {
	t.Helper()
	if err == nil {
		return ""
	}
	refused, ok := errors.AsType[*password.PolicyError](err)
	if !ok {
		t.Fatalf("%v is a %T, want a *PolicyError", err, err)
	}
	return refused.Code
}
