package password

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
)

// Form returns a hash without its salt and with the length of its tag in place of the tag, such as
// "$argon2id$v=19$m=19456,t=2,p=1$43". Of a bcrypt hash it is "$2b$12$", also if that begins with $2a$ or $2y$. Hashes of one form take
// the same work to check. It is empty for a hash that cannot be checked, as with [Scheme].
func Form(hash string) string {
	stored, err := parse(hash)
	if err != nil {
		return ""
	}
	if _, ok := stored.(bcryptHash); ok {
		return bcryptForm + hash[len(bcryptForm):bcryptPrefix]
	}
	tag := strings.LastIndexByte(hash, '$') + 1
	salt := strings.LastIndexByte(hash[:tag-1], '$') + 1
	return hash[:salt] + strconv.Itoa(len(hash)-tag)
}

const (
	bcryptForm   = "$2b$"
	bcryptPrefix = len("$2b$12$")
)

// Decoy returns a hash of this form, with a salt and a tag that are random: no password matches it that anybody knows, and to find that
// out takes the same work as with any other hash of the form. The error is for what [Form] does not return: [ErrUnknownHash] or
// [ErrTooCostly].
func Decoy(form string) (string, error) {
	if strings.HasPrefix(form, bcryptForm) {
		return checked(form + randomOf(bcryptAlphabet, bcryptLength-bcryptPrefix))
	}
	last := strings.LastIndexByte(form, '$') + 1
	length, err := strconv.Atoi(form[last:])
	if err != nil || length < 0 || length > base64.RawStdEncoding.EncodedLen(maxTagBytes) {
		return "", fmt.Errorf("%w: it has no form", ErrUnknownHash)
	}
	salt, tag := make([]byte, saltBytes), make([]byte, base64.RawStdEncoding.DecodedLen(length))
	rand.Read(salt) // never fails: it ends the program instead
	rand.Read(tag)
	encode := base64.RawStdEncoding.EncodeToString
	return checked(form[:last] + encode(salt) + "$" + encode(tag))
}

func checked(hash string) (string, error) {
	if _, err := parse(hash); err != nil {
		return "", err
	}
	return hash, nil
}

// randomOf returns n letters of an alphabet of 64.
func randomOf(alphabet string, n int) string {
	letters := make([]byte, n)
	rand.Read(letters) // never fails: it ends the program instead
	for i, b := range letters {
		letters[i] = alphabet[b%64]
	}
	return string(letters)
}
