package jwk

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"github.com/jetonauth/jeton/internal/strictjson"
)

// object is one JSON object: its members' names, decoded, and the JSON text of their values.
type object map[string]string

// readObject reads data as exactly one JSON object, as package strictjson does: a name that is there twice, at any depth,
// would otherwise count once, and which one depend on the reader (RFC 7517, section 4, lets a parser refuse it).
func readObject(data []byte) (object, error) {
	members, err := strictjson.Object(string(data))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInvalidKey, err)
	}
	o := make(object, len(members))
	for _, m := range members {
		o[m.Name] = m.Value
	}
	return o, nil
}

// has reports whether there is a member name, whatever it is: null is not absence.
func (o object) has(name string) bool { _, ok := o[name]; return ok }

// text returns the string member name, which may be absent.
func (o object) text(name string) (value string, ok bool, err error) {
	raw, ok := o[name]
	if !ok {
		return "", false, nil
	}
	if value, err = strictjson.String(raw); err != nil {
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
	if values, err = strictjson.Strings(raw); err != nil || raw[0] != '[' {
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
