package redis_test

import (
	"context"
	"fmt"

	driver "github.com/redis/go-redis/v9"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/revoke"
	"github.com/jetonauth/jeton/store/redis"
)

func ExampleOpen() {
	store, err := redis.Open(context.Background(), "redis+cluster://redis.example.com:6379", redis.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = store.Close() }()

	var config jeton.Config
	config.Limits.Store = store // every node with this counts together
}

func ExampleNew() {
	client := driver.NewUniversalClient(&driver.UniversalOptions{
		Addrs:                 []string{"127.0.0.1:6379"},
		ContextTimeoutEnabled: true,
	})
	defer func() { _ = client.Close() }()

	store, err := redis.New(client, redis.Config{Prefix: "shop:"})
	if err != nil {
		fmt.Println(err)
		return
	}
	var config jeton.Config
	config.Limits.Store = store
}

// A node learns of what others have revoked some tenths of a second earlier.
func ExampleStore_Watch() {
	var (
		store    *redis.Store
		follower *revoke.Follower
	)
	watch := func(ctx context.Context) { // go watch(ctx)
		_ = store.Watch(ctx, follower.Hint) // the context's error
	}
	_ = watch
}
