package guard

import "net/http"

// Answer is an HTTP answer.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// Write writes the answer. Its headers replace those of the same name that w has; it keeps neither its header nor its body, so that
// one Answer may be written many times. A Status that no final answer has, such as the zero one, is written as 500.
func (a Answer) Write(w http.ResponseWriter) { panic("declared") }

// Answerer turns refusals into answers. It replaces the default where another stack's wire format is wanted.
type Answerer interface {
	Answer(r *Refusal) Answer
}

// AnswererFunc makes a function an [Answerer].
type AnswererFunc func(r *Refusal) Answer

// Answer calls f.
func (f AnswererFunc) Answer(r *Refusal) Answer { panic("declared") }

// Problems is the default [Answerer]: the header of RFC 6750 and a body of type application/problem+json (RFC 9457) whose "code"
// is the refusal's code. A missing token has the code "unauthorized". No cache may keep it. What is unavailable may be tried again
// after a second.
type Problems struct{}

// Answer returns the answer to r.
func (Problems) Answer(r *Refusal) Answer { panic("declared") }
