package memory_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/store/memory"
)

func ExampleNew() {
	ctx := context.Background()
	store := memory.New()
	now := time.Date(2031, time.March, 4, 5, 6, 7, 0, time.UTC)

	ada := &jeton.User{ID: "u1", Email: "Ada@example.com", EmailKey: "ada@example.com", CreatedAt: now, UpdatedAt: now}
	fmt.Println(store.CreateUser(ctx, ada))

	again := &jeton.User{ID: "u2", Email: "ADA@example.com", EmailKey: "ada@example.com", CreatedAt: now, UpdatedAt: now}
	fmt.Println(errors.Is(store.CreateUser(ctx, again), jeton.ErrEmailTaken))

	found, err := store.UserByEmail(ctx, "ada@example.com")
	fmt.Println(found, err)
	// Output:
	// <nil>
	// true
	// user u1 <nil>
}

// A session's end and its revocation are one step; other nodes, and services that only verify, follow the revocations.
func ExampleStore_EndSessions() {
	ctx := context.Background()
	store := memory.New()
	now := time.Date(2031, time.March, 4, 5, 6, 7, 0, time.UTC)

	for _, id := range []string{"phone", "laptop"} {
		session := &jeton.Session{
			ID: id, UserID: "ada", CreatedAt: now, UsedAt: now, IdleUntil: now.Add(720 * time.Hour), ExpiresAt: now.Add(4320 * time.Hour),
			AccessUntil: now.Add(15 * time.Minute),
		}
		if err := store.CreateSession(ctx, session); err != nil {
			fmt.Println(err)
		}
	}
	everywhereElse := jeton.Ending{UserID: "ada", Except: "phone", At: now, Reason: "password-changed", RevokeUntil: 5 * time.Minute}
	if _, err := store.EndSessions(ctx, everywhereElse); err != nil {
		fmt.Println(err)
	}

	left, err := store.SessionsByUser(ctx, "ada", now)
	fmt.Println(left, err)
	entries, err := store.Revocations(ctx, 0, 100)
	for _, entry := range entries {
		fmt.Println(entry.Number, entry.ExpiresAt.Format(time.TimeOnly), err)
	}
	// Output:
	// [session phone of user ada] <nil>
	// 1 05:26:07 <nil>
}
