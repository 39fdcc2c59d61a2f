// Package jwt owns compact signed tokens (RFC 7515, RFC 7519): it signs and verifies them, reads their claims, and
// says why one is refused. It does no I/O and knows no users.
//
// Verifying is strict (RFC 8725): canonical unpadded base64url, one JSON object in each of header and payload, valid
// UTF-8, no duplicate member names, objects and arrays no deeper than 32, no trailing bytes, an unknown "crit" refused,
// encryption and compression refused, keys named in the token ignored, at most 16 KiB. Names are compared with their
// case. The order is length, three parts, header, key by "kid" with the algorithm from the key, signature, claims
// decoded, then "exp", "nbf", "iss", "aud", "typ", required claims; the first that fails is the reason. Nothing of the
// payload is decoded before its signature has been verified. A refused token yields a [*Refusal] and no claims.
//
// The registered claims must have the types of RFC 7519: "iss", "sub" and "jti" are strings, "aud" is a string or an
// array of strings, "exp", "nbf" and "iat" are numbers of seconds, fractions allowed, from 1970 to 9999. An "iat" in the
// future is no reason to refuse a token.
package jwt
