package explain

import (
	"bytes"
	"encoding/json"
	"io"
	"time"
)

// Verdict is what becomes of a token.
type Verdict string

// The verdicts.
const (
	Accepted Verdict = "accepted"
	Refused  Verdict = "refused"
	// Unknown is for a token that could not be judged, because its issuer's keys or the revocations cannot be had.
	Unknown Verdict = "unknown"
)

// Status is how a check ended.
type Status string

// The statuses of a [Check].
const (
	Pass Status = "pass"
	Fail Status = "fail"
	// Note is for what is odd and no reason to refuse a token.
	Note Status = "note"
	// Skipped is for a rule that nobody asked for, or that could not be reached.
	Skipped Status = "skipped"
	// Undecided is for what could not be found out.
	Undecided Status = "unknown"
)

// Check is one rule applied to one token.
type Check struct {
	Name     string `json:"name"`
	Status   Status `json:"status"`
	Expected string `json:"expected,omitempty"` // several accepted values are a list with commas
	Got      string `json:"got,omitempty"`
	Detail   string `json:"detail,omitempty"`
	// Unproved says that what was judged is not proved by a signature.
	Unproved bool `json:"unproved,omitempty"`
}

// Member is one parameter of a header, or one claim.
type Member struct {
	Name  string
	Value string // JSON text
	// At and Words are set for a claim that is a time: when, and in words, such as "3 minutes ago".
	At    time.Time
	Words string
}

// Members are a header's parameters or a payload's claims, in the token's order. In JSON they are an object.
type Members []Member

// MarshalJSON returns the object that the members were read from.
func (m Members) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, member := range m {
		if i > 0 {
			b.WriteByte(',')
		}
		name, err := json.Marshal(member.Name)
		if err != nil {
			return nil, err
		}
		b.Write(name)
		b.WriteByte(':')
		b.WriteString(member.Value)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// Moment is a claim that is a time.
type Moment struct {
	At    time.Time `json:"at"`
	Words string    `json:"words"`
}

// Key is a key that a token could have been signed with.
type Key struct {
	ID        string `json:"kid"`
	Algorithm string `json:"alg,omitempty"` // empty for an RSA key that names none
}

// Report is what is known of one token. [Report.WriteText] and [Report.WriteJSON] print it.
type Report struct {
	Verdict Verdict `json:"verdict"`
	// Reason is the refusal's reason, such as "expired", if the token is refused.
	Reason string `json:"reason,omitempty"`
	// Summary is the verdict in one line.
	Summary  string    `json:"summary"`
	JudgedAt time.Time `json:"judged_at"`
	// Proved says that a signature proves header and claims. Where it is false, anybody may have written them.
	Proved bool `json:"proved"`
	// Header and Claims are nil where they could not be read as strictly as a verifier reads them. Then HeaderText and
	// ClaimsText are what was there, if it is text.
	Header     Members `json:"header,omitempty"`
	HeaderText string  `json:"header_text,omitempty"`
	Claims     Members `json:"claims,omitempty"`
	ClaimsText string  `json:"claims_text,omitempty"`
	// Times are the claims that are times, by name.
	Times  map[string]Moment `json:"times,omitempty"`
	Checks []Check           `json:"checks"`
	// Keys are those that were tried, UnusableKeys says which others there are and why they cannot be used.
	Keys         []Key    `json:"keys,omitempty"`
	UnusableKeys []string `json:"unusable_keys,omitempty"`
	Hints        []string `json:"hints,omitempty"`
}

// WriteJSON writes the report as one JSON object, indented. Characters that do not print are escaped, since a terminal may be where
// it is read.
func (r *Report) WriteJSON(w io.Writer) error {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(r); err != nil {
		return err
	}
	_, err := w.Write(PrintableJSON(b.Bytes()))
	return err
}
