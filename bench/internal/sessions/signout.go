package sessions

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/bench/internal/scale"
)

const endName = "store.EndSessions"

const signOutText = `
Each ends one session: it marks it, takes the next number from the one row that has it, and inserts a revocation, in one transaction. All wait for that
row, so that more clients help little, and get into each other's way. The bare UPDATE beside it is the same as above, and waits for nobody else's.
`

// mostSigningOut is how many clients sign out at once at most: more would only wait.
const mostSigningOut = 8

func writeSignOut(ctx context.Context, r *run) error {
	r.printf(signOutText)
	for _, o := range r.servers.openers() {
		d, err := o.open(ctx, false)
		if err != nil {
			return err
		}
		if err := errors.Join(r.signOutAt(ctx, d), d.close()); err != nil {
			return fmt.Errorf("%s: %w", o.name, err)
		}
	}
	return nil
}

func (r *run) signOutAt(ctx context.Context, d *database) error {
	deck, err := r.newDeck(ctx, d, mostSigningOut)
	if err != nil {
		return err
	}
	for _, clients := range r.Clients {
		if clients > mostSigningOut {
			continue
		}
		ending := &endings{at: d}
		outcomes, err := r.race(ctx, fmt.Sprintf("sign-out, %s, %s", d.name, atOnce(clients)), 4, []*work{
			{name: bareName, clients: clients, at: d, do: deck.bare},
			{
				name: endName, clients: clients, at: d, do: ending.end,
				prepare: func(n int) error { return ending.prepare(ctx, n) },
			},
		})
		if err != nil {
			return err
		}
		r.printf("\n### %s, %s\n\n%s", d.name, atOnce(clients), operations(outcomes, bareName))
		if end := named(outcomes, endName); d.name == postgresName { // the last are the most clients, who get most into each other's way
			r.figures.SignOutsPerSecond, r.figures.SignOutDatabase = end.perSecond(), scale.Nanoseconds(end.server())
		}
	}
	return nil
}

// endings are sessions to be ended.
type endings struct {
	at       *database
	sessions []jeton.Advance
	next     atomic.Int64
}

func (e *endings) prepare(ctx context.Context, n int) (err error) {
	e.sessions, err = addSessions(ctx, e.at, n)
	e.next.Store(0)
	return err
}

func (e *endings) end(ctx context.Context, _ int) error {
	id := e.sessions[e.next.Add(1)-1].SessionID
	entries, err := e.at.store.EndSessions(ctx, jeton.Ending{SessionID: id, At: now(), Reason: "sign_out", RevokeUntil: 5 * time.Minute})
	if err == nil && len(entries) != 1 {
		err = fmt.Errorf("ending a session made %d revocations", len(entries))
	}
	return err
}

// now is the time as stores keep it.
func now() time.Time { return time.Now().UTC().Truncate(time.Millisecond) }
