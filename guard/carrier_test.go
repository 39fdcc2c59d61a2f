package guard_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"

	"github.com/jetonauth/jeton/guard"
)

// message is a request that came by other means than HTTP.
type message map[string][]string

func (m message) Method() string              { return "" }
func (m message) Host() string                { return "" }
func (m message) Header(name string) []string { return m[name] }
func (m message) Query(string) []string       { return nil }

func TestFromRequest(t *testing.T) {
	t.Parallel()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPut, "http://news.example.com/a?q=1&p=2&q=3", http.NoBody)
	r.Header.Add("X-Word", "one")
	r.Header.Add("X-Word", "two")
	c := guard.FromRequest(r)
	if c.Method() != http.MethodPut || c.Host() != "news.example.com" {
		t.Errorf("method %q, host %q", c.Method(), c.Host())
	}
	if got := c.Header("X-Word"); !slices.Equal(got, []string{"one", "two"}) {
		t.Errorf("header: %q", got)
	}
	if got := c.Query("q"); !slices.Equal(got, []string{"1", "3"}) {
		t.Errorf("query: %q", got)
	}
	if c.Header("X-Other") != nil || c.Query("other") != nil {
		t.Error("absent names have values")
	}
	if got := guard.FromRequest(&http.Request{}).Query("q"); got != nil {
		t.Errorf("query of a request without URL: %q", got)
	}
}
