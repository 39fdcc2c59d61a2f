package main

import (
	"context"
	"errors"
	"path/filepath"
	"testing"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/store/storetest"
)

func newCustomers(t *testing.T) Customers {
	t.Helper()
	db, err := openDatabase(t.Context(), filepath.Join(t.TempDir(), "customers.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return Customers{db}
}

func TestUsers(t *testing.T) {
	t.Parallel()
	storetest.RunUsers(t, func(t *testing.T) jeton.UserStore { t.Helper(); return newCustomers(t) })
}

// What jeton says about roles and blocking, the application reads in its own columns.
func TestOwnColumns(t *testing.T) {
	t.Parallel()
	ctx, customers := t.Context(), newCustomers(t)
	number, err := customers.Import(ctx, "Ada@Example.com", "Ada", "hash", "")
	if err != nil {
		t.Fatal(err)
	}
	user, err := customers.UserByEmail(ctx, "ada@example.com")
	if err != nil || user.Email != "Ada@Example.com" || user.PasswordHash != "hash" || len(user.Roles) != 0 || user.CreatedAt.IsZero() {
		t.Fatalf("%+v, %v", user, err)
	}
	user, err = customers.UpdateUser(ctx, user.ID, jeton.UserChange{Roles: &[]string{"editor", "admin"}})
	if err != nil || len(user.Roles) != 2 || user.Roles[0] != "admin" || user.Roles[1] != "editor" {
		t.Fatalf("%+v, %v", user, err)
	}
	ada, err := customers.Active(ctx, user.ID)
	if err != nil || ada.Number != number || ada.Name != "Ada" || !ada.Admin {
		t.Errorf("%+v, %v", ada, err)
	}
	if _, err := customers.UpdateUser(ctx, user.ID, jeton.UserChange{Roles: new([]string), Disabled: new(true)}); err != nil {
		t.Fatal(err)
	}
	if ada, err = customers.ByNumber(ctx, number); err != nil || ada.Admin || !ada.blocked {
		t.Errorf("%+v, %v", ada, err)
	}
	if _, err := customers.Active(ctx, user.ID); err == nil {
		t.Error("a blocked customer is active")
	}
	gone, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := customers.ByNumber(gone, number); !errors.Is(err, context.Canceled) || errors.Is(err, jeton.ErrUnavailable) {
		t.Errorf("cancelled: %v", err)
	}
	if _, err := customers.Import(ctx, "ADA@example.com", "Another Ada", "", ""); err == nil {
		t.Error("an address was imported twice")
	}
}
