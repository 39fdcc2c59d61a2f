package main

import (
	"crypto/pbkdf2"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	"github.com/jetonauth/jeton/password"
)

// Hasher checks passwords that the application hashed before jeton came, and asks for each to be hashed anew when its owner next
// signs in. All others are Argon2id's, whose fields say what they cost.
//
// An old hash is "sha256-iterated:", the number of iterations, the salt as it is and PBKDF2's tag in hexadecimal, with
// colons between. (Hashes that package password knows need no Hasher of one's own: see there.)
type Hasher struct{ password.Argon2id }

var _ password.Hasher = Hasher{}

const (
	oldPrefix     = "sha256-iterated:"
	maxIterations = 1_000_000 // a hash may come from outside, and must not keep a processor for minutes
)

// Check is Argon2id's, but for old hashes.
func (h Hasher) Check(hash, plain string) (password.Result, error) {
	old, ok := strings.CutPrefix(hash, oldPrefix)
	if !ok {
		return h.Argon2id.Check(hash, plain)
	}
	iterations, salt, want, err := parseOld(old)
	if err != nil {
		return password.Result{}, err
	}
	got, err := pbkdf2.Key(sha256.New, plain, []byte(salt), iterations, len(want))
	if err != nil {
		return password.Result{}, err
	}
	match := subtle.ConstantTimeCompare(got, want) == 1
	return password.Result{Match: match, Upgrade: match}, nil
}

func parseOld(text string) (iterations int, salt string, tag []byte, err error) {
	count, rest, _ := strings.Cut(text, ":")
	salt, hexTag, ok := strings.Cut(rest, ":")
	iterations, countErr := strconv.Atoi(count)
	tag, tagErr := hex.DecodeString(hexTag)
	switch {
	case !ok || countErr != nil || tagErr != nil || iterations < 1 || salt == "" || len(tag) != sha256.Size:
		return 0, "", nil, fmt.Errorf("%w: not iterations, salt and tag", password.ErrUnknownHash)
	case iterations > maxIterations:
		return 0, "", nil, fmt.Errorf("%w: %d iterations", password.ErrTooCostly, iterations)
	}
	return iterations, salt, tag, nil
}

// oldHash is how the application hashed passwords before.
func oldHash(plain, salt string, iterations int) (string, error) {
	tag, err := pbkdf2.Key(sha256.New, plain, []byte(salt), iterations, sha256.Size)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%s%d:%s:%x", oldPrefix, iterations, salt, tag), nil
}
