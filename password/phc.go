package password

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
)

const (
	maxSaltBytes = 256
	maxTagBytes  = 512
	minTagBytes  = 16 // a shorter tag can be met by chance or by search
)

// cutFields splits the part of a PHC string behind its identifier into exactly n fields.
func cutFields(rest string, n int) ([]string, error) {
	fields := strings.SplitN(rest, "$", n+1)
	if len(fields) != n {
		return nil, fmt.Errorf("%w: %d fields, not %d", ErrUnknownHash, len(fields), n)
	}
	return fields, nil
}

// numbers reads parameters such as "m=19456,t=2,p=1", which must have exactly these names in this order.
func numbers(text string, names ...string) ([]int, error) {
	parts := strings.SplitN(text, ",", len(names)+1)
	if len(parts) != len(names) {
		return nil, fmt.Errorf("%w: parameters other than %s", ErrUnknownHash, strings.Join(names, ","))
	}
	values := make([]int, len(names))
	for i, name := range names {
		digits, ok := strings.CutPrefix(parts[i], name+"=")
		if !ok {
			return nil, fmt.Errorf("%w: no parameter %s", ErrUnknownHash, name)
		}
		value, err := number(digits)
		if err != nil {
			return nil, err
		}
		values[i] = value
	}
	return values, nil
}

// number reads a positive decimal. One that is longer than any limit is refused for its size, so that the product of
// two fits 64 bits.
func number(digits string) (int, error) {
	isNotDigit := func(r rune) bool { return r < '0' || r > '9' }
	if digits == "" || digits[0] == '0' || strings.ContainsFunc(digits, isNotDigit) {
		return 0, fmt.Errorf("%w: a parameter is not a positive decimal", ErrUnknownHash)
	}
	if len(digits) > 9 {
		return 0, fmt.Errorf("%w: a parameter of %d digits", ErrTooCostly, len(digits))
	}
	return strconv.Atoi(digits)
}

// saltAndTag decodes both, and checks their lengths before.
func saltAndTag(salt, tag string, minSalt int) (saltBytes, tagBytes []byte, err error) {
	if saltBytes, err = decode("salt", salt, minSalt, maxSaltBytes); err != nil {
		return nil, nil, err
	}
	if tagBytes, err = decode("tag", tag, minTagBytes, maxTagBytes); err != nil {
		return nil, nil, err
	}
	return saltBytes, tagBytes, nil
}

func decode(name, text string, minLen, maxLen int) ([]byte, error) {
	length := base64.RawStdEncoding.DecodedLen(len(text))
	if length > maxLen {
		return nil, fmt.Errorf("%w: a %s of %d bytes, limit %d", ErrTooCostly, name, length, maxLen)
	}
	if length < minLen {
		return nil, fmt.Errorf("%w: a %s of %d bytes, at least %d", ErrUnknownHash, name, length, minLen)
	}
	// The decoder skips line ends, which would let the length be less than was checked.
	decoded, err := base64.RawStdEncoding.DecodeString(text)
	if err != nil || len(decoded) != length {
		return nil, fmt.Errorf("%w: the %s is not base64 without padding", ErrUnknownHash, name)
	}
	return decoded, nil
}
