package jwk

import (
	"fmt"
	"io"
	"log/slog"
	"strings"
)

// String describes the key by its id and algorithm, never by its private part.
func (k *Key) String() string {
	if k == nil {
		return "<nil>"
	}
	alg, kind := string(k.alg), "public"
	switch {
	case k.material == nil:
		return "empty key"
	case alg == "":
		alg = string(k.keyType())
	}
	switch {
	case k.keyType() == octKey:
		kind = "secret"
	case k.signer != nil:
		kind = "private"
	}
	return fmt.Sprintf("%s %s key %q", kind, alg, k.id)
}

// Format implements [fmt.Formatter]: every verb and flag prints what [Key.String] returns, so that none can show the
// private part.
func (k *Key) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, k.String()) }

// LogValue implements [slog.LogValuer]: a log shows the id, the algorithm and whether the key can sign.
func (k *Key) LogValue() slog.Value {
	if k == nil {
		return slog.StringValue("<nil>")
	}
	return slog.GroupValue(
		slog.String("kid", k.id), slog.String("alg", string(k.alg)), slog.Bool("private", k.CanSign()))
}

// String describes the set by the descriptions of its keys.
func (s *Set) String() string {
	count := "set of 1 key"
	if s.Len() != 1 {
		count = fmt.Sprintf("set of %d keys", s.Len())
	}
	parts := []string{count}
	for k := range s.All() {
		parts = append(parts, k.String())
	}
	return strings.Join(parts, ", ")
}

// Format implements [fmt.Formatter]: every verb and flag prints what [Set.String] returns.
func (s *Set) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

// LogValue implements [slog.LogValuer]: a log shows the ids of the keys.
func (s *Set) LogValue() slog.Value {
	ids := make([]string, 0, s.Len())
	for k := range s.All() {
		ids = append(ids, k.ID())
	}
	return slog.AnyValue(ids)
}
