package password

import (
	"cmp"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"

	"golang.org/x/crypto/argon2"
)

const (
	defaultMemory  = 19 << 10 // KiB
	defaultTime    = 2
	defaultThreads = 1
	saltBytes      = 16
	tagBytes       = 32

	maxArgon2Memory = 256 << 10 // KiB
	maxArgon2Work   = 1 << 20   // KiB, memory times passes
	maxArgon2Lanes  = 64
	minArgon2Salt   = 8
)

// Argon2id is the default [Hasher] (RFC 9106). Its zero value has parameters that OWASP's Password Storage Cheat Sheet
// recommends: 19 MiB, two passes, one thread. More memory or time costs an attacker more, and the server as much on
// each sign-in.
//
// Hash writes strings such as "$argon2id$v=19$m=19456,t=2,p=1$salt$tag", with a random salt of 16 bytes and a tag of
// 32, of the NFC form of the password. Check reads all the forms that the package names, and asks to upgrade whatever
// Hash would not write today. Fields out of their range are an error of both, so that one Hash at start finds them.
type Argon2id struct {
	// Memory is in KiB: at least 8 times Threads, at most 262144 (256 MiB). Zero means 19456 (19 MiB).
	Memory uint32
	// Time is the number of passes over the memory. Memory times Time is at most 1048576 KiB. Zero means 2.
	Time uint32
	// Threads is the number of lanes that are filled in parallel, at most 64. Zero means 1.
	Threads uint8
}

var _ Hasher = Argon2id{}

// Hash returns a new hash of the NFC form of password. The only error is for fields out of their range.
func (a Argon2id) Hash(password string) (string, error) {
	cost, err := a.cost()
	if err != nil {
		return "", err
	}
	salt := make([]byte, saltBytes)
	rand.Read(salt) // never fails: it ends the program instead
	tag := cost.derive("argon2id", Normalize(password), salt, tagBytes)
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, cost.memory, cost.time, cost.threads,
		base64.RawStdEncoding.EncodeToString(salt), base64.RawStdEncoding.EncodeToString(tag)), nil
}

// Check compares password with a hash of any form that the package names. The errors are [ErrUnknownHash],
// [ErrTooCostly], and that of fields out of their range.
//
// It takes one derivation of the hash's own cost. Only a password that is not in NFC, as no ASCII password is, takes a
// second one if the first does not match: raw bytes, then NFC, or the other way round where the hash has today's
// parameters. A password that bcrypt cannot tell from others, longer than 72 bytes or with a NUL, takes as long as any
// other and never matches.
func (a Argon2id) Check(hash, password string) (Result, error) {
	cost, err := a.cost()
	if err != nil {
		return Result{}, err
	}
	stored, err := parse(hash)
	if err != nil {
		return Result{}, err
	}
	forms := []string{password, Normalize(password)}
	todays := cost.wrote(stored)
	if todays {
		forms[0], forms[1] = forms[1], forms[0]
	}
	i, err := firstMatch(stored, forms...)
	if err != nil || i < 0 {
		return Result{}, err
	}
	return Result{Match: true, Upgrade: !todays || i > 0}, nil
}

// cost applies the defaults and validates.
func (a Argon2id) cost() (argon2Cost, error) {
	c := argon2Cost{
		memory:  cmp.Or(a.Memory, defaultMemory),
		time:    cmp.Or(a.Time, defaultTime),
		threads: cmp.Or(a.Threads, defaultThreads),
	}
	switch {
	case c.threads > maxArgon2Lanes:
		return c, fmt.Errorf("password: Argon2id.Threads must be at most %d, not %d", maxArgon2Lanes, c.threads)
	case c.memory < 8*uint32(c.threads) || c.memory > maxArgon2Memory:
		return c, fmt.Errorf("password: Argon2id.Memory must be from 8 times Threads to %d KiB, not %d",
			maxArgon2Memory, c.memory)
	case uint64(c.memory)*uint64(c.time) > maxArgon2Work:
		return c, fmt.Errorf("password: Argon2id.Time times Memory must be at most %d KiB, not %d",
			maxArgon2Work, uint64(c.memory)*uint64(c.time))
	}
	return c, nil
}

// argon2Cost is what a derivation costs.
type argon2Cost struct {
	memory, time uint32
	threads      uint8
}

func (c argon2Cost) derive(variant, password string, salt []byte, length int) []byte {
	derive := argon2.IDKey
	if variant == "argon2i" {
		derive = argon2.Key
	}
	return derive([]byte(password), salt, c.time, c.memory, c.threads, uint32(length))
}

// wrote reports whether a hash is one that Hash writes at this cost.
func (c argon2Cost) wrote(hash storedHash) bool {
	h, ok := hash.(argon2Hash)
	return ok && h.variant == "argon2id" && h.cost == c && len(h.salt) == saltBytes && len(h.tag) == tagBytes
}

type argon2Hash struct {
	variant   string
	cost      argon2Cost
	salt, tag []byte
}

func (h argon2Hash) scheme() string { return h.variant }

func (h argon2Hash) matches(password string) (bool, error) {
	tag := h.cost.derive(h.variant, password, h.salt, len(h.tag))
	return subtle.ConstantTimeCompare(tag, h.tag) == 1, nil
}

func parseArgon2(variant, rest string) (storedHash, error) {
	fields, err := cutFields(rest, 4)
	if err != nil {
		return nil, err
	}
	if fields[0] != "v=19" {
		return nil, fmt.Errorf("%w: Argon2 of a version other than 19", ErrUnknownHash)
	}
	cost, err := parseArgon2Cost(fields[1])
	if err != nil {
		return nil, err
	}
	salt, tag, err := saltAndTag(fields[2], fields[3], minArgon2Salt)
	if err != nil {
		return nil, err
	}
	return argon2Hash{variant: variant, cost: cost, salt: salt, tag: tag}, nil
}

func parseArgon2Cost(text string) (argon2Cost, error) {
	n, err := numbers(text, "m", "t", "p")
	if err != nil {
		return argon2Cost{}, err
	}
	memory, time, lanes := n[0], n[1], n[2]
	switch {
	case memory > maxArgon2Memory || lanes > maxArgon2Lanes || int64(memory)*int64(time) > maxArgon2Work:
		return argon2Cost{}, fmt.Errorf("%w: Argon2 with m=%d,t=%d,p=%d", ErrTooCostly, memory, time, lanes)
	case memory < 8*lanes:
		return argon2Cost{}, fmt.Errorf("%w: Argon2 with less than 8 KiB a lane", ErrUnknownHash)
	}
	return argon2Cost{memory: uint32(memory), time: uint32(time), threads: uint8(lanes)}, nil
}
