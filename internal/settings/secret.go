package settings

import "log/slog"

// A Secret is a text that shows itself to nobody but by [Secret.Reveal].
type Secret string

const hidden = "(hidden)"

// Reveal is the text itself.
func (s Secret) Reveal() string { return string(s) }

// String says only whether there is one.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return hidden
}

// GoString is the same as String.
func (s Secret) GoString() string { return s.String() }

// MarshalText is the same as String.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// LogValue is the same as String.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }
