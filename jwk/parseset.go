package jwk

import (
	"bytes"
	"encoding/json"
	"fmt"
	"unicode/utf8"

	"github.com/jetonauth/jeton/internal/strictjson"
)

// The bounds of a JWK Set.
const (
	maxSetSize = 1 << 20 // bytes
	maxSetKeys = 1000
)

// ParseSet reads a JWK Set (RFC 7517, section 5) of at most 1 MiB and 1,000 keys, in which every key must be good, as
// [Parse] says, and the set too, as [NewSet] says; private parts are kept. It is for one's own files. For sets of others
// use [ParsePublicSet].
func ParseSet(data []byte) (*Set, error) {
	members, err := readSet(data)
	if err != nil {
		return nil, err
	}
	keys := make([]*Key, len(members))
	for i, raw := range members {
		if keys[i], err = Parse(raw); err != nil {
			return nil, setError(i, raw, err)
		}
	}
	return NewSet(keys...)
}

// ParsePublicSet reads somebody else's JWK Set of at most 1 MiB and 1,000 keys. Keys that cannot be used for verifying,
// because they are of an unknown type, for encryption, too weak, RSA keys of more than 8192 bits, secret, malformed, or
// have the id of a key before them, are skipped, and skipped says why for each; private parts are dropped. err is for
// data that is no JWK Set at all. The set may be empty.
func ParsePublicSet(data []byte) (set *Set, skipped []error, err error) {
	members, err := readSet(data)
	if err != nil {
		return nil, nil, err
	}
	set = &Set{byID: make(map[string]*Key, len(members))}
	for i, raw := range members {
		k, err := parseKey(raw, true)
		if err == nil && set.byID[k.id] != nil {
			err = fmt.Errorf("%w: a key before it has the same id", ErrInvalidKey)
		}
		if err != nil {
			skipped = append(skipped, setError(i, raw, err))
			continue
		}
		set.keys = append(set.keys, k)
		set.byID[k.id] = k
	}
	return set, skipped, nil
}

// readSet returns the keys of a set as they are written. What is wrong inside one is for whoever parses it to say.
func readSet(data []byte) ([]json.RawMessage, error) {
	if len(data) > maxSetSize {
		return nil, fmt.Errorf("%w: a set of more than %d bytes", ErrInvalidKey, maxSetSize)
	}
	array, err := keysMember(data)
	if err != nil {
		return nil, err
	}
	var keys []json.RawMessage
	if err := json.Unmarshal(array, &keys); err != nil || keys == nil {
		return nil, fmt.Errorf("%w: the set has no array \"keys\"", ErrInvalidKey)
	}
	if len(keys) > maxSetKeys {
		return nil, fmt.Errorf("%w: a set of more than %d keys", ErrInvalidKey, maxSetKeys)
	}
	return keys, nil
}

// keysMember returns the member "keys" of a set, nil if it has none. The set's own names are read as strictly as a key's,
// its values not at all: one bad key must not cost the others, and members beside "keys" are ignored (RFC 7517, section 5).
func keysMember(data []byte) (keys json.RawMessage, err error) {
	if !utf8.Valid(data) {
		return nil, fmt.Errorf("%w: invalid UTF-8", ErrInvalidKey)
	}
	if !json.Valid(data) {
		return nil, fmt.Errorf("%w: not JSON", ErrInvalidKey)
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	if token, err := dec.Token(); err != nil || token != json.Delim('{') {
		return nil, fmt.Errorf("%w: not a JSON object", ErrInvalidKey)
	}
	names := bytes.Clone(data) // with each value blanked out, so that names stay where they are
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return nil, fmt.Errorf("%w: not JSON", ErrInvalidKey)
		}
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return nil, fmt.Errorf("%w: not JSON", ErrInvalidKey)
		}
		if name == "keys" {
			keys = value
		}
		end := dec.InputOffset()
		blank(names[end-int64(len(value)) : end])
	}
	if _, err := strictjson.Object(string(names)); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInvalidKey, err)
	}
	return keys, nil
}

// blank makes a value of any kind the number 0.
func blank(value []byte) {
	for i := range value {
		value[i] = ' '
	}
	value[0] = '0'
}

// setError says which key of a set err is about. It reads the key leniently: err may be about its JSON.
func setError(i int, raw json.RawMessage, err error) error {
	var members map[string]json.RawMessage
	var id *string
	if json.Unmarshal(raw, &members) == nil && json.Unmarshal(members["kid"], &id) == nil && id != nil {
		return fmt.Errorf("jwk: key %d of the set, %.80q: %w", i, *id, err)
	}
	return fmt.Errorf("jwk: key %d of the set: %w", i, err)
}
