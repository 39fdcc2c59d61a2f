package sessions

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/bench/internal/report"
	"github.com/jetonauth/jeton/bench/internal/scale"
)

const (
	bareName    = "bare UPDATE"
	advanceName = "store.AdvanceSession"
	refreshName = "Auth.Refresh"
	httpName    = "POST /auth/refresh"
	diskName    = "8 KiB and fsync, no database"
)

// perClient is how many sessions each client refreshes in turn.
const perClient = 32

const refreshText = `
Clients that each refresh %d sessions in turn, one after the other. The bare UPDATE is the one conditional write that a refresh needs at least,
by the same connections and with the same durability. %s is the store's own statement; %s
is the whole: it proves the refresh token, looks up session and account, signs an access token (ES256) and makes the next refresh token. Over HTTP
that is done by a server in the same process, on loopback; its processor time includes the clients'. For one client there is also the disk alone.

"Node" is processor time of this process for one refresh, "database" that of all processes of the database server.
`

// writeRefresh measures refreshes at each database.
func writeRefresh(ctx context.Context, r *run) error {
	r.printf(refreshText, perClient, "`"+advanceName+"`", "`"+refreshName+"`")
	for _, o := range r.servers.openers() {
		d, err := o.open(ctx, false)
		if err != nil {
			return err
		}
		if err := errors.Join(r.refreshAt(ctx, d), d.close()); err != nil {
			return fmt.Errorf("%s: %w", o.name, err)
		}
	}
	return nil
}

// refreshAt measures refreshes at one database, with each number of clients.
func (r *run) refreshAt(ctx context.Context, d *database) error {
	deck, err := r.newDeck(ctx, d, slices.Max(r.Clients))
	if err != nil {
		return err
	}
	if err := deck.signUp(ctx); err != nil {
		return err
	}
	disk, err := newDisk(r.servers.dir)
	if err != nil {
		return err
	}
	defer disk.close()
	for _, clients := range r.Clients {
		service, err := newHTTP(ctx, deck.auth, deck)
		if err != nil {
			return err
		}
		works := []*work{
			{name: bareName, clients: clients, at: d, do: deck.bare},
			{name: advanceName, clients: clients, at: d, do: deck.advance},
			{name: refreshName, clients: clients, at: d, do: deck.refresh},
			{name: httpName, clients: clients, at: d, do: service.refresh},
		}
		if clients == 1 {
			works = append([]*work{{name: diskName, clients: 1, do: disk.write}}, works...)
		}
		title := fmt.Sprintf("%s, %s", d.name, atOnce(clients))
		outcomes, err := r.race(ctx, "refresh, "+title, 4, works)
		if err := errors.Join(err, service.stop()); err != nil {
			return err
		}
		r.printf("\n### %s\n\n%s", title, operations(outcomes, bareName))
		if d.name == postgresName {
			r.noteRefresh(clients, outcomes)
		}
	}
	return nil
}

// noteRefresh keeps what sums are made of: the costs with most clients.
func (r *run) noteRefresh(clients int, outcomes []outcome) {
	refresh, f := named(outcomes, refreshName), &r.figures
	if clients == 1 {
		f.CommitAlone = scale.Nanoseconds(named(outcomes, bareName).Time().Median)
		return
	}
	if clients < f.RefreshClients {
		return
	}
	f.RefreshClients, f.RefreshesPerSecond = clients, refresh.perSecond()
	f.RefreshNode, f.RefreshDatabase = scale.Nanoseconds(named(outcomes, httpName).node()), scale.Nanoseconds(refresh.server())
}

func atOnce(clients int) string {
	if clients == 1 {
		return "one client"
	}
	return fmt.Sprintf("%d clients at once", clients)
}

// operations is a table of works that are compared with one of them.
func operations(outcomes []outcome, floor string) string {
	var rows [][]string
	base := named(outcomes, floor)
	for _, o := range outcomes {
		ratio := "1"
		if o.Name != floor {
			ratio = report.Interval(o.Ratio(base.Result), report.Digits)
		}
		rows = append(rows, []string{
			o.Name, report.Grouped(o.perSecond()), report.Duration(o.latency(0.5)), report.Duration(o.latency(0.99)), ratio,
			processors(o.node()), processors(o.server()),
		})
	}
	return report.Table([]string{"per second", "p50", "p99", "time, × " + floor, "node", "database"}, rows)
}

// processors writes time of processors, if it is known.
func processors(ns float64) string {
	if ns <= 0 {
		return "–"
	}
	return report.Duration(ns)
}

// deck is sessions that clients take turns with. Each client has its own.
type deck struct {
	at       *database
	auth     *jeton.Auth       // after signUp
	tokens   [][]string        // of each client, after signUp
	advances [][]jeton.Advance // of each client
	next     []int             // of each client
}

// newDeck fills a database, and deals what it is filled with.
func (r *run) newDeck(ctx context.Context, d *database, clients int) (*deck, error) {
	r.Progress(fmt.Sprintf("%s: adding %d accounts and sessions", d.name, r.Sessions))
	if err := addUsers(ctx, d, r.Sessions); err != nil {
		return nil, err
	}
	advances, err := addSessions(ctx, d, max(r.Sessions, clients*perClient))
	if err != nil {
		return nil, err
	}
	if err := settle(ctx, d); err != nil {
		return nil, err
	}
	dealt := &deck{at: d, next: make([]int, clients)}
	stride := len(advances) / (clients * perClient) // so that they are not all on a few pages
	for client := range clients {
		own := make([]jeton.Advance, perClient)
		for i := range own {
			own[i] = advances[(client*perClient+i)*stride]
		}
		dealt.advances = append(dealt.advances, own)
	}
	return dealt, nil
}

// signUp gives each client accounts, with a session each, that a service knows.
func (d *deck) signUp(ctx context.Context) (err error) {
	if d.auth, err = service(d.at, nil); err != nil {
		return err
	}
	for number := range d.next {
		own := make([]string, perClient)
		for i := range own {
			grant, err := d.auth.SignUp(ctx, jeton.SignUpRequest{
				Email: address(number*perClient + i), Password: phrase, Name: "Ada Lovelace", Client: client(number),
			})
			if err != nil {
				return err
			}
			own[i] = grant.RefreshToken
		}
		d.tokens = append(d.tokens, own)
	}
	return nil
}

// settle lets the server find out what has been added, as it does by itself before long.
func settle(ctx context.Context, d *database) error {
	if d.name != postgresName {
		return nil
	}
	return errors.Join(d.execute(ctx, "VACUUM ANALYZE"), d.execute(ctx, "CHECKPOINT"))
}

// turn is the place of the client's next session.
func (d *deck) turn(client int) int {
	d.next[client] = (d.next[client] + 1) % perClient
	return d.next[client]
}

func (d *deck) bare(ctx context.Context, client int) error {
	return d.at.bare(ctx, d.step(client))
}

func (d *deck) advance(ctx context.Context, client int) error {
	return d.at.store.AdvanceSession(ctx, d.step(client))
}

// step is the next advance of the client's next session.
func (d *deck) step(client int) jeton.Advance {
	return moved(&d.advances[client][d.turn(client)], now())
}

func (d *deck) refresh(ctx context.Context, number int) error {
	token := &d.tokens[number][d.turn(number)]
	grant, err := d.auth.Refresh(ctx, jeton.RefreshRequest{Token: *token, Client: client(number)})
	if err != nil {
		return err
	}
	*token = grant.RefreshToken
	return nil
}

// disk is a file that is written again and again.
type disk struct {
	file *os.File
	page [8 << 10]byte
}

func newDisk(dir string) (*disk, error) {
	file, err := os.Create(filepath.Join(dir, "disk")) //nolint:gosec // a folder of our own
	if err != nil {
		return nil, err
	}
	return &disk{file: file}, nil
}

func (d *disk) write(context.Context, int) error {
	if _, err := d.file.WriteAt(d.page[:], 0); err != nil {
		return err
	}
	return d.file.Sync()
}

func (d *disk) close() { _ = d.file.Close() } // it is removed with its folder
