package jwk

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
)

// checkSecret refuses secrets shorter than size bytes, and those that somebody else knows or guesses at once.
func checkSecret(secret []byte, size int) error {
	// HMAC itself pads with zero bytes: "secret" and "secret\x00\x00" are one key.
	core := bytes.TrimRight(secret, "\x00")
	switch {
	case len(secret) < size:
		return fmt.Errorf("%w: the secret has %d bytes, not at least the %d of the hash", ErrWeakKey, len(secret), size)
	case len(core) < size/2:
		return fmt.Errorf("%w: the secret is mostly zero bytes", ErrWeakKey)
	case shortestPeriod(core) <= maxWeakPeriod:
		return fmt.Errorf("%w: the secret repeats a pattern of at most %d bytes", ErrWeakKey, maxWeakPeriod)
	case slices.Contains(publishedSecrets[:], string(core)):
		return fmt.Errorf("%w: the secret is a published sample", ErrWeakKey)
	case isPlaceholder(string(core)):
		return fmt.Errorf("%w: the secret is a placeholder", ErrWeakKey)
	}
	return nil
}

// maxWeakPeriod is the longest pattern, in bytes, whose repetition makes no secret: 16 bytes are half of what the
// shortest hash asks for.
const maxWeakPeriod = 16

// shortestPeriod returns the least p so that each byte of b equals the one p places before it: 1 for "aaaa", 2 for
// "ababa", len(b) if nothing repeats. It is len(b) minus the longest proper border (Knuth, Morris and Pratt).
func shortestPeriod(b []byte) int {
	if len(b) == 0 {
		return 0
	}
	border := make([]int, len(b))
	for i := 1; i < len(b); i++ {
		n := border[i-1]
		for n > 0 && b[i] != b[n] {
			n = border[n-1]
		}
		if b[i] == b[n] {
			n++
		}
		border[i] = n
	}
	return len(b) - border[len(b)-1]
}

// publishedSecrets are sample keys long enough for an HMAC that are printed where many read them.
var publishedSecrets = [...]string{
	// RFC 7515, appendix A.1; RFC 7517, appendix A.3.
	"\x03\x23\x35\x4b\x2b\x0f\xa5\xbc\x83\x7e\x06\x65\x77\x7b\xa6\x8f\x5a\xb3\x28\xe6\xf0\x54\xc9\x28\xa9\x0f\x84\xb2\xd2\x50\x2e\xbf" +
		"\xd3\xfb\x5a\x92\xd2\x06\x47\xef\x96\x8a\xb4\xc3\x77\x62\x3d\x22\x3d\x2e\x21\x72\x05\x2e\x4f\x08\xc0\xcd\x9a\xf5\x67\xd0\x80\xa3",
	// The same, used as text by who did not decode it.
	"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow",
	"abcdefghijklmnopqrstuvwxyz0123456789",
	"abcdefghijklmnopqrstuvwxyz123456",
	"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
	"ABCDEFGHIJKLMNOPQRSTUVWXYZ123456",
}

// isPlaceholder reports whether secret is text that consists of the words people write where a secret should go, such
// as "your-256-bit-secret" or "MySuperSecretKey_ChangeMe_InProduction": letters that split into such words without a
// rest, around at most 16 digits. A random text does not split so.
func isPlaceholder(secret string) bool {
	var words strings.Builder
	digits := 0
	for i := range len(secret) {
		switch c := secret[i]; {
		case c >= 'a' && c <= 'z':
			words.WriteByte(c)
		case c >= 'A' && c <= 'Z':
			words.WriteByte(c - 'A' + 'a')
		case c >= '0' && c <= '9':
			digits++
		case c < ' ' || c > '~':
			return false
		}
	}
	return digits <= 16 && words.Len() > 0 && words.Len() <= 512 && splitsIntoPlaceholders(words.String())
}

// splitsIntoPlaceholders reports whether text is placeholderWords one after the other.
func splitsIntoPlaceholders(text string) bool {
	reached := make([]bool, len(text)+1)
	reached[0] = true
	for i := range text {
		if !reached[i] {
			continue
		}
		for _, word := range placeholderWords {
			if strings.HasPrefix(text[i:], word) {
				reached[i+len(word)] = true
			}
		}
	}
	return reached[len(text)]
}

var placeholderWords = [...]string{
	"a", "access", "an", "and", "any", "app", "at", "auth", "be", "before", "bit", "bits", "byte", "bytes", "change", "changed",
	"changeit", "char", "character", "characters", "chars", "code", "default", "demo", "deploy", "deploying", "dev",
	"development", "do", "dummy", "enter", "env", "example", "fixme", "foobar", "for", "generate", "generated", "here", "hmac",
	"hs", "in", "insecure", "insert", "is", "it", "jeton", "jwt", "key", "keyboard", "cat", "least", "local", "localhost", "long",
	"longer", "lorem", "ipsum", "me", "minimum", "more", "must", "my", "needs", "not", "of", "one", "only", "or", "pass",
	"passphrase", "password", "phrase", "placeholder", "please", "private", "prod", "production", "put", "qwerty",
	"random", "real", "refresh", "replace", "sample", "secret", "secrets", "secure", "set", "should", "sign", "signing", "some",
	"something", "string", "strong", "super", "test", "testing", "text", "than", "that", "the", "then", "this", "to", "todo",
	"token", "top", "unsafe", "use", "used", "using", "valid", "value", "very", "which", "with", "xxx", "you", "your",
}
