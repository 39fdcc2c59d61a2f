package foal

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"strings"
	"unicode/utf16"
)

// decodeSecret returns the bytes of a secret that is written in one of Node.js' encodings. Where Node.js would pass over what does not belong,
// or stop at it, this is an error. It never has the secret in it.
func decodeSecret(secret, encoding string) ([]byte, error) {
	switch strings.ToLower(encoding) {
	case "", "utf8", "utf-8":
		return []byte(secret), nil
	case "base64", "base64url":
		return decodeBase64(secret)
	case "hex":
		decoded, err := hex.DecodeString(secret)
		if err != nil {
			return nil, errors.New("the secret is not hexadecimal")
		}
		return decoded, nil
	case "latin1", "binary", "ascii":
		return decodeLatin1(secret)
	case "utf16le", "utf-16le", "ucs2", "ucs-2":
		var decoded []byte
		for _, unit := range utf16.Encode([]rune(secret)) {
			decoded = binary.LittleEndian.AppendUint16(decoded, unit)
		}
		return decoded, nil
	default:
		return nil, errors.New("it may be utf8, base64, base64url, hex, latin1 or utf16le")
	}
}

// decodeBase64 reads both alphabets, with or without padding, as Node.js does.
func decodeBase64(secret string) ([]byte, error) {
	text := strings.TrimRight(strings.NewReplacer("+", "-", "/", "_").Replace(secret), "=")
	decoded, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || strings.ContainsAny(text, "\r\n") {
		return nil, errors.New("the secret is not base64")
	}
	return decoded, nil
}

func decodeLatin1(secret string) ([]byte, error) {
	var decoded []byte
	for _, c := range secret {
		if c > 0xff {
			return nil, errors.New("the secret has characters beyond latin1")
		}
		decoded = append(decoded, byte(c))
	}
	return decoded, nil
}
