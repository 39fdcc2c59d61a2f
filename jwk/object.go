package jwk

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"unicode/utf8"
)

// object is one JSON object. Its names are compared exactly, which decoding into a struct would not do.
type object map[string]json.RawMessage

// readObject reads data as one JSON object in valid UTF-8 with nothing behind it. At nesting levels 1 to levels no
// object may have two members of one name (RFC 7517, section 4, lets a parser refuse them; it would otherwise depend on
// the reader which one counts).
func readObject(data []byte, levels int) (object, error) {
	if !utf8.Valid(data) {
		return nil, fmt.Errorf("%w: not UTF-8", ErrInvalidKey)
	}
	if !json.Valid(data) {
		return nil, fmt.Errorf("%w: not JSON", ErrInvalidKey)
	}
	var o object
	if err := json.Unmarshal(data, &o); err != nil || o == nil {
		return nil, fmt.Errorf("%w: not a JSON object", ErrInvalidKey)
	}
	if err := checkNames(data, levels); err != nil {
		return nil, err
	}
	return o, nil
}

// allLevels makes [readObject] look at every object.
const allLevels = math.MaxInt

// checkNames walks over valid JSON.
func checkNames(data []byte, levels int) error {
	var (
		dec    = json.NewDecoder(bytes.NewReader(data))
		opened []map[string]bool // the names of each open object; nil for an array
		isName bool              // the next token is a name or ends the object
	)
	for {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%w: not JSON", ErrInvalidKey)
		}
		switch token {
		case json.Delim('{'):
			opened = append(opened, map[string]bool{})
		case json.Delim('['):
			opened = append(opened, nil)
		case json.Delim('}'), json.Delim(']'):
			opened = opened[:len(opened)-1]
		default:
			if name, ok := token.(string); ok && isName {
				names := opened[len(opened)-1]
				if names[name] && len(opened) <= levels {
					return fmt.Errorf("%w: two members are named %.40q", ErrInvalidKey, name)
				}
				names[name] = true
				isName = false
				continue
			}
		}
		isName = len(opened) > 0 && opened[len(opened)-1] != nil
	}
}

// text returns the string member name, which may be absent.
func (o object) text(name string) (value string, ok bool, err error) {
	raw, ok := o[name]
	if !ok {
		return "", false, nil
	}
	if len(raw) == 0 || raw[0] != '"' {
		return "", false, fmt.Errorf("%w: %q is not a string", ErrInvalidKey, name)
	}
	if err := json.Unmarshal(raw, &value); err != nil {
		return "", false, fmt.Errorf("%w: %q is not a string", ErrInvalidKey, name)
	}
	return value, true, nil
}

// texts returns the member name, an array of strings, which may be absent.
func (o object) texts(name string) (values []string, ok bool, err error) {
	raw, ok := o[name]
	if !ok {
		return nil, false, nil
	}
	if len(raw) == 0 || raw[0] != '[' || json.Unmarshal(raw, &values) != nil {
		return nil, false, fmt.Errorf("%w: %q is not an array of strings", ErrInvalidKey, name)
	}
	return values, true, nil
}

// bytes returns the member name, which must be there, decoded from base64url.
func (o object) bytes(name string) ([]byte, error) {
	value, ok, err := o.text(name)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, fmt.Errorf("%w: %q is missing", ErrInvalidKey, name)
	}
	b, err := decodeBytes(value)
	if err != nil {
		return nil, fmt.Errorf("%w: %q is not canonical base64url without padding", ErrInvalidKey, name)
	}
	return b, nil
}

// fixedBytes is bytes for a member of exactly size bytes (RFC 7518, sections 6.2.1.2 and 6.2.2.1; RFC 8037, section 2).
func (o object) fixedBytes(name string, size int) ([]byte, error) {
	b, err := o.bytes(name)
	if err == nil && len(b) != size {
		return nil, fmt.Errorf("%w: %q has %d bytes, not %d", ErrInvalidKey, name, len(b), size)
	}
	return b, err
}

// integerBytes is bytes for a Base64urlUInt (RFC 7518, section 2), which has as few bytes as the number needs; none of
// the numbers of a key is zero.
func (o object) integerBytes(name string) ([]byte, error) {
	b, err := o.bytes(name)
	if err == nil && (len(b) == 0 || b[0] == 0) {
		return nil, fmt.Errorf("%w: %q is zero or has leading zero bytes", ErrInvalidKey, name)
	}
	return b, err
}

var errBase64 = errors.New("line break in base64url")

// decodeBytes refuses padding, non-zero trailing bits, and the line breaks that the standard library skips.
func decodeBytes(s string) ([]byte, error) {
	if strings.ContainsAny(s, "\r\n") {
		return nil, errBase64
	}
	return base64.RawURLEncoding.Strict().DecodeString(s)
}
