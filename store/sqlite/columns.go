package sqlite

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"time"
)

// micros is how a time is stored: as microseconds since 1970 in UTC, NULL if it is zero.
func micros(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixMicro()
}

// instant reads what micros stored.
type instant struct{ t *time.Time }

// Scan implements [database/sql.Scanner].
func (i instant) Scan(value any) error {
	switch v := value.(type) {
	case nil:
		*i.t = time.Time{}
	case int64:
		*i.t = time.UnixMicro(v).UTC()
	default:
		return fmt.Errorf("a time is stored as %T", value)
	}
	return nil
}

// words is how a list is stored: as a JSON array.
func words(list []string) string {
	if len(list) == 0 {
		return "[]"
	}
	text, _ := json.Marshal(list) // strings have no error
	return string(text)
}

// wordList reads what words stored. An empty list is nil.
type wordList struct{ list *[]string }

// Scan implements [database/sql.Scanner].
func (w wordList) Scan(value any) error {
	text, ok := value.(string)
	if !ok {
		return fmt.Errorf("a list is stored as %T", value)
	}
	*w.list = nil
	if text == "[]" {
		return nil
	}
	return json.Unmarshal([]byte(text), w.list)
}

// address is how a network address is stored: as text, empty if it is not known.
func address(a netip.Addr) string {
	if !a.IsValid() {
		return ""
	}
	return a.String()
}

// addressText reads what address stored.
type addressText struct{ a *netip.Addr }

// Scan implements [database/sql.Scanner].
func (t addressText) Scan(value any) error {
	text, ok := value.(string)
	if !ok {
		return fmt.Errorf("an address is stored as %T", value)
	}
	*t.a = netip.Addr{}
	if text == "" {
		return nil
	}
	var err error
	*t.a, err = netip.ParseAddr(text)
	return err
}

// digest reads a SHA-256 that was stored as bytes.
type digest struct{ sum *[32]byte }

// Scan implements [database/sql.Scanner].
func (d digest) Scan(value any) error {
	bytes, ok := value.([]byte)
	if !ok || len(bytes) != len(d.sum) {
		return fmt.Errorf("a digest is stored as %d bytes of %T", len(bytes), value)
	}
	copy(d.sum[:], bytes)
	return nil
}
