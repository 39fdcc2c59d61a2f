package database_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jetonauth/jeton/internal/database"
)

func TestState(t *testing.T) {
	t.Parallel()
	for schema, want := range map[database.Schema]database.State{
		{}:                 database.Empty,
		{Want: 3}:          database.Empty,
		{Have: 2, Want: 3}: database.Old,
		{Have: 3, Want: 3}: database.Current,
		{Have: 4, Want: 3}: database.Newer,
	} {
		if got := schema.State(); got != want {
			t.Errorf("%+v: %s, want %s", schema, got, want)
		}
	}
}

func TestSchemaOfAFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "jeton.db")
	if _, err := database.OpenExisting(t.Context(), database.SQLite(path)); err == nil || !strings.Contains(err.Error(), "there is no file "+path) {
		t.Errorf("a file that is not there: %v", err)
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("it was made")
	}
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	store, err := database.OpenExisting(t.Context(), database.SQLite(path))
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	for _, want := range []database.State{database.Empty, database.Current} {
		if schema, err := database.ReadSchema(t.Context(), store); err != nil || schema.State() != want || schema.Want < 3 {
			t.Errorf("%+v, %v, want %s", schema, err, want)
		}
		if err := database.Prepare(t.Context(), store); err != nil {
			t.Fatal(err)
		}
	}
}
