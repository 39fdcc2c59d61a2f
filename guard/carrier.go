package guard

import "net/http"

// Carrier is what a guard sees of a request, whatever protocol brought it. A guard neither changes nor keeps the slices that it
// returns, so they may be the request's own.
type Carrier interface {
	// Method is the HTTP method, or what comes closest.
	Method() string
	// Host is the host that the request was sent to.
	Host() string
	// Header returns all values of a header, whose name is in canonical form ([http.CanonicalHeaderKey]).
	Header(name string) []string
	// Query returns all values of a query parameter.
	Query(name string) []string
}

// FromRequest returns r as a [Carrier].
func FromRequest(r *http.Request) Carrier { return requestCarrier{r} }

// requestCarrier is one pointer, which an interface holds without an allocation.
type requestCarrier struct{ request *http.Request }

func (c requestCarrier) Method() string { return c.request.Method }

func (c requestCarrier) Host() string { return c.request.Host }

func (c requestCarrier) Header(name string) []string { return c.request.Header[name] }

// Query parses the query anew each time: most guards never ask.
func (c requestCarrier) Query(name string) []string {
	if c.request.URL == nil {
		return nil
	}
	return c.request.URL.Query()[name]
}
