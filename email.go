package jeton

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"
)

// maxEmail is the longest address in bytes (RFC 5321, section 4.5.3.1.3, less the angle brackets).
const maxEmail = 254

// EmailKey returns the form in which an e-mail address is looked up and unique: trimmed, NFC, lower case, with the
// domain in ASCII (IDNA), at most 254 bytes. ok is false for what is no address. Quoted local parts, comments and address
// literals (RFC 5322) are not accepted.
func EmailKey(address string) (key string, ok bool) {
	if len(address) > 2*maxEmail || !utf8.ValidString(address) {
		return "", false
	}
	address = strings.TrimSpace(address)
	at := strings.LastIndexByte(address, '@')
	if at < 1 {
		return "", false
	}
	local := norm.NFC.String(strings.ToLower(norm.NFC.String(address[:at])))
	if len(local) > 64 || strings.ContainsFunc(local, notInLocalPart) {
		return "", false
	}
	domain, err := idna.Lookup.ToASCII(address[at+1:])
	if err != nil || !isDomain(domain) {
		return "", false
	}
	key = local + "@" + domain
	return key, len(key) <= maxEmail
}

func notInLocalPart(r rune) bool {
	return !unicode.IsPrint(r) || unicode.IsSpace(r) || strings.ContainsRune(`"(),:;<>@[\]`, r)
}

func isDomain(domain string) bool {
	if domain == "" || len(domain) > 253 {
		return false
	}
	for label := range strings.SplitSeq(domain, ".") {
		if label == "" || len(label) > 63 {
			return false
		}
	}
	return true
}
