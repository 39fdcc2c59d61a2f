package express

import (
	"bytes"
	"encoding/json"
	"net/http"

	"github.com/jetonauth/jeton/guard"
)

// Answers answers refusals as Express applications do: {"status": "<message>"}, with 401 for what express-jwt has an error for. Its guards
// have it; a guard of one's own may, too.
type Answers struct {
	// Unauthorized answers what is refused as 401, unless it is nil.
	Unauthorized func(err *UnauthorizedError) guard.Answer
}

var _ guard.Answerer = Answers{}

// Answer returns the answer to r. What may not be done is 403, what is unavailable 503, and a defect 500.
func (a Answers) Answer(r *guard.Refusal) guard.Answer {
	if err := NewUnauthorizedError(r); err != nil {
		if a.Unauthorized != nil {
			return a.Unauthorized(err)
		}
		answer := message(http.StatusUnauthorized, err.Message)
		answer.Header.Set("WWW-Authenticate", r.Challenge())
		return answer
	}
	switch r.Code {
	case guard.InsufficientScope, guard.ForgedRequest:
		return message(http.StatusForbidden, r.Description)
	case guard.Unavailable:
		return later(r.Description, "1")
	default:
		return message(http.StatusInternalServerError, defect)
	}
}

const defect = "Internal server error."

// later is an answer to what may be tried again after so many seconds.
func later(status, seconds string) guard.Answer {
	answer := message(http.StatusServiceUnavailable, status)
	answer.Header.Set("Retry-After", seconds)
	return answer
}

// message is an answer that says in a word why.
func message(status int, reason string) guard.Answer {
	return answer(status, struct {
		Status string `json:"status"`
	}{reason})
}

// answer is one with a body of JSON, written as JSON.stringify does: without escapes for HTML. A body that has no JSON form is a defect.
func answer(status int, body any) guard.Answer {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if encoder.Encode(body) != nil {
		return message(http.StatusInternalServerError, defect)
	}
	return guard.Answer{
		Status: status,
		Header: http.Header{"Content-Type": {"application/json; charset=utf-8"}},
		Body:   bytes.TrimSuffix(text.Bytes(), []byte("\n")),
	}
}
