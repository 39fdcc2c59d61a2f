package server

import (
	"bytes"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// logged is what was written to a log, also by timers.
type logged struct {
	mu     sync.Mutex
	buffer bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buffer.Write(p)
}

// lines returns what was written since it was called last, without the quotes.
func (l *logged) lines() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	defer l.buffer.Reset()
	text := strings.TrimSuffix(strings.ReplaceAll(l.buffer.String(), `"`, ""), "\n")
	if text == "" {
		return nil
	}
	return strings.Split(text, "\n")
}

func outageLogger(b *logged) (*slog.Logger, *outageLog) {
	handler := newOutageLog(slog.NewTextHandler(b, &slog.HandlerOptions{
		Level: slog.LevelInfo,
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey || a.Key == slog.LevelKey {
				return slog.Attr{}
			}
			return a
		},
	}))
	return slog.New(handler), handler
}

func TestAnOutageDoesNotFloodTheLog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b logged
		log, _ := outageLogger(&b)
		derived := log.With("node", "a")
		for n := range 1000 {
			log.Error("api: request failed", "request_id", n, "operation", "refresh", "code", "unavailable")
			derived.Error("guard: request refused", "code", "unavailable")
		}
		log.Error("api: request failed", "operation", "signIn", "code", "unavailable")
		if got := b.lines(); len(got) != 2*outageLines+1 {
			t.Errorf("%d lines at once, want %d:\n%s", len(got), 2*outageLines+1, strings.Join(got, "\n"))
		}
		time.Sleep(outagePeriod)
		synctest.Wait()
		got := b.lines()
		if len(got) != 2 {
			t.Fatalf("%d lines at the end of the period, want one for each operation that has more:\n%s", len(got), strings.Join(got, "\n"))
		}
		all := strings.Join(got, "\n")
		for _, want := range []string{
			"msg=api: request failed request_id=999 operation=refresh code=unavailable times=997",
			"msg=guard: request refused node=a code=unavailable times=997",
		} {
			if !strings.Contains(all, want) {
				t.Errorf("no line is %q:\n%s", want, all)
			}
		}

		// The next period begins with the next failure.
		time.Sleep(time.Hour)
		log.Error("api: request failed", "request_id", 1, "operation", "refresh", "code", "unavailable")
		if got := b.lines(); len(got) != 1 || strings.Contains(got[0], "times") {
			t.Errorf("an hour later: %q", got)
		}
		time.Sleep(outagePeriod)
		synctest.Wait()
		if got := b.lines(); len(got) > 0 {
			t.Errorf("one failure was told of twice: %q", got)
		}
	})
}

func TestOnlyAnOutageIsSummedUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b logged
		log, _ := outageLogger(&b)
		for range 20 {
			log.Error("api: request failed", "operation", "refresh", "code", "internal", "panic", "x")
			log.Info("audit", "event", "sign_in")
			log.Warn("not ready")
		}
		if got := b.lines(); len(got) != 60 {
			t.Errorf("%d lines of 60", len(got))
		}
	})
}

func TestNothingIsHeldBackAtTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b logged
		log, handler := outageLogger(&b)
		for range 5 {
			log.Error("guard: request refused", "code", "unavailable")
		}
		b.lines()
		handler.outage.flush()
		if got := b.lines(); len(got) != 1 || !strings.HasSuffix(got[0], "times=2") {
			t.Errorf("a server that ends writes %q", got)
		}
		time.Sleep(time.Hour)
		synctest.Wait()
		if got := b.lines(); len(got) > 0 {
			t.Errorf("and later %q", got)
		}
	})
}
