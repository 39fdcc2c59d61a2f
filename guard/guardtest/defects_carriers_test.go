package guardtest_test

import (
	"net/http"
	"slices"
	"strings"

	"github.com/jetonauth/jeton/guard"
)

// carrierOf is a Carrier with parts replaced.
type carrierOf struct {
	guard.Carrier
	method, host string
	header       func(name string, values []string) []string
	query        func(name string, values []string) []string
}

func (c carrierOf) Method() string {
	if c.method != "" {
		return c.method
	}
	return c.Carrier.Method()
}

func (c carrierOf) Host() string {
	if c.host != "" {
		return c.host
	}
	return c.Carrier.Host()
}

func (c carrierOf) Header(name string) []string {
	if c.header == nil {
		return c.Carrier.Header(name)
	}
	return c.header(name, c.Carrier.Header(name))
}

func (c carrierOf) Query(name string) []string {
	if c.query == nil {
		return c.Carrier.Query(name)
	}
	return c.query(name, c.Carrier.Query(name))
}

// carries makes an adapter one that shows requests as c does.
func carries(c carrierOf) func(a *adapter) {
	return func(a *adapter) {
		a.carrier = func(r *http.Request) guard.Carrier {
			c := c
			c.Carrier = guard.FromRequest(r)
			return c
		}
	}
}

func first(_ string, values []string) []string { return values[:min(1, len(values))] }

func carrierDefects() map[string]defect {
	var last []string
	return map[string]defect{
		"only the first header": {
			carries(carrierOf{header: first}),
			[]string{"two headers", "optional", "what the guard sees of a request", "a cookie and the CSRF value"},
		},
		"headers are joined": {
			carries(carrierOf{header: func(_ string, values []string) []string {
				if len(values) > 0 {
					return []string{strings.Join(values, ", ")}
				}
				return nil
			}}),
			[]string{"what the guard sees of a request", "a token in a cookie"},
		},
		"a missing header is an empty one": {
			carries(carrierOf{header: func(_ string, values []string) []string {
				if len(values) == 0 {
					return []string{""}
				}
				return values
			}}),
			[]string{"what the guard sees of a request"},
		},
		"the header last asked for is all that is kept": {
			carries(carrierOf{header: func(_ string, values []string) []string {
				last = append(last[:0], values...)
				return last
			}}),
			[]string{"what the guard sees of a request"},
		},
		"no host":         {carries(carrierOf{host: "localhost"}), []string{"what the guard sees of a request", "a cookie and the origin"}},
		"no port":         {carries(carrierOf{host: "127.0.0.1"}), []string{"what the guard sees of a request", "a cookie and the origin"}},
		"always GET":      {carries(carrierOf{method: http.MethodGet}), []string{"what the guard sees of a request", "a cookie and the CSRF value", "a cookie and the origin"}},
		"only one value":  {carries(carrierOf{query: first}), []string{"what the guard sees of a request", "a token in the query"}},
		"no query":        {carries(carrierOf{query: func(string, []string) []string { return nil }}), []string{"a token in the query"}},
		"a query escaped": {carries(carrierOf{query: escape}), []string{"what the guard sees of a request"}},
		"no cookies": {
			carries(carrierOf{header: func(name string, values []string) []string {
				if name == "Cookie" {
					return nil
				}
				return values
			}}),
			[]string{"a token in a cookie", "a header wins over a cookie"},
		},
		"the cookie is a header": {
			carries(carrierOf{header: func(name string, values []string) []string {
				if name == "Authorization" && len(values) == 0 {
					return []string{"Bearer abc"}
				}
				return values
			}}),
			[]string{"a token in a cookie", "no token"},
		},
	}
}

func escape(_ string, values []string) []string {
	escaped := slices.Clone(values)
	for i := range escaped {
		escaped[i] = strings.ReplaceAll(escaped[i], " ", "+")
	}
	return escaped
}
