package remote

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/jetonauth/jeton/internal/strictjson"
	"github.com/jetonauth/jeton/revoke"
)

// ErrMalformed is for an answer that is no page of a feed. It is wrapped with what is wrong.
var ErrMalformed = errors.New("revoke/remote: malformed answer")

// maxNumber is the highest number of an entry. Every reader of JSON can tell it from the next (RFC 8259, section 6).
const maxNumber = 1<<53 - 1

// page is an answer.
type page struct {
	entries []revoke.Entry
	more    bool
}

// parsePage reads the answer to q. Members that it does not know are for later versions.
func parsePage(text string, q question) (page, error) {
	p, err := readPage(text)
	if err == nil {
		err = p.check(q)
	}
	if err != nil {
		return page{}, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	return p, nil
}

func readPage(text string) (p page, err error) {
	members, err := strictjson.Object(text)
	if err != nil {
		return p, err
	}
	var hasEntries, hasMore bool
	for _, m := range members {
		switch m.Name {
		case "entries":
			hasEntries = true
			if p.entries, err = readEntries(m.Value); err != nil {
				return p, err
			}
		case "more":
			hasMore = m.Value == "true" || m.Value == "false"
			p.more = m.Value == "true"
		}
	}
	switch {
	case !hasEntries:
		return p, errors.New(`no "entries"`)
	case !hasMore:
		return p, errors.New(`no "more", or neither true nor false`)
	}
	return p, nil
}

func readEntries(value string) ([]revoke.Entry, error) {
	if value[0] != '[' {
		return nil, errors.New(`"entries" is no array`)
	}
	var texts []json.RawMessage
	if err := json.Unmarshal([]byte(value), &texts); err != nil {
		return nil, errors.New(`"entries" is no array`)
	}
	if len(texts) > maxLimit {
		return nil, fmt.Errorf("more than %d entries", maxLimit)
	}
	entries := make([]revoke.Entry, len(texts))
	for i, text := range texts {
		var err error
		if entries[i], err = readEntry(string(text)); err != nil {
			return nil, fmt.Errorf("entry %d of the answer: %w", i+1, err)
		}
	}
	return entries, nil
}

func readEntry(text string) (e revoke.Entry, err error) {
	members, err := strictjson.Object(text)
	if err != nil {
		return e, err
	}
	read := 0
	for _, m := range members {
		switch m.Name {
		case "number":
			e.Number, err = readNumber(m.Value)
		case "id":
			e.ID, err = readID(m.Value)
		case "expires_at":
			e.ExpiresAt, err = readTime(m.Value)
		default:
			continue
		}
		if err != nil {
			return e, err
		}
		read++ // no name is there twice
	}
	if read != 3 {
		return e, errors.New(`"number", "id" or "expires_at" is missing`)
	}
	return e, nil
}

func readNumber(value string) (uint64, error) {
	n, err := strconv.ParseUint(value, 10, 64)
	if err != nil || n == 0 || n > maxNumber {
		return 0, fmt.Errorf(`"number" is no whole number from 1 to %d`, uint64(maxNumber))
	}
	return n, nil
}

func readID(value string) (id revoke.ID, err error) {
	errID := fmt.Errorf(`"id" is not base64url of %d bytes`, len(id))
	text, err := strictjson.String(value)
	if err != nil || len(text) != base64.RawURLEncoding.EncodedLen(len(id)) {
		return id, errID
	}
	n, err := base64.RawURLEncoding.Strict().Decode(id[:], []byte(text))
	if err != nil || n != len(id) {
		return revoke.ID{}, errID
	}
	return id, nil
}

// readTime reads when an entry expires. That it never does has one form only, so that no other is taken for it.
func readTime(value string) (time.Time, error) {
	if value == "null" {
		return time.Time{}, nil
	}
	text, err := strictjson.String(value)
	if err == nil {
		var t time.Time
		if t, err = time.Parse(time.RFC3339, text); err == nil && t.Unix() > 0 {
			return t.UTC(), nil
		}
	}
	return time.Time{}, errors.New(`"expires_at" is neither null nor a time after 1970 (RFC 3339)`)
}

// check compares the page with what was asked for.
func (p page) check(q question) error {
	if len(p.entries) > q.limit {
		return fmt.Errorf("%d entries, and %d were asked for", len(p.entries), q.limit)
	}
	before := q.after
	for _, e := range p.entries {
		if e.Number <= before {
			return fmt.Errorf("the entry %d after %d", e.Number, before)
		}
		before = e.Number
	}
	if p.more && len(p.entries) == 0 {
		return errors.New("there are more entries, and none is there")
	}
	return nil
}
