package storetest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/jwk"
	"github.com/jetonauth/jeton/jwt"
	"github.com/jetonauth/jeton/password"
)

// RunService tests what a store promises through the service that is built on it: two nodes over one store, with users who do
// everything at once. Each subtest calls open for an empty store of its own. [Run] includes it.
func RunService(t *testing.T, open func(t *testing.T) jeton.Store) {
	t.Helper()
	runCases(t, serviceCases(), func(t *testing.T) service { t.Helper(); return newService(t, open(t)) })
}

func serviceCases() []named[service] {
	return []named[service]{
		{"contention: sign up with one address", service.signUps},
		{"contention: refresh with one token", service.refreshes},
		{"contention: refresh and sign out", service.refreshSignOut},
		{"contention: refresh and sign out everywhere", service.refreshEverywhere},
		{"contention: a stolen token", service.stolen},
		{"contention: change a password", service.changePassword},
		{"contention: change a password and sign in", service.signInWithOld},
		{"contention: disable and sign in", service.signInDisabled},
	}
}

const (
	address     = "ada@example.com"
	firstPhrase = "an otter in the bathtub"
	nextPhrase  = "two herons on the roof"
)

// service is one subtest over two nodes of a service that share a store.
type service struct {
	*testing.T
	store jeton.Store
	cfg   jeton.Config
	nodes [2]*jeton.Auth
	// later is what the clock of both nodes is ahead of start, as a time.Duration.
	later *atomic.Int64
}

func newService(t *testing.T, store jeton.Store) service {
	t.Helper()
	key, err := jwk.Generate(jwk.ES256)
	must(t, "generate key", err)
	c := service{T: t, store: store, later: new(atomic.Int64)}
	c.cfg = jeton.Config{
		Issuer: "https://api.example.com",
		Keys:   jwk.Static(key),
		Store:  store,
		Secret: []byte(rand.Text() + rand.Text()),
		Hasher: password.Argon2id{Memory: 64, Time: 1, Threads: 1},
		Limits: jeton.Limits{Off: true},
		// Nobody is turned away for a full queue.
		ParallelHashes: 16,
		Logger:         slog.New(slog.DiscardHandler),
		Now:            func() time.Time { return start().Add(time.Duration(c.later.Load())) },
	}
	for i := range c.nodes {
		c.nodes[i] = c.start()
	}
	return c
}

// start starts a node. It knows what the store knows then.
func (c service) start() *jeton.Auth {
	c.Helper()
	node, err := jeton.New(c.cfg)
	must(c.T, "new service", err)
	return node
}

// node returns the one or the other node.
func (c service) node(i int) *jeton.Auth { return c.nodes[i%len(c.nodes)] }

func from(agent string) jeton.Client {
	return jeton.Client{Address: netip.MustParseAddr("192.0.2.7"), UserAgent: agent}
}

func (c service) signUp(ctx context.Context) *jeton.Grant {
	c.Helper()
	grant, err := c.nodes[0].SignUp(ctx, jeton.SignUpRequest{Email: address, Password: firstPhrase, Client: from("phone")})
	must(c.T, "sign up", err)
	return grant
}

func (c service) signIn(ctx context.Context, i int, pass string) (*jeton.Grant, error) {
	credentials := &jeton.Credentials{Email: address, Password: pass}
	return c.node(i).SignIn(ctx, jeton.SignInRequest{Credentials: credentials, Client: from("laptop")})
}

func (c service) refresh(ctx context.Context, i int, token string) (*jeton.Grant, error) {
	return c.node(i).Refresh(ctx, jeton.RefreshRequest{Token: token, Client: from("phone")})
}

// row returns a session as the store has it.
func (c service) row(ctx context.Context, id string) *jeton.Session {
	c.Helper()
	return sessions{c.T, c.store}.read(ctx, id)
}

// refused fails the test unless node refuses both the access token and the refresh token of each grant.
func (c service) refused(ctx context.Context, node *jeton.Auth, grants ...*jeton.Grant) {
	c.Helper()
	for _, grant := range grants {
		if grant == nil {
			continue
		}
		if _, err := node.Verify(ctx, grant.AccessToken); !errors.Is(err, jwt.ErrRevoked) {
			c.Errorf("access token of generation %d after the end: error is %v, want %v", grant.Session.Generation, err, jwt.ErrRevoked)
		}
		_, err := node.Refresh(ctx, jeton.RefreshRequest{Token: grant.RefreshToken, Client: from("phone")})
		wantError(c.T, "refresh after the end", err, jeton.ErrInvalidGrant)
	}
}

func (c service) signUps(ctx context.Context) {
	const rivals = 8
	grants := make([]*jeton.Grant, rivals)
	won := winner(c.T, race(rivals, func(i int) (err error) {
		grants[i], err = c.node(i).SignUp(ctx, jeton.SignUpRequest{Email: address, Password: firstPhrase, Client: from("phone")})
		return err
	}), jeton.ErrEmailTaken)
	u, err := c.store.UserByEmail(ctx, address)
	must(c.T, "user by e-mail", err)
	if u.ID != grants[won].User.ID {
		c.Errorf("the address belongs to %v, want %v", u, grants[won].User)
	}
}

// refreshes presents one refresh token many times: the session advances once, and everybody gets the same successor.
func (c service) refreshes(ctx context.Context) {
	const calls = 100
	grant := c.signUp(ctx)
	for generation := uint32(1); generation <= 2; generation++ {
		grants := make([]*jeton.Grant, calls)
		all(c.T, race(calls, func(i int) (err error) {
			grants[i], err = c.refresh(ctx, i, grant.RefreshToken)
			return err
		}))
		s := c.row(ctx, grant.Session.ID)
		if s.Generation != generation || len(s.Advances) != int(generation) {
			c.Errorf("after refresh %d: generation %d, %d advances", generation, s.Generation, len(s.Advances))
		}
		for i, g := range grants {
			if g.RefreshToken != grants[0].RefreshToken || g.RefreshToken == grant.RefreshToken {
				c.Fatalf("calls 0 and %d got different tokens, or the old one", i)
			}
			if g.ExpiresAt.After(s.AccessUntil) {
				c.Errorf("an access token expires at %v, and the store knows of none after %v", g.ExpiresAt, s.AccessUntil)
			}
			if _, err := c.node(i+1).Verify(ctx, g.AccessToken); err != nil {
				c.Errorf("verify: %v", err)
			}
		}
		grant = grants[0]
	}
}

// refreshSignOut signs out while the session is being refreshed: no token that came of it is good afterwards.
func (c service) refreshSignOut(ctx context.Context) {
	const rounds, calls = 6, 8
	c.signUp(ctx)
	for range rounds {
		grant, err := c.signIn(ctx, 0, firstPhrase)
		must(c.T, "sign in", err)
		grants := make([]*jeton.Grant, calls)
		errs := race(calls+1, func(i int) (err error) {
			if i == calls {
				return c.nodes[0].SignOut(ctx, jeton.SignOutRequest{Token: grant.RefreshToken, Client: from("laptop")})
			}
			c.later.Add(int64(time.Second))
			grants[i], err = c.refresh(ctx, i, grant.RefreshToken)
			return err
		})
		must(c.T, "sign out", errs[calls])
		for _, err := range errs[:calls] {
			if err != nil {
				wantError(c.T, "refresh", err, jeton.ErrInvalidGrant)
			}
		}
		c.refused(ctx, c.nodes[0], grants...) // the node that signed out knows at once
		fresh := c.start()
		c.refused(ctx, fresh, grant)
		c.refused(ctx, fresh, grants...)
		c.covered(ctx, grants...)
	}
}

// covered fails the test unless the sessions of the grants have ended with a revocation for as long as their access tokens live.
func (c service) covered(ctx context.Context, grants ...*jeton.Grant) {
	c.Helper()
	for _, grant := range grants {
		if grant == nil {
			continue
		}
		s := c.row(ctx, grant.Session.ID)
		if s.EndedAt.IsZero() {
			c.Errorf("%v has not ended", s)
		}
		if grant.ExpiresAt.After(s.AccessUntil) {
			c.Errorf("an access token expires at %v, and the store knows of none after %v", grant.ExpiresAt, s.AccessUntil)
		}
	}
}

// refreshEverywhere signs out everywhere while all the user's devices refresh, and asks a node that starts afterwards.
func (c service) refreshEverywhere(ctx context.Context) {
	const devices = 8
	grants := []*jeton.Grant{c.signUp(ctx)}
	for i := range devices {
		grant, err := c.signIn(ctx, i, firstPhrase)
		must(c.T, "sign in", err)
		grants = append(grants, grant)
	}
	next := make([]*jeton.Grant, len(grants))
	errs := race(len(grants)+1, func(i int) (err error) {
		if i == len(grants) {
			return c.nodes[0].SignOut(ctx, jeton.SignOutRequest{Token: grants[0].AccessToken, Everywhere: true, Client: from("phone")})
		}
		next[i], err = c.refresh(ctx, i, grants[i].RefreshToken)
		return err
	})
	must(c.T, "sign out everywhere", errs[len(grants)])
	for _, err := range errs[:len(grants)] {
		if err != nil {
			wantError(c.T, "refresh", err, jeton.ErrInvalidGrant)
		}
	}
	left, err := c.nodes[1].Sessions(ctx, grants[0].User.ID)
	must(c.T, "sessions", err)
	if len(left) != 0 {
		c.Errorf("%d sessions are left", len(left))
	}
	c.refused(ctx, c.start(), append(grants, next...)...)
	c.covered(ctx, next...)
}

// stolen presents a token many times after the reuse interval: the session ends, and stays ended.
func (c service) stolen(ctx context.Context) {
	const calls = 16
	first := c.signUp(ctx)
	second, err := c.refresh(ctx, 0, first.RefreshToken)
	must(c.T, "refresh", err)
	c.later.Store(int64(jeton.DefaultReuseInterval + time.Second))
	for i, err := range race(calls, func(i int) error {
		_, err := c.refresh(ctx, i, first.RefreshToken)
		return err
	}) {
		wantError(c.T, fmt.Sprint("call ", i), err, jeton.ErrInvalidGrant)
	}
	if s := c.row(ctx, first.Session.ID); s.EndedAt.IsZero() || s.Generation != 1 {
		c.Errorf("session ended at %v in generation %d", s.EndedAt, s.Generation)
	}
	entries, err := c.store.Revocations(ctx, 0, pageSize)
	must(c.T, "revocations", err)
	if len(entries) != 1 {
		c.Errorf("%d revocations, want 1", len(entries))
	}
	c.refused(ctx, c.start(), first, second)
}

// changePassword changes the password from several devices at once: one of them wins, and no other session goes on. Its own may
// have been ended by the others, who knew the password as well.
func (c service) changePassword(ctx context.Context) {
	const devices = 4
	c.signUp(ctx)
	grants, principals := make([]*jeton.Grant, devices), make([]*jeton.Principal, devices)
	for i := range devices {
		var err error
		grants[i], err = c.signIn(ctx, i, firstPhrase)
		must(c.T, "sign in", err)
		principals[i], err = c.nodes[0].Verify(ctx, grants[i].AccessToken)
		must(c.T, "verify", err)
	}
	errs := race(devices, func(i int) error {
		return c.node(i).ChangePassword(ctx, principals[i], jeton.ChangePasswordRequest{
			Current: firstPhrase, New: fmt.Sprint(nextPhrase, i), Client: from("laptop"),
		})
	})
	for i, err := range errs {
		// Who comes too late finds another password, or another session's end.
		if errors.Is(err, jeton.ErrInvalidCredentials) {
			errs[i] = jeton.ErrConflict
		}
	}
	won := winner(c.T, errs, jeton.ErrConflict)
	left, err := c.store.SessionsByUser(ctx, grants[won].User.ID, start())
	must(c.T, "sessions by user", err)
	for _, s := range left {
		if s.ID != grants[won].Session.ID {
			c.Errorf("%v is left, besides at most %v", s, grants[won].Session)
		}
	}
	_, err = c.signIn(ctx, 0, fmt.Sprint(nextPhrase, won))
	must(c.T, "sign in with the new password", err)
}

// signInWithOld signs in with the old password while it is being changed: no session that came of it goes on.
func (c service) signInWithOld(ctx context.Context) {
	const rounds, calls = 4, 6
	grant := c.signUp(ctx)
	principal, err := c.nodes[0].Verify(ctx, grant.AccessToken)
	must(c.T, "verify", err)
	old := firstPhrase
	for round := range rounds {
		next := fmt.Sprint(nextPhrase, round)
		errs := race(calls+1, func(i int) error {
			if i == calls {
				return c.nodes[0].ChangePassword(ctx, principal, jeton.ChangePasswordRequest{Current: old, New: next, Client: from("phone")})
			}
			return second(c.signIn(ctx, i, old))
		})
		must(c.T, "change password", errs[calls])
		c.onlyLeft(ctx, grant)
		old = next
	}
}

// signInDisabled signs in while the account is being disabled: no session that came of it goes on.
func (c service) signInDisabled(ctx context.Context) {
	const rounds, calls = 4, 6
	user := c.signUp(ctx).User
	for range rounds {
		errs := race(calls+1, func(i int) error {
			if i == calls {
				return c.nodes[0].SetDisabled(ctx, user.ID, true)
			}
			return second(c.signIn(ctx, i, firstPhrase))
		})
		must(c.T, "disable", errs[calls])
		sessions{c.T, c.store}.listed(ctx, user.ID, start())
		must(c.T, "enable", c.nodes[0].SetDisabled(ctx, user.ID, false))
	}
}

// onlyLeft fails the test unless the session of grant is the only one of its user that has not ended.
func (c service) onlyLeft(ctx context.Context, grant *jeton.Grant) {
	c.Helper()
	left, err := c.store.SessionsByUser(ctx, grant.User.ID, start())
	must(c.T, "sessions by user", err)
	if len(left) != 1 || left[0].ID != grant.Session.ID {
		c.Errorf("sessions %v are left, want %v", left, grant.Session)
	}
}
