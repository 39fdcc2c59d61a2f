package api

import (
	"context"
	"net/http"
	"time"

	"github.com/jetonauth/jeton"
)

// session is a signed-in device as its owner sees it.
type session struct {
	_ struct{} `additionalProperties:"true"`

	ID        string    `json:"id" doc:"Names the session"`
	CreatedAt time.Time `json:"created_at" doc:"When it was signed in, in UTC"`
	UsedAt    time.Time `json:"used_at" doc:"When it last got tokens, in UTC"`
	ExpiresAt time.Time `json:"expires_at" doc:"When it ends unless it is used before, in UTC"`
	Address   string    `json:"address" doc:"The address that it was last used from; empty if unknown" example:"192.0.2.7"`
	UserAgent string    `json:"user_agent" doc:"The program that it was last used with; empty if unknown" example:"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"`
	Strategy  string    `json:"strategy" doc:"The strategy that it was signed in by" example:"local"`
	Current   bool      `json:"current" doc:"Whether it is the session of this request" example:"true"`
}

// sessionList is a list that may get further members.
type sessionList struct {
	_ struct{} `additionalProperties:"true"`

	Sessions []session `json:"sessions" nullable:"false" doc:"The sessions that have not ended, the latest used first"`
}

// endOf is when a session ends unless it is used before.
func endOf(s *jeton.Session) time.Time {
	if s.IdleUntil.Before(s.ExpiresAt) {
		return s.IdleUntil
	}
	return s.ExpiresAt
}

func newSession(s *jeton.Session, current string) session {
	view := session{
		ID: s.ID, CreatedAt: s.CreatedAt.UTC(), UsedAt: s.UsedAt.UTC(), ExpiresAt: endOf(s).UTC(),
		UserAgent: s.Client.UserAgent, Strategy: s.Strategy, Current: s.ID == current,
	}
	if s.Client.Address.IsValid() {
		view.Address = s.Client.Address.String()
	}
	return view
}

// addSessions adds the operations on one's own sessions.
func (a *API) addSessions() {
	add(a, operation{
		method: http.MethodGet, path: "/auth/sessions", id: "listSessions", tag: tagSessions, protected: true,
		summary:     "See where one is signed in",
		description: "The sessions of the account that have not ended, the latest used first.",
		status:      http.StatusOK, answer: "The sessions",
	}, nil, a.sessions)
	add(a, operation{
		method: http.MethodDelete, path: "/auth/sessions/{id}", id: "endSession", tag: tagSessions, protected: true,
		summary:     "Sign a device out",
		description: "Ends one of the account's sessions, at once. Its access tokens are refused from then on.",
		status:      http.StatusNoContent, answer: "The session has ended",
		codes: []string{codeNotFound},
	}, nil, a.endSession)
}

func (a *API) sessions(ctx context.Context, c *call[none]) (sessionList, error) {
	found, err := a.auth.Sessions(ctx, c.principal.Subject())
	list := sessionList{Sessions: make([]session, 0, len(found))}
	for _, s := range found {
		list.Sessions = append(list.Sessions, newSession(s, c.principal.Session()))
	}
	return list, err
}

func (a *API) endSession(ctx context.Context, c *call[none]) (none, error) {
	return none{}, a.auth.EndSession(ctx, c.principal.Subject(), c.request.PathValue("id"), c.client)
}
