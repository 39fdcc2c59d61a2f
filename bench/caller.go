package bench

import (
	"context"
	"errors"
	"fmt"
	"net/http"
)

// Credentials returns values of the Authorization header for n tokens, which differ in "sub", "jti" and "sid", but not in length.
func Credentials(k Key, c Content, n int) ([]string, error) {
	values := make([]string, n)
	for i := range values {
		c.Subject = fmt.Sprintf("%026d", i)
		c.ID, c.Session = c.Subject, c.Subject
		token, err := k.Token(c)
		if err != nil {
			return nil, err
		}
		values[i] = "Bearer " + token
	}
	return values, nil
}

var errRefused = errors.New("bench: a good request was refused")

// Caller calls a handler again and again, without a network, with one request whose token changes. What a call costs beside the
// handler is nothing to speak of. It is not safe for concurrent use.
type Caller struct {
	handler  http.Handler
	request  *http.Request
	header   []string
	response response
}

// NewCaller returns a caller of handler.
func NewCaller(ctx context.Context, handler http.Handler) (*Caller, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, Path, http.NoBody)
	if err != nil {
		return nil, err
	}
	request.Host = "api.example"
	request.RemoteAddr = "192.0.2.1:1234"
	c := &Caller{handler: handler, request: request, header: make([]string, 1), response: response{header: http.Header{}}}
	request.Header["Authorization"] = c.header
	return c, nil
}

// Call makes one request. Credentials are the value of the Authorization header. Any answer but success is an error.
func (c *Caller) Call(credentials string) error {
	c.header[0] = credentials
	c.response.status = 0
	c.handler.ServeHTTP(&c.response, c.request)
	if c.response.status != http.StatusOK {
		return errRefused
	}
	return nil
}

// response keeps nothing of an answer but its status.
type response struct {
	header http.Header
	status int
}

func (r *response) Header() http.Header { return r.header }

func (r *response) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
}

func (r *response) Write(body []byte) (int, error) {
	r.WriteHeader(http.StatusOK)
	return len(body), nil
}
