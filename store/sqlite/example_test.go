package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/store/sqlite"
)

func ExampleOpen() {
	directory, err := os.MkdirTemp("", "jeton-")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = os.RemoveAll(directory) }()

	store, err := sqlite.Open(filepath.Join(directory, "jeton.db"))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer store.Close()
	ctx := context.Background()
	if err := store.Migrate(ctx); err != nil {
		fmt.Println(err)
		return
	}

	// A jeton.Config takes it as its Store; here it is used by itself.
	ada := &jeton.User{ID: "1", Email: "Ada@Example.com", EmailKey: "ada@example.com", Roles: []string{"editor"}}
	if err := store.CreateUser(ctx, ada); err != nil {
		fmt.Println(err)
		return
	}
	found, err := store.UserByEmail(ctx, "ada@example.com")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(found.Email, found.Roles)
	_, err = store.UserByEmail(ctx, "eve@example.com")
	fmt.Println(errors.Is(err, jeton.ErrNotFound))
	// Output:
	// Ada@Example.com [editor]
	// true
}

// An application may keep jeton's tables in the same file as its own.
func ExampleNew() {
	directory, err := os.MkdirTemp("", "jeton-")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = os.RemoveAll(directory) }()

	db, err := sql.Open("sqlite", filepath.Join(directory, "app.db")+
		"?_txlock=immediate&_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer db.Close()

	store := sqlite.New(db, nil)
	if err := store.Migrate(context.Background()); err != nil {
		fmt.Println(err)
		return
	}
	have, want, err := store.SchemaVersion(context.Background())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("up to date:", have == want)
	// Output:
	// up to date: true
}
