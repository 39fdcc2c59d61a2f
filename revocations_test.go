package jeton_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/revoke"
	"github.com/jetonauth/jeton/store/memory"
)

// What another node has committed is in Revocations at once, and OnRevocation learns of it after a hint.
func TestRevocationsOfAnotherNode(t *testing.T) {
	t.Parallel()
	store := memory.New()
	s := newService(t, func(c *jeton.Config) { c.Store = store })
	learned := make(chan revoke.Entry, 10)
	cancel := s.OnRevocation(func(e revoke.Entry) { learned <- e })
	next := func() revoke.Entry {
		t.Helper()
		select {
		case e := <-learned:
			return e
		case <-time.After(20 * time.Second):
			t.Fatal("nothing was learned")
			return revoke.Entry{}
		}
	}
	elsewhere, err := store.RevokeToken(t.Context(), revoke.IDOf("elsewhere"), s.Now().Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	entries, err := s.Revocations(t.Context(), 0, 10)
	if err != nil || len(entries) != 1 || entries[0].ID != elsewhere.ID {
		t.Fatalf("%v, %v", entries, err)
	}
	s.Hint()
	if e := next(); e.ID != elsewhere.ID || e.Number != 1 {
		t.Errorf("learned %+v", e)
	}
	g := s.signUp(ada)
	if err := s.SignOut(t.Context(), jeton.SignOutRequest{Token: g.AccessToken}); err != nil {
		t.Fatal(err)
	}
	if e := next(); e.ID != revoke.IDOf(g.Session.ID) || e.Number != 2 {
		t.Errorf("learned %+v", e)
	}
	cancel()
	if entries, err = s.Revocations(t.Context(), 1, 10); err != nil || len(entries) != 1 || entries[0].Number != 2 {
		t.Errorf("%v, %v", entries, err)
	}
}

// Without a hint it takes until the next read.
func TestAHintIsNoticedAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newService(t, nil)
		learned := 0
		defer s.OnRevocation(func(revoke.Entry) { learned++ })()
		synctest.Wait()
		for want, hint := range []func(){func() {}, s.Hint} {
			if _, err := s.store.RevokeToken(t.Context(), revoke.IDOf("elsewhere"), s.Now().Add(time.Hour)); err != nil {
				t.Fatal(err)
			}
			time.Sleep(50 * time.Millisecond)
			hint()
			synctest.Wait()
			if learned != want {
				t.Errorf("%d revocations were learned of, want %d", learned, want)
			}
		}
	})
}
