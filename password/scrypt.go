package password

import (
	"crypto/subtle"
	"fmt"

	"golang.org/x/crypto/scrypt"
)

const (
	maxScryptMemory = 256 << 20 // bytes
	maxScryptWork   = 512 << 20 // bytes
	// Above these, ln and p are beyond maxScryptMemory by themselves. They keep the products within 64 bits.
	maxScryptLog   = 21
	maxScryptLanes = 1 << 21
)

type scryptHash struct {
	n, r, p   int
	salt, tag []byte
}

func (h scryptHash) scheme() string { return "scrypt" }

func (h scryptHash) matches(password string) (bool, error) {
	tag, err := scrypt.Key([]byte(password), h.salt, h.n, h.r, h.p, len(h.tag))
	if err != nil {
		return false, fmt.Errorf("password: checking scrypt: %w", err)
	}
	return subtle.ConstantTimeCompare(tag, h.tag) == 1, nil
}

func parseScrypt(rest string) (storedHash, error) {
	fields, err := cutFields(rest, 3)
	if err != nil {
		return nil, err
	}
	h, err := parseScryptCost(fields[0])
	if err != nil {
		return nil, err
	}
	if h.salt, h.tag, err = saltAndTag(fields[1], fields[2], 1); err != nil {
		return nil, err
	}
	return h, nil
}

func parseScryptCost(text string) (scryptHash, error) {
	values, err := numbers(text, "ln", "r", "p")
	if err != nil {
		return scryptHash{}, err
	}
	log, r, p := values[0], values[1], values[2]
	if log > maxScryptLog || p > maxScryptLanes ||
		scryptMemory(log, r, p) > maxScryptMemory || scryptWork(log, r, p) > maxScryptWork {
		return scryptHash{}, fmt.Errorf("%w: scrypt with ln=%d,r=%d,p=%d", ErrTooCostly, log, r, p)
	}
	return scryptHash{n: 1 << log, r: r, p: p}, nil
}

// scryptMemory is in bytes: the large table, a block for each lane, and two to work with.
func scryptMemory(log, r, p int) int64 { return 128 * int64(r) * (1<<log + int64(p) + 2) }

// scryptWork is the bytes that all lanes write to the large table.
func scryptWork(log, r, p int) int64 { return ((128 * int64(r)) << log) * int64(p) }
