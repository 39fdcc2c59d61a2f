package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/jetonauth/jeton"
)

const (
	keyColumns = `number, id, algorithm, public, sealed, created_at, activate_at, retire_at, remove_at, revoked_at`

	selectKeys = `SELECT ` + keyColumns + ` FROM jeton_keys ORDER BY number`

	insertKey = `INSERT INTO jeton_keys (` + keyColumns + `) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`

	updateKeyTimes = `UPDATE jeton_keys SET activate_at = $2, retire_at = $3, remove_at = $4, revoked_at = $5 WHERE id = $1`
)

// Keys returns all keys by their numbers, lowest first.
func (s *Store) Keys(ctx context.Context) ([]*jeton.StoredKey, error) {
	keys, err := collectLatest(ctx, s, scanKey, selectKeys)
	return keys, translate(ctx, "keys", err)
}

// AddKey adds a key. A Number or ID that is taken is [jeton.ErrConflict].
func (s *Store) AddKey(ctx context.Context, key *jeton.StoredKey) error {
	_, err := s.change(ctx, insertKey, int64(key.Number), key.ID, key.Algorithm, key.Public, key.Sealed, timestamp(key.CreatedAt),
		timestamp(key.ActivateAt), timestamp(key.RetireAt), timestamp(key.RemoveAt), timestamp(key.RevokedAt))
	return translate(ctx, "add key", err)
}

// SetKeyTimes replaces the times of the key with this id, or returns [jeton.ErrNotFound].
func (s *Store) SetKeyTimes(ctx context.Context, id string, times jeton.KeyTimes) error {
	n, err := s.changeKeyed(ctx, updateKeyTimes, id, timestamp(times.ActivateAt), timestamp(times.RetireAt),
		timestamp(times.RemoveAt), timestamp(times.RevokedAt))
	if err == nil && n == 0 {
		err = jeton.ErrNotFound
	}
	return translate(ctx, "set key times", err)
}

func scanKey(row pgx.CollectableRow) (*jeton.StoredKey, error) {
	key := &jeton.StoredKey{}
	err := row.Scan(&key.Number, &key.ID, &key.Algorithm, &key.Public, &key.Sealed, instant{&key.CreatedAt},
		instant{&key.ActivateAt}, instant{&key.RetireAt}, instant{&key.RemoveAt}, instant{&key.RevokedAt})
	return key, err
}
