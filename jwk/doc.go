// Package jwk owns keys and key sets: it generates, parses and publishes them, finds them by id, and signs and
// verifies with them. It does no network I/O; only [LoadOrCreate] touches a file.
//
// A [Key] is for one algorithm. The key decides the algorithm, never the token: [Key.Verify] refuses an algorithm
// that is not the key's, so an RSA public key can never check an HMAC (RFC 8725, section 3.1). Keys are checked when
// they are made: RSA moduli have at least 2048 bits, HMAC secrets are at least as long as the hash and no known
// sample, points are on their curve.
//
// A private part never leaves a Key by accident: printing, logging and marshalling a Key show its public part only.
package jwk
