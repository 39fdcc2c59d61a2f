package password

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

const (
	defaultMinLength = 8
	defaultMaxLength = 1024
)

// The codes of a [PolicyError].
const (
	CodeTooShort   = "too_short"   // fewer characters than the policy asks for
	CodeTooLong    = "too_long"    // more bytes than the policy admits
	CodeTooCommon  = "too_common"  // among the common passwords
	CodeTooSimilar = "too_similar" // equal to what is known of the user
	CodeInvalid    = "invalid"     // not UTF-8, or with a NUL
)

// Policy decides whether a password may be set. It is asked on sign-up and when a password is changed, never at
// sign-in.
type Policy interface {
	// Check returns nil, or a [*PolicyError] when the password may not be set. about holds what an attacker would guess
	// for this user, such as the e-mail address and the name.
	Check(password string, about ...string) error
}

// PolicyError says why a password may not be set. It never contains the password.
type PolicyError struct {
	// Code is for programs: one of this package's codes, or a policy's own.
	Code string
	// Message is for the end user: a plain sentence or two.
	Message string
}

// Error returns the code, for logs.
func (e *PolicyError) Error() string { return "password: refused by the policy: " + e.Code }

// Standard is the default [Policy]. It has no composition rules, which NIST SP 800-63B rules out: a password only has
// to be long enough, not absurdly long, not [Common], and not equal to what is known of the user. All is compared in
// NFC and regardless of case. For an e-mail address, the part before the "@" counts too.
type Standard struct {
	// MinLength is in characters (Unicode code points, after NFC). Zero or less means 8. The common passwords all have
	// at least 8, so a lower one lets short common ones through.
	MinLength int
	// MaxLength is in bytes (UTF-8, after NFC). Zero or less means 1024.
	MaxLength int
	// AllowCommon leaves out the list of common passwords, for a policy that knows better.
	AllowCommon bool
}

var _ Policy = Standard{}

// Check implements [Policy]. The error is always a [*PolicyError].
func (s Standard) Check(password string, about ...string) error {
	if !utf8.ValidString(password) || strings.Contains(password, "\x00") {
		return &PolicyError{Code: CodeInvalid, Message: "The password contains characters that cannot be used."}
	}
	password = Normalize(password)
	least, most := orDefault(s.MinLength, defaultMinLength), orDefault(s.MaxLength, defaultMaxLength)
	switch {
	case utf8.RuneCountInString(password) < least:
		return &PolicyError{Code: CodeTooShort, Message: fmt.Sprintf(
			"The password is too short. It must have at least %d characters.", least)}
	case len(password) > most:
		return &PolicyError{Code: CodeTooLong, Message: fmt.Sprintf(
			"The password is too long. It must have at most %d bytes: plain letters and digits are one each.", most)}
	case !s.AllowCommon && Common(password):
		return &PolicyError{
			Code:    CodeTooCommon,
			Message: "Many people use this password, so it is easy to guess. Choose another one.",
		}
	case similar(password, about):
		return &PolicyError{
			Code:    CodeTooSimilar,
			Message: "The password is too easy to guess from your e-mail address or name. Choose another one.",
		}
	}
	return nil
}

func similar(password string, about []string) bool {
	folded := fold(password)
	for _, word := range about {
		word = fold(strings.TrimSpace(word))
		local := word[:max(0, strings.LastIndexByte(word, '@'))]
		if folded == word || folded == local {
			return true
		}
	}
	return false
}

// fold makes strings equal that differ only in case or in Unicode form.
func fold(text string) string { return Normalize(strings.ToLower(Normalize(text))) }

func orDefault(value, preset int) int {
	if value <= 0 {
		return preset
	}
	return value
}
