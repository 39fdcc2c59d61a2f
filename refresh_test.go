package jeton_test

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/jwk"
	"github.com/jetonauth/jeton/jwt"
	"github.com/jetonauth/jeton/revoke"
	"github.com/jetonauth/jeton/store/memory"
)

var browser = from(homeNet, "browser")

func TestRefreshRotates(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	g := s.signUp(ada)
	for i := range 6 {
		s.advance(10 * time.Minute)
		next, err := s.refresh(g.RefreshToken, browser)
		if err != nil {
			t.Fatalf("refresh %d: %v", i, err)
		}
		if next.RefreshToken == g.RefreshToken || next.AccessToken == g.AccessToken {
			t.Fatalf("refresh %d gave an old token", i)
		}
		if p := s.principal(next.AccessToken); p.Session() != g.Session.ID || p.Subject() != g.User.ID {
			t.Fatalf("refresh %d: %v", i, p)
		}
		g = next
	}
	if len(g.Session.Advances) != jeton.MaxAdvances {
		t.Errorf("%d times of advances are kept, want %d", len(g.Session.Advances), jeton.MaxAdvances)
	}
}

func TestRefreshWithAnOlderTokenInsideTheInterval(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	first := s.signUp(ada)
	current := first
	for range jeton.MaxAdvances {
		s.advance(5 * time.Second)
		var err error
		if current, err = s.refresh(current.RefreshToken, browser); err != nil {
			t.Fatal(err)
		}
	}
	s.advance(15 * time.Second) // 30 s after the first token's successor was made
	again, err := s.refresh(first.RefreshToken, browser)
	if err != nil {
		t.Fatal(err)
	}
	if again.RefreshToken != current.RefreshToken {
		t.Error("the older token did not yield the current one")
	}
	if again.Session.Generation != jeton.MaxAdvances || again.AccessToken == current.AccessToken {
		t.Errorf("generation %d, want %d, with a fresh access token", again.Session.Generation, jeton.MaxAdvances)
	}
	if !again.Session.AccessUntil.Equal(again.ExpiresAt) {
		t.Errorf("the session has tokens until %v, and this one lasts until %v", again.Session.AccessUntil, again.ExpiresAt)
	}
	s.principal(again.AccessToken)
	if n := s.count(jeton.EventRefreshReplayed); n != 1 {
		t.Errorf("%d replay events, want 1", n)
	}
}

func TestRefreshWithAnOlderTokenAfterTheIntervalIsTheft(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		interval, after time.Duration
	}{
		"after the interval":          {0, 30*time.Second + time.Millisecond},
		"strict":                      {-1, 0},
		"strict, the clock went back": {-1, -time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newService(t, func(c *jeton.Config) { c.ReuseInterval = test.interval })
			stolen := s.signUp(ada)
			current, err := s.refresh(stolen.RefreshToken, browser)
			if err != nil {
				t.Fatal(err)
			}
			s.advance(test.after)
			_, err = s.refresh(stolen.RefreshToken, browser)
			wantErr(t, "stolen token", err, jeton.ErrInvalidGrant)
			_, err = s.refresh(current.RefreshToken, browser)
			wantErr(t, "current token", err, jeton.ErrInvalidGrant)
			_, err = s.Verify(t.Context(), current.AccessToken)
			wantErr(t, "access token", err, jwt.ErrRevoked)
			if n := s.count(jeton.EventRefreshTheft); n != 1 {
				t.Errorf("%d theft events, want 1", n)
			}
		})
	}
}

func TestRefreshOlderThanTheKeptAdvancesIsTheft(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	g := s.signUp(ada)
	stolen := g.RefreshToken
	for range 300 { // all within the interval, but far more than the session remembers
		var err error
		if g, err = s.refresh(g.RefreshToken, browser); err != nil {
			t.Fatal(err)
		}
	}
	_, err := s.refresh(stolen, browser)
	wantErr(t, "stolen token", err, jeton.ErrInvalidGrant)
	if n := s.count(jeton.EventRefreshTheft); n != 1 {
		t.Errorf("%d theft events, want 1", n)
	}
}

func TestReplayFromElsewhereGetsNothing(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		client jeton.Client
		ok     bool
	}{
		"same":               {from(homeNet, "browser"), true},
		"another network":    {from(otherNet, "browser"), true},
		"another user agent": {from(homeNet, "phone"), true},
		"both":               {from(otherNet, "phone"), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newService(t, nil)
			first := s.signUp(ada)
			current, err := s.refresh(first.RefreshToken, browser)
			if err != nil {
				t.Fatal(err)
			}
			_, err = s.refresh(first.RefreshToken, test.client)
			if (err == nil) != test.ok {
				t.Errorf("error %v, want success %v", err, test.ok)
			}
			if _, err := s.refresh(current.RefreshToken, browser); err != nil {
				t.Errorf("the session suffered: %v", err)
			}
			if n := s.count(jeton.EventRefreshReplayed); n != 1 {
				t.Errorf("%d replay events, want 1", n)
			}
		})
	}
}

func TestGuessesEndNothing(t *testing.T) {
	t.Parallel()
	sessions := &oddSessions{}
	s := newService(t, sessions.install)
	g := s.signUp(ada)
	const generation = jeton.MaxAdvances + 2 // so that there are some that are too old for their tags to be compared
	for range generation {
		var err error
		if g, err = s.refresh(g.RefreshToken, browser); err != nil {
			t.Fatal(err)
		}
	}
	sessions.read = func(*jeton.Session) { t.Error("a guess cost a query") }
	for name, token := range map[string]string{
		"empty":              "",
		"access token":       g.AccessToken,
		"guess, first":       jeton.ForgeRefreshToken(g.RefreshToken, 0),
		"guess, before":      jeton.ForgeRefreshToken(g.RefreshToken, generation-1),
		"guess, current":     jeton.ForgeRefreshToken(g.RefreshToken, generation),
		"guess, future":      jeton.ForgeRefreshToken(g.RefreshToken, generation+1),
		"no prefix":          strings.TrimPrefix(g.RefreshToken, "jrt_"),
		"another version":    resealed(t, g.RefreshToken, func(b []byte) { b[0] = 2 }),
		"nobody's secret":    resealed(t, g.RefreshToken, func(b []byte) { b[1]++ }),
		"guess, far future":  jeton.ForgeRefreshToken(g.RefreshToken, 1<<32-1),
		"cut off":            g.RefreshToken[:len(g.RefreshToken)-1],
		"one character more": g.RefreshToken + "A",
		"line break":         g.RefreshToken + "\n",
		"other prefix":       strings.Replace(g.RefreshToken, "jrt_", "jtr_", 1),
	} {
		_, err := s.refresh(token, browser)
		wantErr(t, name, err, jeton.ErrInvalidGrant)
		if name == "access token" { // which does sign out
			continue
		}
		_, err = s.SessionOf(t.Context(), token)
		wantErr(t, name+", shown", err, jeton.ErrInvalidGrant)
		if err := s.SignOut(t.Context(), jeton.SignOutRequest{Token: token}); err != nil {
			t.Errorf("%s, to sign out: %v", name, err)
		}
	}
	sessions.read = nil
	if _, err := s.refresh(g.RefreshToken, browser); err != nil {
		t.Errorf("the session suffered: %v", err)
	}
	if n := s.count(jeton.EventRefreshTheft); n != 0 {
		t.Errorf("%d theft events, want none", n)
	}
}

func TestParallelRefreshesAllGetOneSuccessor(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	g := s.signUp(ada)
	const clients = 100
	tokens := make([]string, clients)
	errs := make([]error, clients)
	var wg sync.WaitGroup
	for i := range clients {
		wg.Go(func() {
			got, err := s.Refresh(t.Context(), jeton.RefreshRequest{Token: g.RefreshToken, Client: browser})
			if errs[i] = err; err == nil {
				tokens[i] = got.RefreshToken
			}
		})
	}
	wg.Wait()
	for i := range clients {
		if errs[i] != nil || tokens[i] != tokens[0] {
			t.Fatalf("client %d: token differs or error %v", i, errs[i])
		}
	}
	session, err := s.store.SessionByID(t.Context(), g.Session.ID)
	if err != nil || session.Generation != 1 {
		t.Errorf("generation %v, want exactly one advance (%v)", session, err)
	}
}

func TestSessionsEndByTime(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		every time.Duration
		times int
	}{
		"idle for 30 days":  {30 * 24 * time.Hour, 0},
		"180 days at most":  {29 * 24 * time.Hour, 6},
		"idle after a week": {30 * 24 * time.Hour, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newService(t, nil)
			g := s.signUp(ada)
			for i := range test.times {
				if test.times > 1 {
					s.advance(test.every)
				} else {
					s.advance(7 * 24 * time.Hour)
				}
				var err error
				if g, err = s.refresh(g.RefreshToken, browser); err != nil {
					t.Fatalf("refresh %d: %v", i, err)
				}
			}
			s.advance(test.every)
			_, err := s.SessionOf(t.Context(), g.RefreshToken)
			wantErr(t, "shown", err, jeton.ErrInvalidGrant)
			_, err = s.refresh(g.RefreshToken, browser)
			wantErr(t, "refresh", err, jeton.ErrInvalidGrant)
		})
	}
}

func TestAccessTokenDiesWithItsSession(t *testing.T) {
	t.Parallel()
	s := newService(t, func(c *jeton.Config) { c.Lifetime = 5 * time.Minute })
	g := s.signUp(ada)
	if g.ExpiresIn != 5*time.Minute {
		t.Errorf("expires in %v, want no later than the session, 5m", g.ExpiresIn)
	}
}

// A token tells its expiry in whole seconds: in a session's last one there is none to give out that has not expired.
func TestNothingIsGivenOutThatHasExpired(t *testing.T) {
	t.Parallel()
	s := newService(t, func(c *jeton.Config) { c.Lifetime = 5 * time.Minute })
	s.advance(500 * time.Millisecond)
	first := s.signUp(ada)
	s.advance(5*time.Minute - 600*time.Millisecond)
	second, err := s.refresh(first.RefreshToken, browser)
	if err != nil || second.ExpiresIn <= 0 {
		t.Fatalf("%+v, %v", second, err)
	}
	s.principal(second.AccessToken)
	for range 2 { // as the last second begins, and within it
		s.advance(100 * time.Millisecond)
		for name, token := range map[string]string{"current": second.RefreshToken, "older": first.RefreshToken} {
			_, err := s.refresh(token, browser)
			wantErr(t, name, err, jeton.ErrInvalidGrant)
		}
	}
	if n := s.count(jeton.EventRefreshTheft) + s.count(jeton.EventRefreshReplayed); n != 0 {
		t.Errorf("%d audit events", n)
	}
}

func TestRefreshNeedsAnEnabledAccount(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*service, string) error{ // in the store alone, so that the session goes on
		"disabled": func(s *service, id string) error {
			_, err := s.store.UpdateUser(s.t.Context(), id, jeton.UserChange{Disabled: new(true)})
			return err
		},
		"deleted": func(s *service, id string) error { return s.store.DeleteUser(s.t.Context(), id) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newService(t, nil)
			g := s.signUp(ada)
			if err := change(s, g.User.ID); err != nil {
				t.Fatal(err)
			}
			_, err := s.refresh(g.RefreshToken, browser)
			wantErr(t, "refresh", err, jeton.ErrInvalidGrant)
			_, err = s.SessionOf(t.Context(), g.RefreshToken)
			wantErr(t, "shown", err, jeton.ErrInvalidGrant)
			if session, err := s.store.SessionByID(t.Context(), g.Session.ID); err != nil || !session.EndedAt.IsZero() {
				t.Errorf("session %+v, %v", session, err)
			}
		})
	}
}

func TestSecretsMayChange(t *testing.T) {
	t.Parallel()
	before := []byte("0123456789abcdefghijklmnopqrstuv")
	after := []byte("vutsrqponmlkjihgfedcba9876543210")
	old := newService(t, func(c *jeton.Config) { c.Secret = before })
	g := old.signUp(ada)
	for name, test := range map[string]struct {
		old []([]byte)
		err error
	}{"known": {[][]byte{before}, nil}, "forgotten": {nil, jeton.ErrInvalidGrant}} {
		s := newService(t, func(c *jeton.Config) { c.Store, c.Secret, c.OldSecrets = old.store, after, test.old })
		if next, err := s.refresh(g.RefreshToken, browser); err == nil {
			_, err = s.refresh(next.RefreshToken, browser)
			wantErr(t, name, err, test.err)
		} else {
			wantErr(t, name, err, test.err)
		}
	}
}

func TestNothingInTheStoreIsAToken(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	g := s.signUp(ada)
	session, err := s.store.SessionByID(t.Context(), g.Session.ID)
	if err != nil {
		t.Fatal(err)
	}
	tag := jeton.RefreshTokenTag(g.RefreshToken)
	text, err := json.Marshal(session)
	if err != nil {
		t.Fatal(err)
	}
	list, err := json.Marshal(tag)
	if err != nil {
		t.Fatal(err)
	}
	hash, err := json.Marshal(sha256.Sum256(tag[:]))
	if err != nil {
		t.Fatal(err)
	}
	for _, form := range []string{string(list), string(tag[:]), hex.EncodeToString(tag[:]), base64.RawURLEncoding.EncodeToString(tag[:])} {
		if strings.Contains(string(text), form) {
			t.Errorf("the session holds the tag itself: %s", text)
		}
	}
	if !strings.Contains(string(text), string(hash)) {
		t.Errorf("the session does not hold the tag's hash: %s", text)
	}
}

// hangUp is a session store whose client goes away just before sessions are ended.
type hangUp struct {
	jeton.SessionStore
	cancel context.CancelFunc
}

func (h hangUp) EndSessions(ctx context.Context, e jeton.Ending) ([]revoke.Entry, error) {
	h.cancel()
	return h.SessionStore.EndSessions(ctx, e)
}

// What has to be done is done although nobody waits for it any more.
func TestSessionsEndThoughTheClientHasGone(t *testing.T) {
	t.Parallel()
	for name, do := range map[string]func(context.Context, *service, *jeton.Grant) error{
		"theft": func(ctx context.Context, s *service, g *jeton.Grant) error {
			if _, err := s.refresh(g.RefreshToken, browser); err != nil {
				return err
			}
			s.advance(time.Minute)
			_, err := s.Refresh(ctx, jeton.RefreshRequest{Token: g.RefreshToken, Client: browser})
			if errors.Is(err, jeton.ErrInvalidGrant) {
				return nil
			}
			return err
		},
		"disable": func(ctx context.Context, s *service, g *jeton.Grant) error {
			return s.SetDisabled(ctx, g.User.ID, true)
		},
		"delete": func(ctx context.Context, s *service, g *jeton.Grant) error { return s.RemoveUser(ctx, g.User.ID) },
		"roles": func(ctx context.Context, s *service, g *jeton.Grant) error {
			return s.SetRoles(ctx, g.User.ID, []string{"admin"})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			s := newService(t, func(c *jeton.Config) { c.Sessions, c.Secret = hangUp{c.Store, cancel}, masterKey })
			g := s.signUp(ada)
			if err := do(ctx, s, g); err != nil {
				t.Fatal(err)
			}
			session, err := s.store.SessionByID(t.Context(), g.Session.ID)
			if err != nil || session.EndedAt.IsZero() {
				t.Errorf("the session goes on: %v", err)
			}
			_, err = s.Verify(t.Context(), g.AccessToken)
			wantErr(t, "access token", err, jwt.ErrRevoked)
		})
	}
}

func TestTroubleOfTheServiceIsNoInvalidGrant(t *testing.T) {
	t.Parallel()
	var failure error
	s := newService(t, func(c *jeton.Config) {
		c.Claims = func(context.Context, jeton.ClaimsInput) (map[string]any, error) { return nil, failure }
	})
	older := s.signUp(ada).RefreshToken
	current, err := s.refresh(older, browser)
	if err != nil {
		t.Fatal(err)
	}
	for _, failure = range []error{
		errors.Join(jeton.ErrUnavailable, jeton.ErrNotFound), jeton.ErrConflict, jeton.ErrSessionEnded, jeton.ErrNotFound,
	} {
		for _, token := range []string{current.RefreshToken, older} {
			_, err := s.refresh(token, browser)
			if !errors.Is(err, failure) || errors.Is(err, jeton.ErrInvalidGrant) {
				t.Errorf("claims fail with %v: %v", failure, err)
			}
		}
	}
}

// unending is a session store that cannot end sessions at the moment.
type unending struct {
	jeton.SessionStore
	err error
}

func (u *unending) install(c *jeton.Config) {
	u.SessionStore = c.Store
	c.Sessions, c.Secret = u, masterKey
}

func (u *unending) EndSessions(ctx context.Context, e jeton.Ending) ([]revoke.Entry, error) {
	if u.err != nil {
		return nil, u.err
	}
	return u.SessionStore.EndSessions(ctx, e)
}

// A thief's session that could not be ended goes on, and whoever asks is told to ask again: the theft is noticed then.
func TestATheftIsNoticedAgainUntilTheSessionHasEnded(t *testing.T) {
	t.Parallel()
	sessions := &unending{err: jeton.ErrUnavailable}
	s := newService(t, sessions.install)
	g := s.signUp(ada)
	next, err := s.refresh(g.RefreshToken, browser)
	if err != nil {
		t.Fatal(err)
	}
	s.advance(time.Minute)
	_, err = s.refresh(g.RefreshToken, browser)
	wantErr(t, "while it cannot be ended", err, jeton.ErrUnavailable)
	if n := s.count(jeton.EventRefreshTheft); n != 0 {
		t.Errorf("%d theft events before anything has ended", n)
	}
	sessions.err = nil
	_, err = s.refresh(g.RefreshToken, browser)
	wantErr(t, "then", err, jeton.ErrInvalidGrant)
	_, err = s.refresh(next.RefreshToken, browser)
	wantErr(t, "the successor", err, jeton.ErrInvalidGrant)
	if n := s.count(jeton.EventRefreshTheft); n != 1 {
		t.Errorf("%d theft events, want 1", n)
	}
}

// Two sessions have nothing in common that could be guessed.
func TestSessionsBeginAtRandom(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	one, other := jeton.RefreshTokenTag(s.signUp(ada).RefreshToken), jeton.RefreshTokenTag(s.signUp("bob@example.com").RefreshToken)
	for i := range one { // each of the four parts of eight bytes is another one
		if i%8 == 0 && [8]byte(one[i:]) == [8]byte(other[i:]) {
			t.Errorf("bytes %d to %d are alike: %x", i, i+8, one[i:i+8])
		}
	}
}

// What cannot be exchanged is worth nothing.
func TestSessionsOfAProfileThatIsGone(t *testing.T) {
	t.Parallel()
	store := memory.New()
	secret := mustKey(jwk.FromSecret(jwk.HS256, []byte("nine times out of ten a secret is 32")))
	old := newService(t, func(c *jeton.Config) {
		c.Store, c.Secret = store, masterKey
		c.Profiles = []jeton.Profile{{Name: "old", Issuer: "https://old.example.com", Keys: jwk.Static(secret), Type: "access"}}
	})
	old.signUp(ada)
	first, err := old.SignIn(t.Context(), jeton.SignInRequest{Credentials: &jeton.Credentials{Email: ada, Password: good}, Profile: "old"})
	if err != nil {
		t.Fatal(err)
	}
	second, err := old.refresh(first.RefreshToken, browser)
	if err != nil {
		t.Fatal(err)
	}
	tokens := map[string]string{"the current one": second.RefreshToken, "an older one": first.RefreshToken}
	for name, token := range tokens {
		if _, err := old.SessionOf(t.Context(), token); err != nil {
			t.Errorf("%s, while there is the profile: %v", name, err)
		}
	}
	next := newService(t, func(c *jeton.Config) { c.Store, c.Secret = store, masterKey })
	for name, token := range tokens {
		_, err = next.SessionOf(t.Context(), token)
		wantErr(t, name+", shown", err, jeton.ErrInvalidGrant)
		_, err = next.refresh(token, browser)
		wantErr(t, name+", exchanged", err, jeton.ErrInvalidGrant)
	}
}
