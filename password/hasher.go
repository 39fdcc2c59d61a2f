package password

import (
	"errors"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"
)

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
func Scheme(hash string) string {
	h, err := parse(hash)
	if err != nil {
		return ""
	}
	return h.scheme()
}

// Normalize returns the NFC form of password (Unicode Standard Annex #15), which is what [Argon2id] hashes.
func Normalize(password string) string { return norm.NFC.String(password) }

// storedHash is a hash that was read: its scheme, and parameters within the limits.
type storedHash interface {
	scheme() string
	// matches derives once from password, whatever the outcome, and compares in constant time.
	matches(password string) (bool, error)
}

func parse(hash string) (storedHash, error) {
	id, rest, ok := strings.Cut(strings.TrimPrefix(hash, "$"), "$")
	if !ok || !strings.HasPrefix(hash, "$") {
		return nil, ErrUnknownHash
	}
	switch id {
	case "argon2id", "argon2i":
		return parseArgon2(id, rest)
	case "2a", "2b", "2y":
		return parseBcrypt(hash)
	case "scrypt":
		return parseScrypt(rest)
	case "pbkdf2", "pbkdf2-sha1", "pbkdf2-sha256", "pbkdf2-sha512":
		return parsePBKDF2(id, rest)
	default:
		return nil, ErrUnknownHash
	}
}

// firstMatch returns the index of the first of the password's forms that matches, or -1. Equal neighbours cost one
// derivation.
func firstMatch(hash storedHash, forms ...string) (int, error) {
	for i, form := range slices.Compact(forms) {
		match, err := hash.matches(form)
		if err != nil {
			return -1, err
		}
		if match {
			return i, nil
		}
	}
	return -1, nil
}
