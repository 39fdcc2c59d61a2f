// Package mongo keeps accounts, sessions, revocations, signing keys, service clients and limits in a MongoDB database, 4.4 or newer,
// that several nodes share.
//
// [Open] connects as it should be done; [New] takes a database that the application opened, which may have collections of its
// own, too: those of this package begin with "jeton_". Nothing is created until [Store.Migrate] is called. No
// collection of this package may be sharded.
//
// What a method has acknowledged is in the journals of a majority of the servers, but for limits. No transactions are used: each change is an
// atomic one of a single document, and what ends sessions, or adds many, consists of several such, of which [Store.EndSessions],
// [Store.AddSessions] and [Store.AddRevocations] say what a crash can leave behind.
package mongo

import (
	"context"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/readconcern"
	"go.mongodb.org/mongo-driver/v2/mongo/readpref"
	"go.mongodb.org/mongo-driver/v2/mongo/writeconcern"

	"github.com/jetonauth/jeton"
)

var (
	_ jeton.Store              = (*Store)(nil)
	_ jeton.UserLister         = (*Store)(nil)
	_ jeton.HashCounter        = (*Store)(nil)
	_ jeton.SessionCopier      = (*Store)(nil)
	_ jeton.ServiceClientStore = (*Store)(nil)
	_ jeton.LimitStore         = (*Store)(nil)
)

// Store is a [jeton.Store] over a MongoDB database. It is safe for concurrent use. Make one with [Open] or [New].
//
// Whoever is refused a change, because a document is not, or no longer, as it has to be, can read why: MongoDB acknowledges also a change that finds
// nothing only after a majority has what it has looked at.
//
// Its errors are the sentinels of [jeton.Store]'s methods, wrapped; [jeton.ErrUnavailable] together with the driver's own error
// when no server that may write answers in time; and the context's error when the context was over.
type Store struct {
	db    *mongo.Database
	owned bool          // by the store: Close disconnects its client
	turn  chan struct{} // full while somebody inserts revocations
	known highWater     // a number that a revocation has, or had

	users, sessions, revocations, keys, clients, migrations *mongo.Collection
	limits, numbers, counters                               *mongo.Collection // read as the primary knows them now
}

// New returns a store in a database whose client the caller opened and will disconnect. Reads and writes of the store go to the primary, and are
// acknowledged by a majority of the servers, whatever the client's defaults are. How long it waits for a server is the
// client's business: see [Open] for times that suit sign-in.
func New(db *mongo.Database) *Store {
	journal := true
	db = db.Client().Database(db.Name(), options.Database().
		SetRegistry(bson.NewRegistry()).
		SetBSONOptions(&options.BSONOptions{}).
		SetReadPreference(readpref.Primary()).
		SetReadConcern(readconcern.Majority()).
		SetWriteConcern(&writeconcern.WriteConcern{W: "majority", Journal: &journal}))
	local := options.Collection().SetReadConcern(readconcern.Local())
	return &Store{
		db:          db,
		turn:        make(chan struct{}, 1),
		users:       db.Collection("jeton_users"),
		sessions:    db.Collection("jeton_sessions"),
		revocations: db.Collection("jeton_revocations"),
		keys:        db.Collection("jeton_keys"),
		clients:     db.Collection("jeton_service_clients"),
		migrations:  db.Collection("jeton_migrations"),
		limits:      db.Collection("jeton_limits", local, options.Collection().SetWriteConcern(writeconcern.W1())),
		numbers:     db.Collection("jeton_revocations", local),
		counters:    db.Collection("jeton_counters", local),
	}
}

// Database returns the database, for an application that keeps collections of its own in it. Closing the store disconnects the client
// of one that [Open] opened.
func (s *Store) Database() *mongo.Database { return s.db }

// Ping asks the primary whether it is there. The error is [jeton.ErrUnavailable].
func (s *Store) Ping(ctx context.Context) error {
	return translate(ctx, "ping", s.db.Client().Ping(ctx, readpref.Primary()))
}

// Close disconnects the client that [Open] made. One that was given to [New] stays connected.
func (s *Store) Close(ctx context.Context) error {
	if !s.owned {
		return nil
	}
	return translate(ctx, "close", s.db.Client().Disconnect(ctx))
}
