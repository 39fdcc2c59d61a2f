package revoke_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jetonauth/jeton/revoke"
)

func ExampleList() {
	list := revoke.NewList()
	list.Add(revoke.Entry{ID: revoke.IDOf("session-1"), ExpiresAt: time.Now().Add(20 * time.Minute)})

	for _, token := range []revoke.Token{
		{ID: "token-1", Session: "session-1"},
		{ID: "token-2", Session: "session-2"},
	} {
		revoked, _ := list.Revoked(context.Background(), token)
		fmt.Println(token.ID, revoked)
	}
	fmt.Println(list.Prune(time.Now().Add(time.Hour)), "dropped an hour later")
	// Output:
	// token-1 true
	// token-2 false
	// 1 dropped an hour later
}

func ExampleCheckerFunc() {
	blackList := []string{"eyJhbGciOiJFUzI1NiJ9.e30.c2lnbmF0dXJl"}
	var checker revoke.Checker = revoke.CheckerFunc(func(_ context.Context, token revoke.Token) (bool, error) {
		return slices.Contains(blackList, token.Raw), nil
	})

	fmt.Println(checker.Revoked(context.Background(), revoke.Token{Raw: blackList[0]}))
	fmt.Println(checker.Revoked(context.Background(), revoke.Token{Raw: "another"}))
	// Output:
	// true <nil>
	// false <nil>
}

// table is a feed. Usually it is a store's.
type table []revoke.Entry

func (t *table) Revocations(_ context.Context, after uint64, limit int) ([]revoke.Entry, error) {
	rest := (*t)[after:]
	return rest[:min(limit, len(rest))], nil
}

func ExampleFollower() {
	store := &table{{Number: 1, ID: revoke.IDOf("session-1"), ExpiresAt: time.Now().Add(20 * time.Minute)}}
	follower, err := revoke.NewFollower(revoke.FollowerConfig{Feed: store})
	if err != nil {
		fmt.Println(err)
		return
	}

	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	for _, session := range []string{"session-1", "session-2"} {
		switch revoked, err := follower.Revoked(ctx, revoke.Token{Session: session}); {
		case errors.Is(err, revoke.ErrStale):
			fmt.Println(session, "cannot be checked: answer 503")
		case revoked:
			fmt.Println(session, "is revoked: answer 401")
		default:
			fmt.Println(session, "is fine")
		}
	}
	// Output:
	// session-1 is revoked: answer 401
	// session-2 is fine
}

func ExampleFollower_Subscribe() {
	follower, err := revoke.NewFollower(revoke.FollowerConfig{Feed: &table{}})
	if err != nil {
		fmt.Println(err)
		return
	}
	closed := make(chan revoke.ID, 1)
	cancel := follower.Subscribe(func(e revoke.Entry) { closed <- e.ID }) // close the connections of that session
	defer cancel()

	follower.Add(revoke.Entry{Number: 1, ID: revoke.IDOf("session-1"), ExpiresAt: time.Now().Add(20 * time.Minute)})
	fmt.Println(<-closed == revoke.IDOf("session-1"))
	// Output: true
}
