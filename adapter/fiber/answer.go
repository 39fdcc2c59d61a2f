package jetonfiber

import (
	"net"
	"net/http"
	"strings"

	"github.com/gofiber/fiber/v3"

	"github.com/jetonauth/jeton/guard"
)

// write does what [guard.Answer.Write] does for net/http.
func write(c fiber.Ctx, a guard.Answer) {
	header := &c.Response().Header
	for name, values := range a.Header {
		header.Del(name)
		for _, value := range values {
			header.Add(name, oneLine(value))
		}
	}
	status := a.Status
	if status < http.StatusOK || status > 999 {
		status = http.StatusInternalServerError
	}
	c.Response().SetStatusCode(status)
	c.Response().SetBody(a.Body)
}

// oneLine keeps a value from being more than one header.
func oneLine(value string) string { return strings.NewReplacer("\r", " ", "\n", " ").Replace(value) }

// drop closes the connection without an answer.
func drop(c fiber.Ctx) {
	c.RequestCtx().HijackSetNoResponse(true)
	c.RequestCtx().Hijack(func(net.Conn) {}) // which is closed afterwards
}
