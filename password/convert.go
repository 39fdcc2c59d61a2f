package password

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"math/bits"
	"strings"
)

// Convert returns hash in a form that [Argon2id] checks, for accounts that another system has kept. What has such a form stays as
// it is; the following are rewritten, with the same salt and tag:
//
//	pbkdf2_sha256$600000$salt$tag               Django; also pbkdf2_sha1. The salt is text, the tag base64
//	argon2$argon2id$v=19$m=102400,t=2,p=8$…     Django; also argon2i
//	bcrypt$$2b$12$…                             Django's BCryptPasswordHasher
//	scrypt$16384$salt$8$1$tag                   Django: N, the salt as text, r, p, and the tag as base64
//	pbkdf2:sha256:600000$salt$tag               Werkzeug (Flask); also sha1 and sha512. The salt is text, the tag hexadecimal
//	scrypt:32768:8:1$salt$tag                   Werkzeug: N, r, p; the same
//
// The errors are [ErrUnknownHash] and [ErrTooCostly] with what is wrong, never with the hash. It does no costly work.
func Convert(hash string) (string, error) {
	converted, err := rewrite(hash)
	if err == nil {
		_, err = parse(converted)
	}
	if err != nil {
		return "", explained(hash, err)
	}
	return converted, nil
}

// unreadable are beginnings of hashes that are well known, and cannot be rewritten.
var unreadable = map[string]string{
	"$P$":             "phpass, of WordPress and others",
	"$H$":             "phpass, of phpBB and others",
	"$S$":             "phpass with SHA-512, of Drupal",
	"$wp$":            "bcrypt of an HMAC of the password, of WordPress",
	"$1$":             "MD5 crypt",
	"$5$":             "SHA-256 crypt",
	"$6$":             "SHA-512 crypt",
	"$2x$":            "bcrypt with a known error",
	"$bcrypt-sha256$": "bcrypt of an HMAC of the password, of Passlib",
	"bcrypt_sha256$":  "bcrypt of a hash of the password, of Django",
	"md5$":            "salted MD5, of Django",
	"sha1$":           "salted SHA-1, of Django",
	"!":               "Django's mark of an account without a password, which here is an empty hash",
}

// explained says what a hash is that is well known, and otherwise returns err.
func explained(hash string, err error) error {
	for beginning, what := range unreadable {
		if strings.HasPrefix(hash, beginning) {
			return fmt.Errorf("%w: %s", ErrUnknownHash, what)
		}
	}
	return err
}

func rewrite(hash string) (string, error) {
	scheme, rest, _ := strings.Cut(hash, "$")
	switch {
	case scheme == "argon2" && strings.HasPrefix(rest, "argon2"):
		return "$" + rest, nil
	case scheme == "bcrypt" && strings.HasPrefix(rest, "$2"):
		return rest, nil
	case scheme == "pbkdf2_sha256", scheme == "pbkdf2_sha1":
		return djangoPBKDF2(strings.TrimPrefix(scheme, "pbkdf2_"), rest)
	case scheme == "scrypt":
		return djangoScrypt(rest)
	case strings.HasPrefix(scheme, "pbkdf2:"), strings.HasPrefix(scheme, "scrypt:"):
		return werkzeug(scheme, rest)
	}
	return hash, nil
}

func djangoPBKDF2(digest, rest string) (string, error) {
	fields, err := cutFields(rest, 3)
	if err != nil {
		return "", err
	}
	return phc("pbkdf2-"+digest, "i="+fields[0], fields[1], strings.TrimRight(fields[2], "=")), nil
}

func djangoScrypt(rest string) (string, error) {
	fields, err := cutFields(rest, 5)
	if err != nil {
		return "", err
	}
	cost, err := scryptCost(fields[0], fields[2], fields[3])
	return phc("scrypt", cost, fields[1], strings.TrimRight(fields[4], "=")), err
}

// werkzeug reads a method such as "scrypt:32768:8:1", and behind it salt and tag.
func werkzeug(method, rest string) (string, error) {
	fields, err := cutFields(rest, 2)
	if err != nil {
		return "", err
	}
	tag, err := hex.DecodeString(fields[1])
	if err != nil {
		return "", fmt.Errorf("%w: the tag is not hexadecimal", ErrUnknownHash)
	}
	encoded := base64.RawStdEncoding.EncodeToString(tag)
	parts := strings.SplitN(method, ":", 5)
	switch {
	case parts[0] == "scrypt" && len(parts) == 4:
		cost, err := scryptCost(parts[1], parts[2], parts[3])
		return phc("scrypt", cost, fields[0], encoded), err
	case parts[0] == "pbkdf2" && len(parts) == 3:
		return phc("pbkdf2-"+parts[1], "i="+parts[2], fields[0], encoded), nil
	}
	return "", fmt.Errorf("%w: parameters other than Werkzeug's", ErrUnknownHash)
}

// scryptCost is the parameters of a PHC string, which has the logarithm of N.
func scryptCost(n, r, p string) (string, error) {
	size, err := number(n)
	if err != nil {
		return "", err
	}
	log := bits.TrailingZeros(uint(size))
	if size != 1<<log {
		return "", fmt.Errorf("%w: scrypt with an N that is no power of 2", ErrUnknownHash)
	}
	return fmt.Sprintf("ln=%d,r=%s,p=%s", log, r, p), nil
}

// phc joins a PHC string, whose salt is given as the text that it is.
func phc(id, parameters, salt, tag string) string {
	return "$" + id + "$" + parameters + "$" + base64.RawStdEncoding.EncodeToString([]byte(salt)) + "$" + tag
}
