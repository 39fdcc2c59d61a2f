package password

import "errors"

var (
	// ErrUnknownHash is for a hash that cannot be read: it is of no form that this package knows, or malformed.
	ErrUnknownHash = errors.New("password: hash of an unknown form")
	// ErrTooCostly is for a hash of a known form whose parameters exceed the limits of this package.
	ErrTooCostly = errors.New("password: hash exceeds the limits of cost")
)

// Hasher makes and checks password hashes. Implementations are safe for concurrent use.
type Hasher interface {
	// Hash returns a self-describing hash of password (a PHC string or crypt's form), with a new random salt.
	Hash(password string) (string, error)
	// Check reports whether password matches hash, and whether hash should be replaced. A hash that cannot be read is
	// [ErrUnknownHash], and one that costs too much to check is [ErrTooCostly]: neither is ever a match.
	Check(hash, password string) (Result, error)
}

// Result is the outcome of checking a password.
type Result struct {
	// Match is true for the right password.
	Match bool
	// Upgrade asks for the hash to be replaced by a new Hash of the password, because its scheme, its cost or the
	// Unicode form of the password in it is not today's. It is only ever true with Match.
	Upgrade bool
}

// Scheme returns the name of the scheme of a hash: "argon2id", "argon2i", "bcrypt", "scrypt", "pbkdf2-sha1",
// "pbkdf2-sha256" or "pbkdf2-sha512". It is empty for a hash that cannot be checked, since it is of an unknown form or
// exceeds the limits. It does no costly work.
func Scheme(hash string) string { panic("declared") }

// Normalize returns the NFC form of password (Unicode Standard Annex #15), which is what [Argon2id] hashes.
func Normalize(password string) string { panic("declared") }
