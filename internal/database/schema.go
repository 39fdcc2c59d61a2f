package database

import "context"

// Schema is the version that the tables of a database have, 0 if there are none, and the one that this program wants.
type Schema struct{ Have, Want int }

// State is what that means for this program.
type State string

// The states of a database.
const (
	Empty   State = "empty"   // there are no tables of jeton's
	Old     State = "old"     // [Store.Migrate] has to be called
	Current State = "current" // as it should be
	Newer   State = "newer"   // a newer program has migrated it
)

// State says how the tables are for this program.
func (s Schema) State() State {
	switch {
	case s.Have == 0:
		return Empty
	case s.Have < s.Want:
		return Old
	case s.Have > s.Want:
		return Newer
	}
	return Current
}

// ReadSchema returns the schema of a database.
func ReadSchema(ctx context.Context, store Store) (Schema, error) {
	have, want, err := store.SchemaVersion(ctx)
	return Schema{Have: have, Want: want}, err
}
