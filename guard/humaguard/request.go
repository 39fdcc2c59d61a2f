package humaguard

import (
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/jetonauth/jeton/guard"
)

// Carrier returns a request as a guard sees it, whatever router it came through.
func Carrier(ctx huma.Context) guard.Carrier { return carrier{ctx} }

type carrier struct{ ctx huma.Context }

func (c carrier) Method() string { return c.ctx.Method() }

func (c carrier) Host() string { return c.ctx.Host() }

// Header collects all values of a header, where huma's own Header has the first.
func (c carrier) Header(name string) []string {
	var values []string
	c.ctx.EachHeader(func(other, value string) {
		if http.CanonicalHeaderKey(other) == name {
			values = append(values, value)
		}
	})
	return values
}

func (c carrier) Query(name string) []string {
	u := c.ctx.URL()
	return u.Query()[name]
}

// write is how answers are written unless an option says otherwise.
func write(ctx huma.Context, refused guard.Answer) {
	for name, values := range refused.Header {
		for i, value := range values {
			if i == 0 {
				ctx.SetHeader(name, value)
			} else {
				ctx.AppendHeader(name, value)
			}
		}
	}
	ctx.SetStatus(statusOf(refused))
	_, _ = ctx.BodyWriter().Write(refused.Body) // the client may be gone; there is nobody to tell
}

// statusOf is the status that an answer is written with, as [guard.Answer.Write] does it.
func statusOf(answer guard.Answer) int {
	if answer.Status < http.StatusOK || answer.Status > 999 {
		return http.StatusInternalServerError
	}
	return answer.Status
}
