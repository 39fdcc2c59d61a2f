package api

import "log/slog"

// secret is a password or a token on its way in. It shows itself to nobody.
type secret string

const redacted = "[redacted]"

// String is the same for every secret.
func (secret) String() string { return redacted }

// GoString is the same as String.
func (secret) GoString() string { return redacted }

// LogValue is the same as String.
func (secret) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText is the same as String: a secret is read from JSON and never written.
func (secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }
