package password

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

// Hash returns a new hash of the NFC form of password. The only error is for fields out of their range.
func (a Argon2id) Hash(password string) (string, error) { panic("declared") }

// Check compares password with a hash of any form that the package names. The errors are [ErrUnknownHash],
// [ErrTooCostly], and that of fields out of their range.
//
// It takes one derivation of the hash's own cost. Only a password that is not in NFC, as no ASCII password is, takes a
// second one if the first does not match: raw bytes, then NFC, or the other way round where the hash has today's
// parameters. A password that bcrypt cannot tell from others, longer than 72 bytes or with a NUL, takes as long as any
// other and never matches.
func (a Argon2id) Check(hash, password string) (Result, error) { panic("declared") }
