package jetonfiber_test

import (
	"errors"
	"net"
	"testing"

	"github.com/gofiber/fiber/v3"
	recovery "github.com/gofiber/fiber/v3/middleware/recover"

	jetonfiber "github.com/jetonauth/jeton/adapter/fiber"
	"github.com/jetonauth/jeton/guard/guardtest"
)

func TestAdapter(t *testing.T) {
	t.Parallel()
	for name, cfg := range map[string]fiber.Config{
		"default":             {},
		"immutable":           {Immutable: true},
		"little memory":       {ReduceMemoryUsage: true},
		"names as they come":  {DisableHeaderNormalizing: true},
		"body read in pieces": {StreamRequestBody: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			guardtest.Run(t, guardtest.Harness{
				Serve: func(t testing.TB, s guardtest.Server) string { t.Helper(); return start(t, s, cfg) },
				Deaf:  true,
			})
		})
	}
}

// Behind fiber's own recovery.
func TestAdapterBehindRecovery(t *testing.T) {
	t.Parallel()
	guardtest.Run(t, guardtest.Harness{
		Serve: func(t testing.TB, s guardtest.Server) string {
			t.Helper()
			return start(t, s, fiber.Config{}, recovery.New())
		},
		Deaf: true,
	})
}

func start(t testing.TB, s guardtest.Server, cfg fiber.Config, before ...any) (url string) {
	t.Helper()
	app := fiber.New(cfg)
	for _, h := range before {
		app.Use(h)
	}
	app.Use(jetonfiber.Wrap(s.Guard))
	if s.Users != nil {
		app.Use(jetonfiber.Load(s.Users))
	}
	if s.Scopes != nil {
		app.Use(jetonfiber.Scopes(s.Scopes...))
	}
	if s.Roles != nil {
		app.Use(jetonfiber.Roles(s.Roles...))
	}
	if s.Policy != nil {
		app.Use(jetonfiber.Allow(s.Policy))
	}
	app.All("/*", func(c fiber.Ctx) error { return c.SendString(s.Handle(c.Context())) })
	return listen(t, app)
}

func listen(t testing.TB, app *fiber.App) (url string) {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- app.Listener(listener, fiber.ListenConfig{DisableStartupMessage: true}) }()
	// The clients have closed their connections by then, and app.Shutdown looks only ten times a second.
	t.Cleanup(func() {
		if err := errors.Join(listener.Close(), <-served); err != nil {
			t.Errorf("fiber: %v", err)
		}
	})
	return "http://" + listener.Addr().String()
}
