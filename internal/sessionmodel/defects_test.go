package sessionmodel_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/internal/sessionmodel"
	"github.com/jetonauth/jeton/revoke"
	"github.com/jetonauth/jeton/store/memory"
)

// enough is how many runs the model may need to find a defect. The seeds are the same each time.
const enough = 1000

// defect is something wrong with a store or a service that the model must find.
type defect struct {
	name   string
	store  func(s jeton.Store) jeton.Store
	change func(c *jeton.Config)
	wants  string // part of what the model says, if only one thing can be said
}

func defects() []defect {
	return slices.Concat(storeDefects(), serviceDefects())
}

func storeDefects() []defect {
	store := func(name, wants string, wrap func(s jeton.Store) jeton.Store) defect {
		return defect{name: name, wants: wants, store: wrap}
	}
	return []defect{
		store("AdvanceSession is unconditional", "", func(s jeton.Store) jeton.Store { return unconditional{s} }),
		store("AdvanceSession lowers AccessUntil", "AccessUntil", func(s jeton.Store) jeton.Store { return &lowering{Store: s, byAdvance: true} }),
		store("AdvanceSession keeps the client", "", func(s jeton.Store) jeton.Store { return keepingClient{s} }),
		store("ExtendAccess lowers AccessUntil", "AccessUntil", func(s jeton.Store) jeton.Store { return &lowering{Store: s, byExtend: true} }),
		store("ExtendAccess does nothing", "", func(s jeton.Store) jeton.Store { return forgettingAccess{s} }),
		ending("EndSessions forgets the revocations", "accepted, want revoked", func(e *jeton.Ending) { e.RevokeUntil = -1000 * time.Hour }),
		ending("EndSessions forgets the leeway", "accepted, want revoked", func(e *jeton.Ending) { e.RevokeUntil = 0 }),
		ending("EndSessions ignores Except", "", func(e *jeton.Ending) { e.Except = "" }),
		ending("EndSessions ends everything of the user", "", func(e *jeton.Ending) {
			if e.UserID != "" {
				e.SessionID = ""
			}
		}),
		store("EndSessions leaves what is over by time", "", func(s jeton.Store) jeton.Store { return sparing{s} }),
		store("EndSessions keeps its revocations to itself", "accepted, want revoked", func(s jeton.Store) jeton.Store { return silent{s} }),
		store("SessionsByUser has those that are over by time", "sessions of", func(s jeton.Store) jeton.Store { return listingAll{s} }),
		store("RevokeToken revokes something else", "accepted, want revoked", func(s jeton.Store) jeton.Store { return missing{s} }),
		store("the feed leaves entries out", "accepted, want revoked", func(s jeton.Store) jeton.Store { return skipping{s} }),
		store("Prune is a second early", "in the store", func(s jeton.Store) jeton.Store { return early{s} }),
		store("Prune removes nothing", "in the store", func(s jeton.Store) jeton.Store { return hoarding{s} }),
		store("SetPassword is unconditional and forgets when", "", func(s jeton.Store) jeton.Store { return timeless{s} }),
	}
}

func serviceDefects() []defect {
	service := func(name string, change func(c *jeton.Config)) defect { return defect{name: name, change: change} }
	return []defect{
		service("the reuse interval is a nanosecond longer", func(c *jeton.Config) {
			if c.ReuseInterval > 0 {
				c.ReuseInterval++
			}
		}),
		service("the reuse interval is a nanosecond shorter", func(c *jeton.Config) { c.ReuseInterval-- }),
		service("strict is a nanosecond", func(c *jeton.Config) { c.ReuseInterval = max(1, c.ReuseInterval) }),
		service("the idle timeout is a millisecond longer", func(c *jeton.Config) { c.IdleTimeout += time.Millisecond }),
		service("the lifetime is a millisecond shorter", func(c *jeton.Config) { c.Lifetime -= time.Millisecond }),
		service("the leeway is a nanosecond longer", func(c *jeton.Config) { c.Leeway = min(5*time.Minute, max(0, c.Leeway)+1) }),
		service("earlier secrets are forgotten", func(c *jeton.Config) { c.OldSecrets = nil }),
		service("earlier secrets are never forgotten", rememberSecrets()),
		service("the clock is a millisecond behind", func(c *jeton.Config) {
			now := c.Now
			c.Now = func() time.Time { return now().Add(-time.Millisecond) }
		}),
	}
}

// Each defect is found. That nothing is where there is none, the other tests show.
func TestDefectsAreFound(t *testing.T) {
	t.Parallel()
	for _, d := range defects() {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			seed, said := find(d)
			switch {
			case said == "":
				t.Errorf("%d runs have not found it", enough)
			case !strings.Contains(said, d.wants):
				t.Errorf("run %d said: %s, want something about %q", seed, said, d.wants)
			default:
				t.Logf("run %d said: %s", seed, said)
			}
		})
	}
}

// find returns the first run that the model objects to, and what it says.
func find(d defect) (seed int, said string) {
	for seed := range enough {
		said := rapid.Custom(func(t *rapid.T) (said string) {
			defer func() {
				if p := recover(); p != nil {
					said = fmt.Sprint(p)
				}
			}()
			sessionmodel.Run(t, d.subject())
			return ""
		}).Example(seed)
		if said != "" {
			return seed, said
		}
	}
	return enough, ""
}

func (d defect) subject() sessionmodel.Subject {
	var s jeton.Store = memory.New()
	if d.store != nil {
		s = d.store(s)
	}
	return sessionmodel.Subject{Stores: []jeton.Store{s}, Change: d.change}
}

// rememberSecrets goes on with every secret that there ever was, in whatever order.
func rememberSecrets() func(c *jeton.Config) {
	var all [][]byte
	return func(c *jeton.Config) {
		old := slices.DeleteFunc(slices.Clone(all), func(s []byte) bool { return slices.Equal(s, c.Secret) })
		c.OldSecrets = old[max(0, len(old)-3):]
		all = slices.Concat(c.OldSecrets, [][]byte{c.Secret})
	}
}

// unconditional advances whatever the session's generation is by now.
type unconditional struct{ jeton.Store }

func (s unconditional) AdvanceSession(ctx context.Context, a jeton.Advance) error {
	now, err := s.SessionByID(ctx, a.SessionID)
	if err != nil {
		return err
	}
	a.Generation, a.TagHash = now.Generation, now.TagHash
	return s.Store.AdvanceSession(ctx, a)
}

// lowering sets AccessUntil to what it is given, also if that is less. The one in the store stays what it should be.
type lowering struct {
	jeton.Store
	byAdvance, byExtend bool
	until               map[string]time.Time
}

func (s *lowering) set(id string, until time.Time, err error) error {
	if s.until == nil {
		s.until = map[string]time.Time{}
	}
	if err == nil {
		s.until[id] = until
	}
	return err
}

func (s *lowering) AdvanceSession(ctx context.Context, a jeton.Advance) error {
	err := s.Store.AdvanceSession(ctx, a)
	if s.byAdvance {
		return s.set(a.SessionID, a.AccessUntil, err)
	}
	delete(s.until, a.SessionID)
	return err
}

func (s *lowering) ExtendAccess(ctx context.Context, id string, until time.Time) error {
	err := s.Store.ExtendAccess(ctx, id, until)
	if s.byExtend {
		return s.set(id, until, err)
	}
	delete(s.until, id)
	return err
}

func (s *lowering) SessionsByUser(ctx context.Context, userID string, now time.Time) ([]*jeton.Session, error) {
	sessions, err := s.Store.SessionsByUser(ctx, userID, now)
	for _, session := range sessions {
		if until, ok := s.until[session.ID]; ok {
			session.AccessUntil = until
		}
	}
	return sessions, err
}

type keepingClient struct{ jeton.Store }

func (s keepingClient) AdvanceSession(ctx context.Context, a jeton.Advance) error {
	if now, err := s.SessionByID(ctx, a.SessionID); err == nil {
		a.Client = now.Client
	}
	return s.Store.AdvanceSession(ctx, a)
}

type forgettingAccess struct{ jeton.Store }

func (s forgettingAccess) ExtendAccess(ctx context.Context, id string, _ time.Time) error {
	return s.Store.ExtendAccess(ctx, id, time.Time{})
}

// ending is a store that ends something else than what it is told to.
func ending(name, wants string, change func(e *jeton.Ending)) defect {
	return defect{name: name, wants: wants, store: func(s jeton.Store) jeton.Store { return changedEnding{s, change} }}
}

type changedEnding struct {
	jeton.Store
	change func(e *jeton.Ending)
}

func (s changedEnding) EndSessions(ctx context.Context, e jeton.Ending) ([]revoke.Entry, error) {
	s.change(&e)
	return s.Store.EndSessions(ctx, e)
}

// sparing ends one by one what the list of sessions has.
type sparing struct{ jeton.Store }

func (s sparing) EndSessions(ctx context.Context, e jeton.Ending) ([]revoke.Entry, error) {
	if e.SessionID != "" {
		return s.Store.EndSessions(ctx, e)
	}
	live, err := s.SessionsByUser(ctx, e.UserID, e.At)
	if err != nil {
		return nil, err
	}
	var all []revoke.Entry
	for _, session := range live {
		one := e
		one.SessionID = session.ID
		entries, err := s.Store.EndSessions(ctx, one)
		if err != nil {
			return nil, err
		}
		all = append(all, entries...)
	}
	return all, nil
}

// silent leaves it to the feed to say what was revoked.
type silent struct{ jeton.Store }

func (s silent) EndSessions(ctx context.Context, e jeton.Ending) ([]revoke.Entry, error) {
	_, err := s.Store.EndSessions(ctx, e)
	return nil, err
}

type listingAll struct{ jeton.Store }

func (s listingAll) SessionsByUser(ctx context.Context, userID string, _ time.Time) ([]*jeton.Session, error) {
	return s.Store.SessionsByUser(ctx, userID, time.Time{})
}

type missing struct{ jeton.Store }

func (s missing) RevokeToken(ctx context.Context, _ revoke.ID, expiresAt time.Time) (revoke.Entry, error) {
	return s.Store.RevokeToken(ctx, revoke.ID{}, expiresAt)
}

type skipping struct{ jeton.Store }

func (s skipping) Revocations(ctx context.Context, after uint64, limit int) ([]revoke.Entry, error) {
	entries, err := s.Store.Revocations(ctx, after, limit)
	return entries[min(1, len(entries)):], err
}

type early struct{ jeton.Store }

func (s early) Prune(ctx context.Context, now time.Time) (int, error) {
	return s.Store.Prune(ctx, now.Add(time.Second))
}

type hoarding struct{ jeton.Store }

func (hoarding) Prune(context.Context, time.Time) (int, error) { return 0, nil }

// timeless leaves the time of the last change as it was, so that nobody sees that the password is another one.
type timeless struct{ jeton.Store }

func (s timeless) SetPassword(ctx context.Context, id string, change jeton.PasswordChange) error {
	user, err := s.UserByID(ctx, id)
	if err != nil {
		return err
	}
	change.Old, change.ChangedAt = user.PasswordHash, time.Time{}
	return s.Store.SetPassword(ctx, id, change)
}
