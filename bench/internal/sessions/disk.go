package sessions

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/bench/internal/report"
	"github.com/jetonauth/jeton/bench/internal/scale"
)

// passes is how often each session is refreshed.
const passes = 4

const diskText = `
Bytes for one of %s rows, of the table and of its indexes: after they were inserted, and after each session was refreshed %d times, in random order, with
a quarter of an hour between, so that about one refresh in four enters another hour and changes an index. PostgreSQL ran its autovacuum meanwhile, and
VACUUM before the sizes were asked for. A user agent has %d characters, a password hash %d.
`

const logText = `
"In place" are those that left all indexes alone (heap-only tuples). "Log" is what PostgreSQL wrote to its log (WAL) for one refresh: what goes to a
standby and to an archive. After a checkpoint the first change of a page logs the whole page. "Sparse" is when one session in %d is refreshed between two
checkpoints, so that nearly each refresh finds a page of its own: as in a table that is far larger than what is refreshed in five minutes.
"Compressed" is that with wal_compression on.
`

func writeDisk(ctx context.Context, r *run) error {
	r.printf(diskText, report.Grouped(float64(r.Sessions)), passes, len(userAgent), len(storedHash))
	var rows, pruned [][]string
	for _, fill := range r.fills() {
		d, err := fill.open(ctx, true)
		if err != nil {
			return err
		}
		r.Progress(fmt.Sprintf("disk, %s: %d of each, then %d refreshes", fill.name, r.Sessions, passes*r.Sessions))
		added, err := r.fill(ctx, d, fill)
		var cleared cleared
		if err == nil {
			cleared, err = clearAway(ctx, d)
		}
		if err := errors.Join(err, d.close()); err != nil {
			return fmt.Errorf("%s: %w", fill.name, err)
		}
		rows = append(rows, added...)
		pruned = append(pruned, []string{fill.name, report.Grouped(cleared.rows), report.Grouped(1e9 / cleared.each), report.Duration(cleared.each)})
		if fill.name == postgresName {
			r.figures.Prune = scale.Nanoseconds(cleared.each)
		}
	}
	r.printf("\n%s", report.Table([]string{"table", "indexes", "together", "of the refreshes in place", "log for a refresh", "sparse", "compressed"}, rows))
	r.printf(logText, sparse)
	r.printf("\nRemoving all sessions and revocations when they have expired, as one node does, 1,000 of each at a time:\n\n%s",
		report.Table([]string{"rows", "a second", "one"}, pruned))
	return nil
}

// cleared is how many rows were removed, and in how many nanoseconds each.
type cleared struct{ rows, each float64 }

// clearAway removes what has expired when all has.
func clearAway(ctx context.Context, d *database) (c cleared, err error) {
	start, later := time.Now(), time.Now().Add(2*jeton.DefaultLifetime)
	for {
		n, err := d.store.Prune(ctx, later)
		if err != nil {
			return c, err
		}
		if n == 0 {
			c.each = float64(time.Since(start)) / max(c.rows, 1)
			return c, nil
		}
		c.rows += float64(n)
	}
}

// filling is a database to be filled, with what is done before.
type filling struct {
	opener

	name, before string
}

func (r *run) fills() []filling {
	var all []filling
	for _, o := range r.servers.openers() {
		all = append(all, filling{opener: o, name: o.name})
		if o.name == postgresName {
			all = append(all, filling{opener: o, name: o.name + ", fillfactor 80", before: "ALTER TABLE jeton_sessions SET (fillfactor = 80)"})
		}
	}
	return all
}

// fill fills a database and returns the rows about it.
func (r *run) fill(ctx context.Context, d *database, f filling) (rows [][]string, err error) {
	if f.before != "" {
		if err := d.execute(ctx, f.before); err != nil {
			return nil, err
		}
	}
	if err := addUsers(ctx, d, r.Sessions); err != nil {
		return nil, err
	}
	advances, err := addSessions(ctx, d, r.Sessions)
	if err != nil {
		return nil, err
	}
	if err := addRevocations(ctx, d, r.Sessions); err != nil {
		return nil, err
	}
	fresh, err := d.usage(ctx)
	if err != nil {
		return nil, err
	}
	done, err := r.refreshAll(ctx, d, advances)
	if err != nil {
		return nil, err
	}
	used, err := d.usage(ctx)
	if err != nil {
		return nil, err
	}
	row := func(what string, u usage, more ...string) []string {
		table, indexes := u.table/float64(r.Sessions), u.indexes/float64(r.Sessions)
		cells := []string{f.name + ", " + what, report.Count(table), report.Count(indexes), report.Count(table + indexes), "", "", "", ""}
		copy(cells[4:], more)
		return cells
	}
	account, session, revocation := fresh["jeton_users"], used["jeton_sessions"], fresh["jeton_revocations"]
	if f.name == postgresName {
		r.noteDisk(account, session, revocation, done)
	}
	sessionRow := row("a session, refreshed", session)
	if d.name == postgresName {
		sessionRow = row("a session, refreshed", session, report.Digits(100*done.inPlace)+" %", report.Bytes(done.log), report.Bytes(done.cold), report.Bytes(done.packed))
	}
	return [][]string{row("an account", account), row("a session, new", fresh["jeton_sessions"]), sessionRow, row("a revocation", revocation)}, nil
}

// noteDisk keeps what sums are made of.
func (r *run) noteDisk(account, session, revocation usage, done refreshed) {
	each := func(u usage) float64 { return (u.table + u.indexes) / float64(r.Sessions) }
	f := &r.figures
	f.AccountDisk, f.SessionDisk, f.RevocationDisk = each(account), each(session), each(revocation)
	f.RefreshLog, f.RefreshLogCold, f.RefreshLogPacked = done.log, done.cold, done.packed
}

// refreshed is what refreshing has come to, as PostgreSQL counts it.
type refreshed struct {
	inPlace   float64 // share of the refreshes that left the indexes alone, 0 to 1
	log, cold float64 // bytes of the log for one, and for one whose pages were not written since the last checkpoint
	packed    float64 // the same as cold, with wal_compression
}

// refreshAll refreshes each session, a few times, and then some that are far apart, after a checkpoint.
func (r *run) refreshAll(ctx context.Context, d *database, advances []jeton.Advance) (done refreshed, err error) {
	start := time.Now().UTC().Truncate(time.Hour)
	all := func() error {
		for pass := range passes {
			at := start.Add(time.Duration(pass+1) * jeton.DefaultAccessTTL)
			if err := refreshOnce(ctx, d, advances, rand.Perm(len(advances)), at); err != nil { //nolint:gosec // an order is no secret
				return err
			}
		}
		return nil
	}
	if d.name != postgresName {
		return done, all()
	}
	if done.log, err = logged(ctx, d, passes*len(advances), all); err != nil {
		return done, err
	}
	if done.inPlace, err = shareInPlace(ctx, d, float64(passes*len(advances))); err != nil {
		return done, err
	}
	order := rand.Perm(len(advances)) //nolint:gosec // an order is no secret
	n := max(1, len(order)/sparse)
	few := func(some []int) (float64, error) {
		if err := d.execute(ctx, "VACUUM"); err != nil { // lest it comes in between by itself
			return 0, err
		}
		return logged(ctx, d, len(some), func() error {
			// A quarter of them enter the next hour.
			return refreshOnce(ctx, d, advances, some, start.Add(2*time.Hour-jeton.DefaultAccessTTL*3/4))
		})
	}
	if done.cold, err = few(order[:n]); err != nil {
		return done, err
	}
	if err := d.execute(ctx, compress); err != nil {
		return done, err
	}
	d.reconnect()
	done.packed, err = few(order[len(order)-n:])
	return done, err
}

// compress makes connections that are opened from then on compress the pages that they log.
const compress = `DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET wal_compression = on', current_database()); END $$`

// sparse is how many sessions there are for each that is refreshed, where hardly any two share a page.
const sparse = 100

// logged does something n times after a checkpoint, and returns how many bytes of the log it took each time.
func logged(ctx context.Context, d *database, n int, do func() error) (float64, error) {
	const position = `SELECT (pg_current_wal_insert_lsn() - '0/0')::bigint`
	if err := d.execute(ctx, "CHECKPOINT"); err != nil {
		return 0, err
	}
	before, err := d.number(ctx, position)
	if err != nil {
		return 0, err
	}
	if err := do(); err != nil {
		return 0, err
	}
	after, err := d.number(ctx, position)
	return (after - before) / float64(n), err
}

// shareInPlace is the share of so many updates of sessions that left the indexes alone. The server counts what a connection has done when that ends, or
// before.
func shareInPlace(ctx context.Context, d *database, updates float64) (float64, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	d.reconnect()
	for counted := 0.0; counted < updates; {
		var err error
		if counted, err = d.number(ctx, `SELECT n_tup_upd FROM pg_stat_user_tables WHERE relname = 'jeton_sessions'`); err != nil {
			return 0, err
		}
	}
	inPlace, err := d.number(ctx, `SELECT n_tup_hot_upd FROM pg_stat_user_tables WHERE relname = 'jeton_sessions'`)
	return inPlace / updates, err
}

// refreshOnce advances sessions once, in an order, at a random moment of the quarter of an hour after at.
func refreshOnce(ctx context.Context, d *database, advances []jeton.Advance, order []int, at time.Time) error {
	const clients = 8
	errs := make([]error, clients)
	var group sync.WaitGroup
	for client := range clients {
		own := order[client*len(order)/clients : (client+1)*len(order)/clients]
		group.Go(func() {
			for _, i := range own {
				moment := at.Add(rand.N(jeton.DefaultAccessTTL).Truncate(time.Millisecond)) //nolint:gosec // a moment is no secret
				if errs[client] = d.store.AdvanceSession(ctx, moved(&advances[i], moment)); errs[client] != nil {
					return
				}
			}
		})
	}
	group.Wait()
	return errors.Join(errs...)
}
