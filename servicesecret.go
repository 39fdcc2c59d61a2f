package jeton

import (
	"crypto/rand"
	"encoding/binary"
	"hash/crc32"
	"strings"
)

// The secret of a service client is the prefix and the base64url form of 32 random bytes and the CRC-32 of these. As with a refresh
// token, the prefix and the checksum are for secret scanners and typing errors: what does not fit was never a secret.
const (
	servicePrefix      = "jcs_"
	serviceSecretBytes = 32 + 4
)

func newServiceSecret() string {
	b := make([]byte, serviceSecretBytes-4, serviceSecretBytes)
	rand.Read(b)
	b = binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b))
	return servicePrefix + refreshEncoding.EncodeToString(b)
}

// isServiceSecret reports whether s has the form of a secret.
func isServiceSecret(s string) bool {
	encoded, ok := strings.CutPrefix(s, servicePrefix)
	if !ok || len(encoded) != refreshEncoding.EncodedLen(serviceSecretBytes) || strings.ContainsAny(encoded, "\r\n") {
		return false
	}
	b, err := refreshEncoding.DecodeString(encoded)
	if err != nil || len(b) != serviceSecretBytes {
		return false
	}
	body, sum := b[:serviceSecretBytes-4], b[serviceSecretBytes-4:]
	return crc32.ChecksumIEEE(body) == binary.BigEndian.Uint32(sum)
}
