package mongo

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"maps"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/revoke"
)

// finishWithin is how long an ending that has begun may take, whatever becomes of the caller's context.
const finishWithin = 10 * time.Second

// EndSessions marks sessions ended, inserts their revocations, and then returns the revocations. If neither e.SessionID nor e.UserID is
// set, it ends none.
//
// A crash, or an error, can leave sessions behind that are marked and have no revocation yet, so that they cannot be refreshed while their access
// tokens still count. The next call about the same sessions inserts what is missing, whoever makes it, and so does [Store.Prune]. The
// context is looked at before the first mark only.
func (s *Store) EndSessions(ctx context.Context, e jeton.Ending) ([]revoke.Entry, error) {
	if err := ctx.Err(); err != nil {
		return nil, translate(ctx, "end sessions", err)
	}
	meant := meantBy(e)
	if meant == nil {
		return nil, nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), finishWithin)
	defer cancel()
	call := rand.Text()
	entries, err := s.endSessions(ctx, meant, e, call)
	return entries, translate(context.WithoutCancel(ctx), "end sessions", err)
}

// meantBy matches the sessions that e is about, whether they were ended before or not. It is nil if there can be none.
func meantBy(e jeton.Ending) bson.M {
	switch {
	case e.SessionID == "" && e.UserID == "", e.SessionID != "" && e.SessionID == e.Except:
		return nil
	case e.SessionID != "" && e.UserID != "":
		return bson.M{"_id": e.SessionID, "user_id": e.UserID}
	case e.SessionID != "":
		return bson.M{"_id": e.SessionID}
	case e.Except != "":
		return bson.M{"user_id": e.UserID, "_id": bson.M{"$ne": e.Except}}
	}
	return bson.M{"user_id": e.UserID}
}

func (s *Store) endSessions(ctx context.Context, meant bson.M, e jeton.Ending, call string) ([]revoke.Entry, error) {
	err := updateAll(ctx, s.sessions, with(meant, "ended_at", time.Time{}), e.SessionID != "", bson.M{"$set": bson.M{
		"ended_at": e.At, "end_reason": e.Reason, "revoke_for": e.RevokeUntil.Milliseconds(), "ending": call, "unrevoked": true,
	}})
	if err != nil {
		return nil, err
	}
	open, err := collect[sessionDocument](ctx, s.sessions,
		with(meant, "$or", bson.A{bson.M{"ending": call}, bson.M{"unrevoked": true}}), options.Find().SetSort(ascending("_id")))
	if err != nil {
		return nil, err
	}
	return s.finish(ctx, open, call)
}

// with returns filter with one condition more.
func with(filter bson.M, field string, value any) bson.M {
	more := maps.Clone(filter)
	more[field] = value
	return more
}

// finish inserts the revocations of sessions that were ended, as far as they are not there yet, and returns those that belong to a call of
// EndSessions.
func (s *Store) finish(ctx context.Context, ended []sessionDocument, call string) ([]revoke.Entry, error) {
	if len(ended) == 0 {
		return nil, nil
	}
	var entries []revoke.Entry
	ids := make([]string, len(ended))
	for i, session := range ended {
		ids[i] = session.ID
		until := session.AccessUntil.Add(time.Duration(session.RevokeFor) * time.Millisecond)
		if !until.After(session.EndedAt) {
			continue
		}
		entry, err := s.insert(ctx, session.ending(until))
		if err != nil {
			return nil, err
		}
		if session.Ending == call {
			entries = append(entries, entry.entry())
		}
	}
	return entries, updateAll(ctx, s.sessions, in("_id", ids), len(ids) == 1, bson.M{"$unset": bson.M{"unrevoked": ""}})
}

// ending is the revocation of a session, which there can be only one of.
func (d sessionDocument) ending(until time.Time) entryDocument {
	id := revoke.IDOf(d.ID)
	return entryDocument{Once: "session " + hex.EncodeToString(id[:]), ID: id[:], ExpiresAt: until}
}
