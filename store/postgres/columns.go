package postgres

import (
	"fmt"
	"net/netip"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5/pgtype"
)

// isText reports whether the database could have s: a text is UTF-8 without a zero byte.
func isText(s string) bool { return utf8.ValidString(s) && strings.IndexByte(s, 0) < 0 }

// timestamp is how a time is stored: in whole microseconds, which is all the database keeps, and as NULL if it is zero.
func timestamp(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = stored(t)
	return &t
}

// stored is a time as it comes back.
func stored(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return t.UTC().Truncate(time.Microsecond)
}

// instant reads what timestamp stored.
type instant struct{ t *time.Time }

// ScanTimestamptz implements [pgtype.TimestamptzScanner].
func (i instant) ScanTimestamptz(v pgtype.Timestamptz) error {
	*i.t = time.Time{}
	if !v.Valid {
		return nil
	}
	if v.InfinityModifier != pgtype.Finite {
		return fmt.Errorf("a time is stored as %v", v.InfinityModifier)
	}
	*i.t = v.Time.UTC()
	return nil
}

// words is how a list is stored: never as NULL.
func words(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

// orNil is a list as it comes back: nil if it is empty.
func orNil(list []string) []string {
	if len(list) == 0 {
		return nil
	}
	return list
}

// address is how a network address is stored: as text, empty if it is not known. The database's own type has no zones.
func address(a netip.Addr) string {
	if !a.IsValid() {
		return ""
	}
	return a.String()
}

// addressText reads what address stored.
type addressText struct{ a *netip.Addr }

// ScanText implements [pgtype.TextScanner].
func (t addressText) ScanText(v pgtype.Text) error {
	*t.a = netip.Addr{}
	if v.String == "" {
		return nil
	}
	var err error
	*t.a, err = netip.ParseAddr(v.String)
	return err
}

// digest reads a SHA-256 that was stored as bytes.
type digest struct{ sum *[32]byte }

// ScanBytes implements [pgtype.BytesScanner].
func (d digest) ScanBytes(v []byte) error {
	if len(v) != len(d.sum) {
		return fmt.Errorf("a digest is stored as %d bytes", len(v))
	}
	copy(d.sum[:], v)
	return nil
}
