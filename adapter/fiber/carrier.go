package jetonfiber

import (
	"strings"

	"github.com/gofiber/fiber/v3"

	"github.com/jetonauth/jeton/guard"
)

// carrier shows a guard a request of fiber's. It copies what it shows: the request's memory is used again for the next one, and a
// verifier may keep the token.
type carrier struct{ c fiber.Ctx }

var _ guard.Carrier = carrier{}

func (r carrier) Method() string { return strings.Clone(r.c.Method()) }

// Host is what a trusted proxy says it is, if fiber is configured to trust it.
func (r carrier) Host() string { return strings.Clone(r.c.Host()) }

// Header looks at all headers, since their names are as the client wrote them if fiber is configured to leave them so.
func (r carrier) Header(name string) []string {
	var values []string
	for key, value := range r.c.Request().Header.All() {
		if strings.EqualFold(string(key), name) {
			values = append(values, string(value))
		}
	}
	return values
}

func (r carrier) Query(name string) []string {
	var values []string
	for _, value := range r.c.Request().URI().QueryArgs().PeekMulti(name) {
		values = append(values, string(value))
	}
	return values
}
