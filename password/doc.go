// Package password owns how passwords are kept and which may be set: hashing, checking, upgrading hashes that are not
// today's, a [Policy], and a list of 10,000 common passwords.
//
// [Argon2id] is the [Hasher] to use. Its zero value hashes as OWASP recommends, and it checks what other systems left
// behind, so that imported accounts keep their passwords and are moved to Argon2id when their owners next sign in.
//
// # Forms of a hash
//
//	$argon2id$v=19$m=19456,t=2,p=1$salt$tag     RFC 9106; also argon2i; version 19 only
//	$2b$12$…                                    bcrypt, 60 characters; also $2a$ and $2y$
//	$scrypt$ln=17,r=8,p=1$salt$tag              RFC 7914; ln is the base-2 logarithm of N
//	$pbkdf2-sha256$i=600000$salt$tag            RFC 8018 with HMAC; also sha1 and sha512
//	$pbkdf2-sha256$i=600000,l=32$salt$tag       the same; l is the length of the tag in bytes
//	$pbkdf2-sha256$29000$salt$tag               Passlib's form of it; Passlib's "pbkdf2" alone is sha1
//
// Parameters have the order shown, and are decimal without leading zeros. Salt and tag are standard base64 without
// padding; in PBKDF2 hashes a "." may stand for "+". Hashes of other forms can often be rewritten into one of these,
// since the salt and the tag are all there is to carry over: [Convert] does that for Django's and Werkzeug's.
//
// # Limits
//
// A hash can come from outside, with an import, and must not be able to exhaust the machine. What is beyond a limit is
// [ErrTooCostly] before any work is done. A hash at a limit takes one to three seconds on a common server:
//
//	Argon2     256 MiB, 64 lanes, and 1 GiB written: memory times passes
//	scrypt     256 MiB, and 512 MiB written: 128 bytes · N · r · p
//	PBKDF2     5,000,000 iterations, times the number of blocks of the tag; half of it for SHA-512
//	bcrypt     cost 15
//	all        salts of 256 bytes, tags of 512 bytes
//
// What is too short to be safe or sound is [ErrUnknownHash]: tags below 16 bytes, salts below 8 bytes for Argon2 and
// empty ones otherwise.
//
// # Unicode
//
// The same password can reach a server in different code points, depending on the keyboard and the system. Argon2id
// hashes its NFC form ([Normalize]). Imported hashes may be of the bytes as they were sent, so these are compared
// first, and then the NFC form if it differs.
package password
