package jwk

import "fmt"
import "log/slog"

// String describes the key by its id and algorithm, never by its private part.
func (k *Key) String() string { panic("declared") }

// Format implements [fmt.Formatter]: every verb and flag prints what [Key.String] returns, so that none can show the
// private part.
func (k *Key) Format(f fmt.State, _ rune) { panic("declared") }

// LogValue implements [slog.LogValuer]: a log shows the id, the algorithm and whether the key can sign.
func (k *Key) LogValue() slog.Value { panic("declared") }

// String describes the set by the descriptions of its keys.
func (s *Set) String() string { panic("declared") }

// Format implements [fmt.Formatter]: every verb and flag prints what [Set.String] returns.
func (s *Set) Format(f fmt.State, _ rune) { panic("declared") }

// LogValue implements [slog.LogValuer]: a log shows the ids of the keys.
func (s *Set) LogValue() slog.Value { panic("declared") }
