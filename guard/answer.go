package guard

import (
	"encoding/json"
	"net/http"
	"slices"
)

// Answer is an HTTP answer.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// Write writes the answer. Its headers replace those of the same name that w has; it keeps neither its header nor its body, so that
// one Answer may be written many times. A Status that no final answer has, such as the zero one, is written as 500.
func (a Answer) Write(w http.ResponseWriter) {
	header := w.Header()
	header.Del("Content-Length")
	for name, values := range a.Header {
		header[http.CanonicalHeaderKey(name)] = slices.Clone(values)
	}
	status := a.Status
	if status < http.StatusOK || status > 999 {
		status = http.StatusInternalServerError
	}
	w.WriteHeader(status)
	w.Write(a.Body)
}

// Answerer turns refusals into answers. It replaces the default where another stack's wire format is wanted.
type Answerer interface {
	Answer(r *Refusal) Answer
}

// AnswererFunc makes a function an [Answerer].
type AnswererFunc func(r *Refusal) Answer

// Answer calls f.
func (f AnswererFunc) Answer(r *Refusal) Answer { return f(r) }

// Problems is the default [Answerer]: the header of RFC 6750 and a body of type application/problem+json (RFC 9457) whose "code"
// is the refusal's code. A missing token has the code "unauthorized". No cache may keep it. What is unavailable may be tried again
// after a second.
type Problems struct{}

var _ Answerer = Problems{}

// problem is the body. Its type is RFC 9457's "about:blank", which is left out: "title" is the status's phrase.
type problem struct {
	Title  string `json:"title"`
	Status int    `json:"status"`
	Code   string `json:"code"`
	Detail string `json:"detail,omitempty"`
}

// Answer returns the answer to r.
func (Problems) Answer(r *Refusal) Answer {
	status := r.Status()
	header := http.Header{
		"Cache-Control": {"no-store"},
		"Content-Type":  {"application/problem+json"},
	}
	if challenge := r.Challenge(); challenge != "" {
		header.Set("WWW-Authenticate", challenge)
	}
	if status == http.StatusServiceUnavailable {
		header.Set("Retry-After", "1")
	}
	// Strings and a number always have a JSON form.
	body, _ := json.Marshal(problem{
		Title:  http.StatusText(status),
		Status: status,
		Code:   problemCode(r.Code),
		Detail: r.Description,
	})
	return Answer{Status: status, Header: header, Body: body}
}

func problemCode(c Code) string {
	switch c {
	case MissingToken:
		return "unauthorized"
	case InvalidRequest, InvalidToken, InsufficientScope, ForgedRequest, Unavailable:
		return string(c)
	default:
		return string(Internal)
	}
}
