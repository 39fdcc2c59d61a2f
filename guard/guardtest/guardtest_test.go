package guardtest_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/jetonauth/jeton/guard"
	"github.com/jetonauth/jeton/guard/guardtest"
)

// TestNetHTTP runs the suite over net/http, which needs no adapter.
func TestNetHTTP(t *testing.T) {
	t.Parallel()
	guardtest.Run(t, guardtest.Harness{
		Serve: func(t testing.TB, s guardtest.Server) string { t.Helper(); return listen(t, netHTTP(s)) },
		Raw:   func(t testing.TB, g *guard.Guard, h http.Handler) string { t.Helper(); return listen(t, g.Wrap(h)) },
	})
}

func netHTTP(s guardtest.Server) http.Handler {
	var h http.Handler = s
	list := s.Middleware()
	for i := range list {
		h = list[len(list)-1-i](h)
	}
	return h
}

// TestSoundAdapter runs it over an adapter by context, which is what the defective ones are made of.
func TestSoundAdapter(t *testing.T) {
	t.Parallel()
	guardtest.Run(t, sound().harness())
}

// TestCall runs it over a protocol that is not HTTP: calls within the process.
func TestCall(t *testing.T) {
	t.Parallel()
	guardtest.Run(t, guardtest.Harness{Call: calls(sound())})
}

// calls plays a protocol whose messages have headers and nothing else.
func calls(a *adapter) func(t testing.TB, s guardtest.Server) guardtest.Caller {
	return func(t testing.TB, s guardtest.Server) guardtest.Caller {
		t.Helper()
		return func(ctx context.Context, header http.Header) (reply guardtest.Reply, err error) {
			defer func() {
				if recover() != nil {
					reply = guardtest.Reply{Status: http.StatusInternalServerError}
				}
			}()
			r, err := http.NewRequestWithContext(ctx, http.MethodPost, "/", http.NoBody)
			if err != nil {
				return guardtest.Reply{}, err
			}
			r.Header = header
			ctx, _, refusal := a.judge(r, s)
			if refusal == nil {
				return guardtest.Reply{Status: http.StatusOK, Body: s.Handle(ctx)}, nil
			}
			reply = guardtest.Reply{Status: refusal.Status(), Header: http.Header{}, Body: refusal.Description}
			if challenge := refusal.Challenge(); challenge != "" {
				reply.Header.Set("WWW-Authenticate", challenge)
			}
			return reply, nil
		}
	}
}
