package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/jetonauth/jeton"
)

const (
	sessionColumns = `id, user_id, kind, profile, strategy, methods, scopes, auth_time, created_at, used_at, idle_until,
		expires_at, ended_at, end_reason, access_until, client_address, client_user_agent, created_by_address,
		created_by_user_agent, secret_id, generation, tag_hash, advanced_1, advanced_2, advanced_3, advanced_4`

	insertedSessionColumns = sessionColumns + `, kept_until`

	insertSession = `INSERT INTO jeton_sessions (` + insertedSessionColumns + `)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23,
			$24, $25, $26, $27)`

	selectSession = `SELECT ` + sessionColumns + ` FROM jeton_sessions WHERE id = $1`

	selectSessionsByUser = `SELECT ` + sessionColumns + ` FROM jeton_sessions
		WHERE user_id = $1 AND ended_at IS NULL AND idle_until > $2 AND expires_at > $2
		ORDER BY used_at DESC, id`

	// Nothing comes after the last generation: counting on from 0 would make used tokens current again.
	advanceSession = `UPDATE jeton_sessions SET
			generation = generation + 1,
			tag_hash = $4,
			used_at = $5,
			idle_until = $6,
			access_until = greatest(coalesce(access_until, $7), coalesce($7, access_until)),
			client_address = $8,
			client_user_agent = $9,
			advanced_1 = $5, advanced_2 = advanced_1, advanced_3 = advanced_2, advanced_4 = advanced_3,
			kept_until = least($10, coalesce(expires_at, '1970-01-01 00:00:00+00'))
		WHERE id = $1 AND generation = $2 AND tag_hash = $3 AND ended_at IS NULL AND generation < 4294967295`

	extendAccess = `UPDATE jeton_sessions
		SET access_until = greatest(coalesce(access_until, $2), coalesce($2, access_until))
		WHERE id = $1 AND ended_at IS NULL`
)

// CreateSession adds a session. An ID that another one has is [jeton.ErrConflict].
func (s *Store) CreateSession(ctx context.Context, session *jeton.Session) error {
	_, err := s.change(ctx, insertSession, sessionValues(session)...)
	return translate(ctx, "create session", err)
}

// sessionValues are the values of insertedSessionColumns.
func sessionValues(session *jeton.Session) []any {
	var advances [jeton.MaxAdvances]time.Time
	copy(advances[:], session.Advances)
	kept := earlier(session.IdleUntil, session.ExpiresAt)
	if !session.EndedAt.IsZero() {
		kept = session.AccessUntil
	}
	return []any{
		session.ID, session.UserID, string(session.Kind), session.Profile, session.Strategy, words(session.Methods),
		words(session.Scopes), timestamp(session.AuthTime), timestamp(session.CreatedAt), timestamp(session.UsedAt),
		timestamp(session.IdleUntil), timestamp(session.ExpiresAt), timestamp(session.EndedAt), session.EndReason,
		timestamp(session.AccessUntil), address(session.Client.Address), session.Client.UserAgent,
		address(session.CreatedBy.Address), session.CreatedBy.UserAgent, int64(session.SecretID), int64(session.Generation),
		session.TagHash[:], timestamp(advances[0]), timestamp(advances[1]), timestamp(advances[2]), timestamp(advances[3]),
		keptUntil(kept),
	}
}

// keptUntil is a time until which a session is not looked at for removal, if it is needed until t.
func keptUntil(t time.Time) time.Time {
	if hour := t.UTC().Truncate(time.Hour); hour.After(time.Unix(0, 0)) {
		return hour
	}
	return time.Unix(0, 0).UTC()
}

// earlier is the earlier time, of which zero is the earliest.
func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// SessionByID returns a session, also one that has ended, or [jeton.ErrNotFound].
func (s *Store) SessionByID(ctx context.Context, id string) (*jeton.Session, error) {
	session, err := firstKeyed(ctx, s, scanSession, selectSession, id)
	return session, translate(ctx, "session by id", err)
}

// SessionsByUser returns the sessions of a user that have not ended at now, the latest used first.
func (s *Store) SessionsByUser(ctx context.Context, userID string, now time.Time) ([]*jeton.Session, error) {
	if !isText(userID) {
		return nil, translate(ctx, "sessions by user", ctx.Err())
	}
	sessions, err := collect(ctx, s, scanSession, selectSessionsByUser, userID, stored(now))
	return sessions, translate(ctx, "sessions by user", err)
}

// AdvanceSession moves a session that is at a.Generation and a.TagHash to the next generation. One that is elsewhere is
// [jeton.ErrConflict], one that was ended [jeton.ErrSessionEnded], none [jeton.ErrNotFound].
func (s *Store) AdvanceSession(ctx context.Context, a jeton.Advance) error {
	n, err := s.changeKeyed(ctx, advanceSession, a.SessionID, advanceArguments(a)...)
	if err == nil && n == 0 {
		err = s.whyNot(ctx, a.SessionID)
	}
	return translate(ctx, "advance session", err)
}

func advanceArguments(a jeton.Advance) []any {
	return []any{
		int64(a.Generation), a.TagHash[:], a.NextTagHash[:], timestamp(a.At), timestamp(a.IdleUntil), timestamp(a.AccessUntil),
		address(a.Client.Address), a.Client.UserAgent, keptUntil(a.IdleUntil),
	}
}

// ExtendAccess raises AccessUntil of a session that was not ended, otherwise it returns [jeton.ErrSessionEnded], or
// [jeton.ErrNotFound].
func (s *Store) ExtendAccess(ctx context.Context, id string, until time.Time) error {
	n, err := s.changeKeyed(ctx, extendAccess, id, timestamp(until))
	if err == nil && n == 0 {
		err = s.whyNot(ctx, id)
	}
	return translate(ctx, "extend access", err)
}

// whyNot says why a session was not changed by a statement that changes those that are as expected.
func (s *Store) whyNot(ctx context.Context, id string) error {
	session, err := firstKeyed(ctx, s, scanSession, selectSession, id)
	switch {
	case err != nil:
		return err
	case !session.EndedAt.IsZero():
		return jeton.ErrSessionEnded
	}
	return jeton.ErrConflict
}

func scanSession(row pgx.CollectableRow) (*jeton.Session, error) {
	s := &jeton.Session{}
	var advances [jeton.MaxAdvances]time.Time
	err := row.Scan(&s.ID, &s.UserID, &s.Kind, &s.Profile, &s.Strategy, &s.Methods, &s.Scopes,
		instant{&s.AuthTime}, instant{&s.CreatedAt}, instant{&s.UsedAt}, instant{&s.IdleUntil}, instant{&s.ExpiresAt},
		instant{&s.EndedAt}, &s.EndReason, instant{&s.AccessUntil}, addressText{&s.Client.Address}, &s.Client.UserAgent,
		addressText{&s.CreatedBy.Address}, &s.CreatedBy.UserAgent, &s.SecretID, &s.Generation, digest{&s.TagHash},
		instant{&advances[0]}, instant{&advances[1]}, instant{&advances[2]}, instant{&advances[3]})
	s.Methods, s.Scopes = orNil(s.Methods), orNil(s.Scopes)
	for _, at := range advances {
		if !at.IsZero() {
			s.Advances = append(s.Advances, at)
		}
	}
	return s, err
}
