package guard

import (
	"fmt"
	"net/http"
	"runtime/debug"
)

// panicked is the panic of a function that a guard calls.
type panicked struct {
	value any
	stack []byte
}

// Error has the stack, for logs: no client is told an error.
func (p *panicked) Error() string { return fmt.Sprintf("guard: panic: %v\n%s", p.value, p.stack) }

// recovered, deferred, makes a panic a refusal: what an application gives a guard must not take a request down that the guard answers.
// http.ErrAbortHandler goes on, since it says that nothing should be answered.
func recovered(refusal **Refusal) {
	value := recover()
	if value == nil {
		return
	}
	if value == http.ErrAbortHandler { //nolint:errorlint // the very value that net/http compares with
		panic(value)
	}
	*refusal = &Refusal{Code: Internal, Err: &panicked{value, debug.Stack()}}
}
