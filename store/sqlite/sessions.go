package sqlite

import (
	"context"
	"time"

	"github.com/jetonauth/jeton"
)

const (
	sessionColumns = `id, user_id, kind, profile, strategy, methods, scopes, auth_time, created_at, used_at, idle_until,
		expires_at, ended_at, end_reason, access_until, client_address, client_user_agent, created_by_address,
		created_by_user_agent, secret_id, generation, tag_hash, advanced_1, advanced_2, advanced_3, advanced_4`

	insertSession = `INSERT INTO jeton_sessions (` + sessionColumns + `)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`

	selectSession = `SELECT ` + sessionColumns + ` FROM jeton_sessions WHERE id = ?`

	selectSessionsByUser = `SELECT ` + sessionColumns + ` FROM jeton_sessions
		WHERE user_id = ?1 AND ended_at IS NULL AND idle_until > ?2 AND expires_at > ?2
		ORDER BY used_at DESC, id`

	// Nothing comes after the last generation: counting on from 0 would make used tokens current again.
	advanceSession = `UPDATE jeton_sessions SET
			generation = generation + 1,
			tag_hash = ?4,
			used_at = ?5,
			idle_until = ?6,
			access_until = max(coalesce(access_until, ?7), coalesce(?7, access_until)),
			client_address = ?8,
			client_user_agent = ?9,
			advanced_1 = ?5, advanced_2 = advanced_1, advanced_3 = advanced_2, advanced_4 = advanced_3
		WHERE id = ?1 AND generation = ?2 AND tag_hash = ?3 AND ended_at IS NULL AND generation < 4294967295`

	extendAccess = `UPDATE jeton_sessions
		SET access_until = max(coalesce(access_until, ?2), coalesce(?2, access_until))
		WHERE id = ?1 AND ended_at IS NULL`
)

// CreateSession adds a session. An ID that another one has is [jeton.ErrConflict].
func (s *Store) CreateSession(ctx context.Context, session *jeton.Session) error {
	_, err := s.write.change(ctx, insertSession, sessionValues(session)...)
	return translate(ctx, "create session", err)
}

// sessionValues are what insertSession inserts.
func sessionValues(session *jeton.Session) []any {
	var advances [jeton.MaxAdvances]time.Time
	copy(advances[:], session.Advances)
	return []any{
		session.ID, session.UserID, string(session.Kind), session.Profile, session.Strategy, words(session.Methods),
		words(session.Scopes), micros(session.AuthTime), micros(session.CreatedAt), micros(session.UsedAt),
		micros(session.IdleUntil), micros(session.ExpiresAt), micros(session.EndedAt), session.EndReason,
		micros(session.AccessUntil), address(session.Client.Address), session.Client.UserAgent,
		address(session.CreatedBy.Address), session.CreatedBy.UserAgent, session.SecretID, session.Generation,
		session.TagHash[:], micros(advances[0]), micros(advances[1]), micros(advances[2]), micros(advances[3]),
	}
}

// SessionByID returns a session, also one that has ended, or [jeton.ErrNotFound].
func (s *Store) SessionByID(ctx context.Context, id string) (*jeton.Session, error) {
	session, err := first(ctx, s.read, scanSession, selectSession, id)
	return session, translate(ctx, "session by id", err)
}

// SessionsByUser returns the sessions of a user that have not ended at now, the latest used first.
func (s *Store) SessionsByUser(ctx context.Context, userID string, now time.Time) ([]*jeton.Session, error) {
	sessions, err := collect(ctx, s.read, scanSession, selectSessionsByUser, userID, now.UnixMicro())
	return sessions, translate(ctx, "sessions by user", err)
}

// AdvanceSession moves a session that is at a.Generation and a.TagHash to the next generation. One that is elsewhere is
// [jeton.ErrConflict], one that was ended [jeton.ErrSessionEnded], none [jeton.ErrNotFound].
func (s *Store) AdvanceSession(ctx context.Context, a jeton.Advance) error {
	n, err := s.write.change(ctx, advanceSession, a.SessionID, a.Generation, a.TagHash[:], a.NextTagHash[:], micros(a.At),
		micros(a.IdleUntil), micros(a.AccessUntil), address(a.Client.Address), a.Client.UserAgent)
	if err == nil && n == 0 {
		err = s.whyNot(ctx, a.SessionID)
	}
	return translate(ctx, "advance session", err)
}

// ExtendAccess raises AccessUntil of a session that was not ended, otherwise it returns [jeton.ErrSessionEnded], or
// [jeton.ErrNotFound].
func (s *Store) ExtendAccess(ctx context.Context, id string, until time.Time) error {
	n, err := s.write.change(ctx, extendAccess, id, micros(until))
	if err == nil && n == 0 {
		err = s.whyNot(ctx, id)
	}
	return translate(ctx, "extend access", err)
}

// whyNot says why a session was not changed by a statement that changes those that are as expected.
func (s *Store) whyNot(ctx context.Context, id string) error {
	session, err := first(ctx, s.read, scanSession, selectSession, id)
	switch {
	case err != nil:
		return err
	case !session.EndedAt.IsZero():
		return jeton.ErrSessionEnded
	}
	return jeton.ErrConflict
}

func scanSession(row scanner) (*jeton.Session, error) {
	s := &jeton.Session{}
	var advances [jeton.MaxAdvances]time.Time
	err := row.Scan(&s.ID, &s.UserID, &s.Kind, &s.Profile, &s.Strategy, wordList{&s.Methods}, wordList{&s.Scopes},
		instant{&s.AuthTime}, instant{&s.CreatedAt}, instant{&s.UsedAt}, instant{&s.IdleUntil}, instant{&s.ExpiresAt},
		instant{&s.EndedAt}, &s.EndReason, instant{&s.AccessUntil}, addressText{&s.Client.Address}, &s.Client.UserAgent,
		addressText{&s.CreatedBy.Address}, &s.CreatedBy.UserAgent, &s.SecretID, &s.Generation, digest{&s.TagHash},
		instant{&advances[0]}, instant{&advances[1]}, instant{&advances[2]}, instant{&advances[3]})
	for _, at := range advances {
		if !at.IsZero() {
			s.Advances = append(s.Advances, at)
		}
	}
	return s, err
}
