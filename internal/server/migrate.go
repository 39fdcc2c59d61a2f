package server

import (
	"context"
	"errors"

	"github.com/jetonauth/jeton/internal/database"
	"github.com/jetonauth/jeton/internal/settings"
)

// Schema returns how the tables of the database are that cfg names. It makes nothing, and needs no master key. A file that is not there is
// as empty as one without tables.
func Schema(ctx context.Context, cfg Config) (schema database.Schema, err error) {
	f := newFoundation(cfg)
	if err := f.wantDatabase(); errors.Is(err, ErrNoDatabase) {
		return schema, nil
	} else if err != nil {
		return schema, err
	}
	store, err := database.Open(ctx, cfg.url())
	if err == nil {
		schema, err = database.ReadSchema(ctx, store)
		err = errors.Join(err, store.Close())
	}
	return schema, f.wrongDatabase(err)
}

// Migrate brings the tables of the database that cfg names to today's form, or makes them, and returns how they were before and are then. It
// needs no master key, and makes none. Several processes may do so at once.
func Migrate(ctx context.Context, cfg Config) (before, after database.Schema, err error) {
	f := newFoundation(cfg)
	if cfg.Database == "" {
		if err := makeDirectory(cfg.Data); err != nil {
			return before, after, err
		}
	}
	store, err := database.Open(ctx, cfg.url())
	if err == nil {
		before, after, err = migrate(ctx, store)
		err = errors.Join(err, store.Close())
	}
	return before, after, f.wrongDatabase(err)
}

func migrate(ctx context.Context, store database.Store) (before, after database.Schema, err error) {
	if before, err = database.ReadSchema(ctx, store); err == nil {
		err = database.Prepare(ctx, store)
	}
	if err == nil {
		after, err = database.ReadSchema(ctx, store)
	}
	return before, after, err
}

// Place is where the database is.
func (c Config) Place() settings.Location { return settings.Location(c.url()) }
