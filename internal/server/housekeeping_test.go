package server

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/password"
)

// pruned is a session store that says when it is asked to remove what has expired, and may fail or hang at it.
type pruned struct {
	jeton.SessionStore
	asked            chan struct{}
	failing, hanging atomic.Bool
}

func (p *pruned) Prune(ctx context.Context, now time.Time) (int, error) {
	select {
	case p.asked <- struct{}{}:
	default:
	}
	if p.failing.Load() {
		return 0, errors.New("disk is full")
	}
	if p.hanging.Load() {
		<-ctx.Done()
		return 0, ctx.Err()
	}
	return p.SessionStore.Prune(ctx, now)
}

func TestARunningServerRemovesWhatHasExpired(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	r := start(t, data)
	up := r.want(r.do("POST", "/auth/signup", "", ada), 201, "")
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	again := start(t, data, func(c *Config) {
		prepare := c.configure
		c.configure = func(c *jeton.Config) {
			prepare(c)
			c.Now = func() time.Time { return time.Now().Add(200 * 24 * time.Hour) }
		}
	})
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for { // until the first round of housekeeping is over
		_, err := again.server.store.SessionByID(ctx, up.str("session_id"))
		if errors.Is(err, jeton.ErrNotFound) {
			return
		}
		if err != nil {
			t.Fatalf("a session that is long over is still there: %v", err)
		}
	}
}

func TestHousekeepingComesEveryMinute(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var logs bytes.Buffer
		sessions := &pruned{asked: make(chan struct{}, 10)}
		cfg := config(filepath.Join(t.TempDir(), "data"))
		cfg.Logger = slog.New(slog.NewTextHandler(&logs, nil))
		cfg.configure = func(c *jeton.Config) {
			c.Hasher = password.Argon2id{Memory: 64, Time: 1, Threads: 1}
			sessions.SessionStore, c.Sessions = c.Store, sessions
		}
		s, err := Open(t.Context(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		logs.Reset()
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			s.housekeep(ctx)
		}()
		rounds := func(after time.Duration) int {
			time.Sleep(after)
			synctest.Wait()
			n := len(sessions.asked)
			for range n {
				<-sessions.asked
			}
			return n
		}
		if n := rounds(0); n != 1 {
			t.Errorf("at the start %d rounds, want 1", n)
		}
		if n := rounds(time.Minute - time.Second); n != 0 {
			t.Errorf("within the minute %d rounds, want none", n)
		}
		sessions.failing.Store(true)
		if n := rounds(time.Second); n != 1 || !strings.Contains(logs.String(), "disk is full") {
			t.Errorf("after a minute %d rounds, want 1 that failed; the log: %s", n, &logs)
		}
		sessions.failing.Store(false)
		if n := rounds(3 * time.Minute); n != 3 {
			t.Errorf("in three minutes more %d rounds, want 3", n)
		}
		logs.Reset()
		sessions.hanging.Store(true)
		if n := rounds(time.Minute); n != 1 {
			t.Errorf("in the last minute %d rounds, want 1", n)
		}
		cancel()
		<-ended
		if logs.Len() > 0 {
			t.Errorf("the end is logged: %s", &logs)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
}
