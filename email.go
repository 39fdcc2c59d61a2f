package jeton

// EmailKey returns the form in which an e-mail address is looked up and unique: trimmed, NFC, lower case, with the
// domain in ASCII (IDNA), at most 254 bytes. ok is false for what is no address. Quoted local parts, comments and address
// literals (RFC 5322) are not accepted.
func EmailKey(address string) (key string, ok bool) { panic("declared") }
