package password

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
func (e *PolicyError) Error() string { panic("declared") }

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

// Check implements [Policy]. The error is always a [*PolicyError].
func (s Standard) Check(password string, about ...string) error { panic("declared") }
