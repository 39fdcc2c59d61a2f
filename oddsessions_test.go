package jeton_test

import (
	"context"
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/jetonauth/jeton"
)

// oddSessions is a session store between whose steps something happens. What is nil does nothing.
type oddSessions struct {
	jeton.SessionStore
	read   func(*jeton.Session) // changes each session that is read by its id
	find   error                // in place of a session
	before func() error         // fails each step of a refresh, or lets something happen before it
}

func (o *oddSessions) install(c *jeton.Config) {
	o.SessionStore = c.Store
	c.Sessions, c.Secret = o, masterKey
}

func (o *oddSessions) SessionByID(ctx context.Context, id string) (*jeton.Session, error) {
	if o.find != nil {
		return nil, o.find
	}
	s, err := o.SessionStore.SessionByID(ctx, id)
	if err == nil && o.read != nil {
		o.read(s)
	}
	return s, err
}

func (o *oddSessions) step() error {
	if o.before == nil {
		return nil
	}
	return o.before()
}

func (o *oddSessions) AdvanceSession(ctx context.Context, a jeton.Advance) error {
	if err := o.step(); err != nil {
		return err
	}
	return o.SessionStore.AdvanceSession(ctx, a)
}

func (o *oddSessions) ExtendAccess(ctx context.Context, id string, until time.Time) error {
	if err := o.step(); err != nil {
		return err
	}
	return o.SessionStore.ExtendAccess(ctx, id, until)
}

// A token that was given out, for a session that is not its own any more, buys nothing, shows nothing and ends nothing.
func TestATokenOfAnotherSession(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*jeton.Session){
		"another kind":          func(s *jeton.Session) { s.Kind = jeton.Fixed },
		"another secret":        func(s *jeton.Session) { s.SecretID++ },
		"another tag":           func(s *jeton.Session) { s.TagHash[31]++ },
		"an earlier generation": func(s *jeton.Session) { s.Generation-- },
		"a later generation":    func(s *jeton.Session) { s.Generation++ },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sessions := &oddSessions{}
			s := newService(t, sessions.install)
			g, err := s.refresh(s.signUp(ada).RefreshToken, browser)
			if err != nil {
				t.Fatal(err)
			}
			sessions.read = change
			_, err = s.refresh(g.RefreshToken, browser)
			wantErr(t, "refresh", err, jeton.ErrInvalidGrant)
			_, err = s.SessionOf(t.Context(), g.RefreshToken)
			wantErr(t, "shown", err, jeton.ErrInvalidGrant)
			if err := s.SignOut(t.Context(), jeton.SignOutRequest{Token: g.RefreshToken}); err != nil {
				t.Errorf("sign out: %v", err)
			}
			sessions.read = nil
			if _, err := s.refresh(g.RefreshToken, browser); err != nil {
				t.Errorf("the session suffered: %v", err)
			}
			if n := s.count(jeton.EventRefreshTheft) + s.count(jeton.EventRefreshReplayed) + s.count(jeton.EventSignOut); n != 0 {
				t.Errorf("%d audit events, want none", n)
			}
		})
	}
}

// A session that is gone is worth nothing. One that cannot be looked up may be worth something, and nobody is told that it has ended.
func TestASessionThatIsNotFound(t *testing.T) {
	t.Parallel()
	away := errors.Join(jeton.ErrUnavailable, jeton.ErrNotFound)
	for name, test := range map[string]struct{ find, buys, signsOut error }{
		"pruned": {jeton.ErrNotFound, jeton.ErrInvalidGrant, nil},
		"away":   {away, jeton.ErrUnavailable, jeton.ErrUnavailable},
	} {
		sessions := &oddSessions{}
		s := newService(t, sessions.install)
		g := s.signUp(ada)
		sessions.find = test.find
		_, refreshed := s.refresh(g.RefreshToken, browser)
		_, shown := s.SessionOf(t.Context(), g.RefreshToken)
		for _, err := range []error{refreshed, shown} {
			wantErr(t, name, err, test.buys)
			if errors.Is(err, jeton.ErrNotFound) != errors.Is(err, jeton.ErrUnavailable) {
				t.Errorf("%s: error %v", name, err)
			}
		}
		wantErr(t, name+", to sign out", s.SignOut(t.Context(), jeton.SignOutRequest{Token: g.RefreshToken}), test.signsOut)
		sessions.find = nil
		s.principal(g.AccessToken)
	}
}

// A store's answer to a refresh is told apart from its trouble.
func TestWhatAStoreAnswersToARefresh(t *testing.T) {
	t.Parallel()
	away := errors.Join(jeton.ErrUnavailable, jeton.ErrNotFound, jeton.ErrSessionEnded, jeton.ErrConflict)
	for name, test := range map[string]struct {
		answer, want, not error
	}{
		"ended meanwhile":  {jeton.ErrSessionEnded, jeton.ErrInvalidGrant, jeton.ErrSessionEnded},
		"pruned meanwhile": {jeton.ErrNotFound, jeton.ErrInvalidGrant, jeton.ErrNotFound},
		"away":             {away, jeton.ErrUnavailable, jeton.ErrInvalidGrant},
		"its own trouble":  {errBroken, errBroken, jeton.ErrInvalidGrant},
		"cancelled":        {context.Canceled, context.Canceled, jeton.ErrInvalidGrant},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sessions := &oddSessions{}
			s := newService(t, sessions.install)
			first := s.signUp(ada)
			second, err := s.refresh(first.RefreshToken, browser)
			if err != nil {
				t.Fatal(err)
			}
			sessions.before = func() error { return test.answer }
			for step, token := range map[string]string{"advance": second.RefreshToken, "replay": first.RefreshToken} {
				g, err := s.refresh(token, browser)
				if g != nil || !errors.Is(err, test.want) || errors.Is(err, test.not) {
					t.Errorf("%s: %v, error %v, want %v", step, g, err, test.want)
				}
			}
			if n := s.count(jeton.EventRefreshReplayed); n != 0 {
				t.Errorf("%d replays are audited, though none was answered", n)
			}
		})
	}
}

// Who is overtaken by another refresh gets what that one got; who is overtaken again and again is told to come back.
func TestRefreshesThatAreOvertaken(t *testing.T) {
	t.Parallel()
	sessions := &oddSessions{}
	s := newService(t, sessions.install)
	g := s.signUp(ada)
	var winner *jeton.Grant
	sessions.before = func() (err error) {
		sessions.before = nil
		winner, err = s.refresh(g.RefreshToken, browser)
		return err
	}
	loser, err := s.refresh(g.RefreshToken, browser)
	if err != nil || loser.RefreshToken != winner.RefreshToken || loser.Session.Generation != 1 {
		t.Errorf("overtaken: %v, %v", loser, err)
	}
	tries := 0
	sessions.before = func() error {
		tries++
		return jeton.ErrConflict
	}
	_, err = s.refresh(winner.RefreshToken, browser)
	wantErr(t, "overtaken without end", err, jeton.ErrUnavailable)
	if tries < 2 || tries > 100 {
		t.Errorf("%d tries", tries)
	}
}

// What a grant says of its session is what the store keeps, also after a clock was put back.
func TestAGrantShowsItsSession(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	g := s.signUp(ada)
	check := func(name, token string) *jeton.Grant {
		t.Helper()
		got, err := s.refresh(token, browser)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if claim, ok := s.principal(got.AccessToken).StringClaim("csrf"); ok || got.CSRF != "" {
			t.Errorf("%s: without cookies there is %q, and %q in the token", name, got.CSRF, claim)
		}
		kept, err := s.store.SessionByID(t.Context(), g.Session.ID)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got.Session, kept) {
			t.Errorf("%s: the grant shows until %v, advances %v; the store keeps until %v, advances %v", name,
				got.Session.AccessUntil, got.Session.Advances, kept.AccessUntil, kept.Advances)
		}
		if kept.AccessUntil.Before(got.ExpiresAt) {
			t.Errorf("%s: a token lasts until %v, its session knows of %v", name, got.ExpiresAt, kept.AccessUntil)
		}
		return got
	}
	for _, step := range []time.Duration{0, 10 * time.Minute, time.Hour, -20 * time.Minute, time.Minute, time.Hour} {
		s.advance(step)
		next := check("refresh after "+step.String(), g.RefreshToken)
		s.advance(time.Second)
		check("replay after "+step.String(), g.RefreshToken)
		if _, err := s.SessionOf(t.Context(), g.RefreshToken); err != nil {
			t.Errorf("shown after %v: %v", step, err)
		}
		g = next
	}
}
