package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/jetonauth/jeton/revoke"
	"github.com/jetonauth/jeton/store/postgres"
)

func ExampleOpen() {
	ctx := context.Background()
	// such as postgres://jeton@db.example.com/jeton?sslmode=verify-full, with PGPASSWORD beside it
	store, err := postgres.Open(ctx, os.Getenv("DATABASE_URL"))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer store.Close()
	if err := store.Migrate(ctx); err != nil {
		fmt.Println(err)
		return
	}
	// A jeton.Config takes it as its Store, and as its Limits.Store if all nodes are to count together.
}

// An application may keep jeton's tables in the same database as its own, and use the same connections.
func ExampleNew() {
	ctx := context.Background()
	pool, err := pgxpool.New(ctx, os.Getenv("DATABASE_URL"))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer pool.Close()

	store := postgres.New(pool)
	have, want, err := store.SchemaVersion(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("up to date:", have == want)
}

// Hints make a follower learn of a sign-out on another node at once. Without them it would within its interval.
func ExampleStore_Watch() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	store, err := postgres.Open(ctx, os.Getenv("DATABASE_URL"))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer store.Close()
	follower, err := revoke.NewFollower(revoke.FollowerConfig{Feed: store})
	if err != nil {
		fmt.Println(err)
		return
	}
	go func() {
		if err := store.Watch(ctx, follower.Hint); errors.Is(err, errors.ErrUnsupported) {
			fmt.Println("revocations are only polled:", err)
		}
	}()
}
