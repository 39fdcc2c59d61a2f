package postgres

import (
	"context"
	"crypto/rand"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/jetonauth/jeton"
)

const (
	importedColumns = `id, id_bytes, email, email_key, name, password_hash, password_changed_at, roles, disabled, created_at, updated_at`

	stagedUsers   = `jeton_staged_users`
	stagedColumns = `import_id, number, ` + importedColumns

	// In the order of the ids, so that two of the indexes grow at their ends, and of two who import the same ids one waits for the other.
	moveStaged = `INSERT INTO jeton_users (` + importedColumns + `)
		SELECT ` + importedColumns + ` FROM jeton_staged_users WHERE import_id = $1 ORDER BY id_bytes`

	deleteStaged = `DELETE FROM jeton_staged_users WHERE import_id = $1 AND number > $2 AND number <= $3`

	selectTakenIDs  = `SELECT id FROM jeton_users WHERE id = ANY ($1::text[])`
	selectTakenKeys = `SELECT email_key FROM jeton_users WHERE email_key = ANY ($1::text[])`
)

const (
	// importBatch is how many users are staged at once, and importRemoval how many are removed from there.
	importBatch   = 1000
	importRemoval = 10_000
	// importPatience is how much longer than others the last step may take, for each user.
	importPatience = time.Millisecond
)

// ImportUsers adds all users of a sequence or none. The sequence is staged: every 1000 users are copied to a table beside that of the users,
// each time in a transaction of its own; between these none is open. Then one statement makes all of them users. It holds up only
// those who want one of their addresses or ids at that moment. It may take 10 s and a millisecond for each user, fifty times what it usually
// does, and is [jeton.ErrUnavailable] then.
//
// What is staged is removed at the end. Of an import that was cut off it stays for a day, where nobody sees it but the database's
// administrator; then [Store.Prune] removes it. So a sequence must not take a day: that is [jeton.ErrUnavailable], too.
func (s *Store) ImportUsers(ctx context.Context, users iter.Seq2[*jeton.User, error]) error {
	i := &userImport{store: s, id: rand.Text()}
	defer i.discard(ctx)
	given, err := i.stage(ctx, users)
	if given != nil {
		return given
	}
	if err == nil {
		err = i.move(ctx)
	}
	return translateUser(ctx, "import users", err)
}

// userImport is one call of [Store.ImportUsers].
type userImport struct {
	store  *Store
	id     string
	staged int64 // users, or perhaps staged
}

// stage copies the users to their table. given is the error that the sequence has ended with.
func (i *userImport) stage(ctx context.Context, users iter.Seq2[*jeton.User, error]) (given, err error) {
	rows := make([][]any, 0, importBatch)
	for u, given := range users {
		if given != nil {
			return given, nil
		}
		i.staged++
		rows = append(rows, append([]any{i.id, i.staged}, importedValues(u)...))
		if len(rows) < importBatch {
			continue
		}
		if err := i.store.copyStaged(ctx, rows); err != nil {
			return nil, err
		}
		rows = rows[:0]
	}
	return nil, i.store.copyStaged(ctx, rows)
}

// importedValues are the values of importedColumns. They share nothing with u, which may be another user before they are written.
func importedValues(u *jeton.User) []any {
	var key *string
	if u.EmailKey != "" {
		key = new(u.EmailKey)
	}
	return []any{
		u.ID, []byte(u.ID), u.Email, key, u.Name, u.PasswordHash, timestamp(u.PasswordChangedAt), words(slices.Clone(u.Roles)), u.Disabled,
		timestamp(u.CreatedAt), timestamp(u.UpdatedAt),
	}
}

func (s *Store) copyStaged(ctx context.Context, rows [][]any) error {
	if len(rows) == 0 {
		return nil
	}
	return s.writeWithin(ctx, s.patience, func(ctx context.Context) error {
		return copyRows(ctx, s.pool, stagedUsers, stagedColumns, rows)
	})
}

// move makes the staged users users. If some are gone, the sequence took longer than Prune waits.
func (i *userImport) move(ctx context.Context) error {
	patience := i.store.patience + time.Duration(i.staged)*importPatience
	return i.store.transactWithin(ctx, patience, func(ctx context.Context, tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, moveStaged, i.id)
		if n := tag.RowsAffected(); err == nil && n != i.staged {
			err = fmt.Errorf("%w: of %d users that were staged %d are left", jeton.ErrUnavailable, i.staged, n)
		}
		return err
	})
}

// discard removes what is staged, also if ctx is over. What it does not get rid of Prune removes a day later.
func (i *userImport) discard(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), i.store.patience)
	defer cancel()
	for done := int64(0); done < i.staged; done += importRemoval {
		if _, err := i.store.change(ctx, deleteStaged, i.id, done, done+importRemoval); err != nil {
			return
		}
	}
}

// TakenUsers returns those of the given ids and EmailKeys that users have.
func (s *Store) TakenUsers(ctx context.Context, ids, emailKeys []string) (takenIDs, takenKeys []string, err error) {
	takenIDs, err = collect(ctx, s, pgx.RowTo[string], selectTakenIDs, texts(ids))
	if err == nil {
		takenKeys, err = collect(ctx, s, pgx.RowTo[string], selectTakenKeys, texts(emailKeys))
	}
	if err != nil {
		return nil, nil, translate(ctx, "taken users", err)
	}
	return takenIDs, takenKeys, nil
}

// texts are those of some keys that the database could have.
func texts(keys []string) []string {
	return slices.DeleteFunc(slices.Clone(words(keys)), func(key string) bool { return !isText(key) })
}
