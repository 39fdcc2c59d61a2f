package mongo

import (
	"context"
	"fmt"
	"math"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/jetonauth/jeton"
)

// sessionDocument is how a session is stored.
type sessionDocument struct {
	ID          string         `bson:"_id"`
	UserID      string         `bson:"user_id"`
	Kind        string         `bson:"kind"`
	Profile     string         `bson:"profile"`
	Strategy    string         `bson:"strategy"`
	Methods     []string       `bson:"methods"`
	Scopes      []string       `bson:"scopes"`
	AuthTime    time.Time      `bson:"auth_time"`
	CreatedAt   time.Time      `bson:"created_at"`
	UsedAt      time.Time      `bson:"used_at"`
	IdleUntil   time.Time      `bson:"idle_until"`
	ExpiresAt   time.Time      `bson:"expires_at"`
	EndedAt     time.Time      `bson:"ended_at"`
	EndReason   string         `bson:"end_reason"`
	AccessUntil time.Time      `bson:"access_until"`
	Client      clientDocument `bson:"client"`
	CreatedBy   clientDocument `bson:"created_by"`
	SecretID    int64          `bson:"secret_id"`
	Generation  int64          `bson:"generation"`
	TagHash     []byte         `bson:"tag_hash"`
	// Advances has the time of the advance to generation g at g modulo 4, so that an advance changes the oldest one, whatever else there is.
	Advances [jeton.MaxAdvances]time.Time `bson:"advances"`

	// Ending names the call that ended the session, and RevokeFor says for how many milliseconds after AccessUntil its revocation is needed. Unrevoked
	// is true from the end until the revocation is there, and missing otherwise.
	Ending    string `bson:"ending,omitempty"`
	RevokeFor int64  `bson:"revoke_for,omitempty"`
	Unrevoked bool   `bson:"unrevoked,omitempty"`
	// Batch names the call that has added the session together with others.
	Batch string `bson:"batch,omitempty"`
}

// advanceSlot is where the time of an advance to a generation is.
func advanceSlot(generation uint32) uint32 { return generation % jeton.MaxAdvances }

func newSessionDocument(s *jeton.Session) sessionDocument {
	d := sessionDocument{
		ID: s.ID, UserID: s.UserID, Kind: string(s.Kind), Profile: s.Profile, Strategy: s.Strategy, Methods: s.Methods, Scopes: s.Scopes,
		AuthTime: s.AuthTime, CreatedAt: s.CreatedAt, UsedAt: s.UsedAt, IdleUntil: s.IdleUntil, ExpiresAt: s.ExpiresAt, EndedAt: s.EndedAt,
		EndReason: s.EndReason, AccessUntil: s.AccessUntil, Client: newClientDocument(s.Client), CreatedBy: newClientDocument(s.CreatedBy),
		SecretID: int64(s.SecretID), Generation: int64(s.Generation), TagHash: s.TagHash[:],
	}
	for i, at := range s.Advances[:min(len(s.Advances), jeton.MaxAdvances)] {
		d.Advances[advanceSlot(s.Generation-uint32(i))] = at
	}
	return d
}

func (d sessionDocument) session() (*jeton.Session, error) {
	s := &jeton.Session{
		ID: d.ID, UserID: d.UserID, Kind: jeton.SessionKind(d.Kind), Profile: d.Profile, Strategy: d.Strategy, Methods: d.Methods,
		Scopes: d.Scopes, AuthTime: d.AuthTime, CreatedAt: d.CreatedAt, UsedAt: d.UsedAt, IdleUntil: d.IdleUntil, ExpiresAt: d.ExpiresAt,
		EndedAt: d.EndedAt, EndReason: d.EndReason, AccessUntil: d.AccessUntil, SecretID: uint32(d.SecretID), Generation: uint32(d.Generation),
	}
	if copy(s.TagHash[:], d.TagHash) != len(s.TagHash) {
		return nil, fmt.Errorf("mongo: a session has a tag hash of %d bytes", len(d.TagHash))
	}
	for i := range uint32(jeton.MaxAdvances) {
		at := d.Advances[advanceSlot(s.Generation-i)]
		if at.IsZero() {
			break
		}
		s.Advances = append(s.Advances, at)
	}
	var err error
	if s.Client, err = d.Client.client(); err != nil {
		return nil, err
	}
	s.CreatedBy, err = d.CreatedBy.client()
	return s, err
}

// CreateSession adds a session. An ID that another one has is [jeton.ErrConflict].
func (s *Store) CreateSession(ctx context.Context, session *jeton.Session) error {
	_, err := s.sessions.InsertOne(ctx, newSessionDocument(session))
	return translate(ctx, "create session", err)
}

// SessionByID returns a session, also one that has ended, or [jeton.ErrNotFound].
func (s *Store) SessionByID(ctx context.Context, id string) (*jeton.Session, error) {
	document, err := first[sessionDocument](ctx, s.sessions, bson.M{"_id": id})
	if err != nil {
		return nil, translate(ctx, "session by id", err)
	}
	return document.session()
}

// SessionsByUser returns the sessions of a user that have not ended at now, the latest used first.
func (s *Store) SessionsByUser(ctx context.Context, userID string, now time.Time) ([]*jeton.Session, error) {
	live := bson.M{"user_id": userID, "ended_at": time.Time{}, "idle_until": bson.M{"$gt": now}, "expires_at": bson.M{"$gt": now}}
	documents, err := collect[sessionDocument](ctx, s.sessions, live,
		options.Find().SetSort(append(descending("used_at"), ascending("_id")...)))
	if err != nil {
		return nil, translate(ctx, "sessions by user", err)
	}
	return convert(documents, sessionDocument.session)
}

// AdvanceSession moves a session that is at a.Generation and a.TagHash to the next generation. One that is elsewhere is
// [jeton.ErrConflict], one that was ended [jeton.ErrSessionEnded], none [jeton.ErrNotFound].
func (s *Store) AdvanceSession(ctx context.Context, a jeton.Advance) (err error) {
	matched := false
	if a.Generation < math.MaxUint32 { // counting on from 0 would make used tokens current again
		matched, err = updateOne(ctx, s.sessions, bson.M{
			"_id": a.SessionID, "generation": int64(a.Generation), "tag_hash": a.TagHash[:], "ended_at": time.Time{},
		}, bson.M{
			"$inc": bson.M{"generation": int64(1)},
			"$max": bson.M{"access_until": a.AccessUntil},
			"$set": bson.M{
				"tag_hash": a.NextTagHash[:], "used_at": a.At, "idle_until": a.IdleUntil, "client": newClientDocument(a.Client),
				fmt.Sprintf("advances.%d", advanceSlot(a.Generation+1)): a.At,
			},
		})
	}
	if err == nil && !matched {
		err = s.whyNot(ctx, a.SessionID)
	}
	return translate(ctx, "advance session", err)
}

// ExtendAccess raises AccessUntil of a session that was not ended, otherwise it returns [jeton.ErrSessionEnded], or
// [jeton.ErrNotFound].
func (s *Store) ExtendAccess(ctx context.Context, id string, until time.Time) error {
	matched, err := updateOne(ctx, s.sessions, bson.M{"_id": id, "ended_at": time.Time{}}, bson.M{"$max": bson.M{"access_until": until}})
	if err == nil && !matched {
		err = s.whyNot(ctx, id)
	}
	return translate(ctx, "extend access", err)
}

// whyNot says why a session was not changed by an update of those that are as expected.
func (s *Store) whyNot(ctx context.Context, id string) error {
	document, err := first[sessionDocument](ctx, s.sessions, bson.M{"_id": id})
	switch {
	case err != nil:
		return err
	case !document.EndedAt.IsZero():
		return jeton.ErrSessionEnded
	}
	return jeton.ErrConflict
}
