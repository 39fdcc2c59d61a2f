package mongo_test

import (
	"context"
	"fmt"
	"time"

	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/jetonauth/jeton/store/mongo"
)

func ExampleOpen() {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	store, err := mongo.Open(ctx, "mongodb://a.example.com,b.example.com,c.example.com/jeton?replicaSet=rs0")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = store.Close(ctx) }()
	if err := store.Migrate(ctx); err != nil {
		fmt.Println(err)
		return
	}
	// A jeton.Config takes it as its Store.
}

// An application may keep jeton's collections in the same database as its own.
func ExampleNew() {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	client, err := driver.Connect(options.Client().ApplyURI("mongodb://127.0.0.1").SetServerSelectionTimeout(5 * time.Second))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = client.Disconnect(ctx) }()

	store := mongo.New(client.Database("app"))
	if err := store.Migrate(ctx); err != nil {
		fmt.Println(err)
	}
}
