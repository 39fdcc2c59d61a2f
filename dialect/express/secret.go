package express

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
)

// Secret is a secret, which must not be shown, or a public key in PEM. It prints as "REDACTED", whatever the verb, and so it is in JSON
// and logs.
type Secret []byte

const redacted = "REDACTED"

// Format writes "REDACTED".
func (Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// String is "REDACTED".
func (Secret) String() string { return redacted }

// MarshalJSON is "REDACTED", in quotes.
func (Secret) MarshalJSON() ([]byte, error) { return json.Marshal(redacted) }

// LogValue is "REDACTED".
func (Secret) LogValue() slog.Value { return slog.StringValue(redacted) }
