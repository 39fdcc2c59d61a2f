package password

import (
	"crypto/pbkdf2"
	"crypto/sha1" //nolint:gosec // G505: within HMAC, and only to read what was imported
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	"fmt"
	"hash"
	"strings"
)

// maxPBKDF2Work bounds the iterations times the blocks of the tag, since each block is derived anew. Those of
// SHA-512 count twice.
const maxPBKDF2Work = 5_000_000

type pbkdf2Hash struct {
	digest     string // "sha1", "sha256" or "sha512"
	iterations int
	salt, tag  []byte
}

func (h pbkdf2Hash) scheme() string { return "pbkdf2-" + h.digest }

func (h pbkdf2Hash) matches(password string) (bool, error) {
	tag, err := pbkdf2.Key(h.newDigest(), password, h.salt, h.iterations, len(h.tag))
	if err != nil {
		return false, fmt.Errorf("password: checking PBKDF2: %w", err)
	}
	return subtle.ConstantTimeCompare(tag, h.tag) == 1, nil
}

func (h pbkdf2Hash) newDigest() func() hash.Hash {
	switch h.digest {
	case "sha256":
		return sha256.New
	case "sha512":
		return sha512.New
	default:
		return sha1.New // only ever read: imported hashes of it are upgraded
	}
}

func (h pbkdf2Hash) work() int64 {
	size := h.newDigest()().Size()
	blocks := (len(h.tag) + size - 1) / size
	work := int64(h.iterations) * int64(blocks)
	if h.digest == "sha512" {
		work *= 2
	}
	return work
}

func parsePBKDF2(id, rest string) (storedHash, error) {
	fields, err := cutFields(rest, 3)
	if err != nil {
		return nil, err
	}
	h := pbkdf2Hash{digest: "sha1"} // Passlib's "pbkdf2"
	if _, digest, ok := strings.Cut(id, "-"); ok {
		h.digest = digest
	}
	// Passlib writes "." for "+".
	salt, tag := strings.ReplaceAll(fields[1], ".", "+"), strings.ReplaceAll(fields[2], ".", "+")
	if h.salt, h.tag, err = saltAndTag(salt, tag, 1); err != nil {
		return nil, err
	}
	if h.iterations, err = parseIterations(fields[0], len(h.tag)); err != nil {
		return nil, err
	}
	if h.work() > maxPBKDF2Work {
		return nil, fmt.Errorf("%w: PBKDF2 with %d iterations and a tag of %d bytes", ErrTooCostly, h.iterations, len(h.tag))
	}
	return h, nil
}

// parseIterations reads "600000", "i=600000" or "i=600000,l=32", where l has to be the length of the tag.
func parseIterations(text string, tagLength int) (int, error) {
	if !strings.HasPrefix(text, "i=") {
		return number(text)
	}
	if !strings.Contains(text, ",") {
		values, err := numbers(text, "i")
		if err != nil {
			return 0, err
		}
		return values[0], nil
	}
	values, err := numbers(text, "i", "l")
	if err != nil {
		return 0, err
	}
	if values[1] != tagLength {
		return 0, fmt.Errorf("%w: PBKDF2 with l=%d and a tag of %d bytes", ErrUnknownHash, values[1], tagLength)
	}
	return values[0], nil
}
