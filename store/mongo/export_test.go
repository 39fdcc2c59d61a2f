package mongo

import "context"

// Translate is translate.
func Translate(ctx context.Context, err error) error { return translate(ctx, "test", err) }

// DatabaseOf is databaseOf.
func DatabaseOf(uri string) (string, error) { return databaseOf(uri) }
