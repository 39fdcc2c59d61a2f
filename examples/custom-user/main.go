// Command custom-user is an API over a table of customers that was there before jeton: with its own columns, its own password
// hashes, and a way to sign in of its own, customer number and PIN and then a code. Sessions are in the same database file.
//
//	go run ./examples/custom-user
package main

import (
	"context"
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/api"
	"github.com/jetonauth/jeton/guard"
	"github.com/jetonauth/jeton/jwk"
	"github.com/jetonauth/jeton/store/sqlite"
)

func main() {
	address := flag.String("listen", "127.0.0.1:8082", "`address` to listen on")
	dir := flag.String("data", "", "`directory` of the database, the key and the secret; a new temporary one if empty")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, *address, *dir)
	stop()
	if err != nil {
		log.Fatal(err)
	}
}

// run serves until ctx is over.
func run(ctx context.Context, address, dir string) (err error) {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	if dir == "" {
		if dir, err = os.MkdirTemp("", "custom-user-"); err != nil {
			return err
		}
	}
	url := "http://" + listener.Addr().String()
	app, err := open(ctx, Config{Dir: dir, Issuer: url, Send: printCode, Now: time.Now})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, app.db.Close()) }()
	if err := app.seed(ctx); err != nil {
		return err
	}
	hourly := time.NewTicker(time.Hour)
	defer hourly.Stop()
	go app.prune(ctx, hourly.C)

	fmt.Printf(tryIt, url, dir)
	server := &http.Server{Handler: app.routes, ReadHeaderTimeout: 10 * time.Second}
	context.AfterFunc(ctx, func() { _ = server.Close() }) // Serve returns, whatever it says
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// printCode stands for a text message.
func printCode(_ context.Context, to *Customer, code string) error {
	fmt.Printf("To customer %d: your code is %s.\n", to.Number, code)
	return nil
}

// Config is what an App needs to know.
type Config struct {
	Dir    string // of all that is kept; it exists
	Issuer string // the API's own URL
	Send   Sender
	Hasher Hasher
	Now    func() time.Time
}

// App is the application.
type App struct {
	db        *sql.DB
	hasher    Hasher
	customers Customers
	users     *guard.Loader[*Customer]
	auth      *jeton.Auth
	routes    *http.ServeMux
}

// open opens the database and puts the application together.
func open(ctx context.Context, cfg Config) (*App, error) {
	db, err := openDatabase(ctx, filepath.Join(cfg.Dir, "customers.db"))
	if err != nil {
		return nil, err
	}
	app := &App{db: db, hasher: cfg.Hasher, customers: Customers{db}, routes: http.NewServeMux()}
	if app.auth, err = app.newAuth(ctx, cfg); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	api.Mount(app.routes, app.auth)
	app.users = guard.Users(app.customers.Active)
	app.routes.Handle("GET /card", guard.Require(app.auth)(app.users.Load(http.HandlerFunc(app.showCard))))
	return app, nil
}

func (app *App) newAuth(ctx context.Context, cfg Config) (*jeton.Auth, error) {
	sessions := sqlite.New(app.db, nil)
	if err := sessions.Migrate(ctx); err != nil {
		return nil, err
	}
	key, err := jwk.LoadOrCreate(filepath.Join(cfg.Dir, "key.pem"))
	if err != nil {
		return nil, err
	}
	// Refresh tokens come from it. It is not in the database, so that who reads a copy of that cannot make any.
	secret, err := jeton.LoadOrCreateSecret(filepath.Join(cfg.Dir, "secret"))
	if err != nil {
		return nil, err
	}
	cards, err := newCards(app.customers, cfg.Hasher, cfg.Send, cfg.Now)
	if err != nil {
		return nil, err
	}
	return jeton.New(jeton.Config{
		Issuer:     cfg.Issuer,
		Keys:       jwk.Static(key),
		Users:      app.customers,
		Sessions:   sessions,
		Secret:     secret,
		Hasher:     cfg.Hasher,
		Strategies: cards.Strategies(),
		Now:        cfg.Now,
	})
}

// prune removes the sessions and revocations that have expired at each tick, until ctx is over. What it could not remove this time it
// does the next time.
func (app *App) prune(ctx context.Context, ticks <-chan time.Time) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticks:
			if err := app.auth.Prune(ctx); err != nil && ctx.Err() == nil {
				log.Printf("could not remove what has expired: %v", err)
			}
		}
	}
}

// showCard is a handler that is given the application's own user.
func (app *App) showCard(w http.ResponseWriter, r *http.Request) {
	customer, _ := app.users.From(r.Context()) // always there behind Load
	fmt.Fprintf(w, "customer %d, %s, admin: %t\n", customer.Number, customer.Name, customer.Admin)
}

// seed adds a customer of the old days, with an old hash and a card, unless there are customers.
func (app *App) seed(ctx context.Context) error {
	var customers int
	if err := app.db.QueryRowContext(ctx, "SELECT count(*) FROM customers").Scan(&customers); err != nil || customers > 0 {
		return err
	}
	hash, err := oldHash("correct horse battery", "salt of 2009", 10_000)
	if err != nil {
		return err
	}
	pin, err := app.hasher.Hash("8305")
	if err != nil {
		return err
	}
	_, err = app.customers.Import(ctx, "Ada@Example.com", "Ada", hash, pin)
	return err
}

const tryIt = `Listening on %[1]s, with the data in %[2]s.
Sign in as customer 1, by password or by card. The code is printed here.

  curl %[1]s/auth/login --json '{"email": "ada@example.com", "password": "correct horse battery"}'
  curl %[1]s/auth/login --json '{"strategy": "card", "number": 1, "pin": "8305"}'
  curl %[1]s/auth/login --json '{"strategy": "code", "state": "'$STATE'", "code": "'$CODE'"}'
  curl %[1]s/card -H "Authorization: Bearer $TOKEN"

`
