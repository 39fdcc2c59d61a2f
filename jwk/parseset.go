package jwk

// ParseSet reads a JWK Set (RFC 7517, section 5) of at most 1 MiB and 1,000 keys, in which every key must be good, as
// [Parse] says, and the set too, as [NewSet] says; private parts are kept. It is for one's own files. For sets of others
// use [ParsePublicSet].
func ParseSet(data []byte) (*Set, error) { panic("declared") }

// ParsePublicSet reads somebody else's JWK Set of at most 1 MiB and 1,000 keys. Keys that cannot be used for verifying,
// because they are of an unknown type, for encryption, too weak, RSA keys of more than 8192 bits, secret, malformed, or
// have the id of a key before them, are skipped, and skipped says why for each; private parts are dropped. err is for
// data that is no JWK Set at all. The set may be empty.
func ParsePublicSet(data []byte) (set *Set, skipped []error, err error) { panic("declared") }
