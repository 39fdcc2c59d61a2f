package jeton

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jetonauth/jeton/jwt"
	"github.com/jetonauth/jeton/revoke"
)

// SignOutRequest ends a session, or all of a user's.
type SignOutRequest struct {
	// Token is an access token of the session, which may have expired, or its refresh token.
	Token string `json:"-"`
	// Everywhere ends all sessions of the user. It needs CurrentPassword, or a sign-in within the last 5 minutes,
	// otherwise [ErrReauthenticate].
	Everywhere      bool
	CurrentPassword string `json:"-"`
	Client          Client
}

// SignOut ends what req names, at once on this node. A token that proves nothing is no error, since nobody is signed in with
// it: the only errors are [ErrReauthenticate], [ErrInvalidCredentials] for a wrong CurrentPassword, a [*LimitError], and a store's.
func (a *Auth) SignOut(ctx context.Context, req SignOutRequest) error {
	if strings.HasPrefix(req.Token, refreshPrefix) {
		return a.signOutByRefreshToken(ctx, req)
	}
	p, err := a.anyTime.Verify(ctx, req.Token)
	if errors.Is(err, ErrUnavailable) {
		return err
	}
	if err != nil {
		return nil //nolint:nilerr // refused: nobody is signed in with it, and there is nothing to end
	}
	s, err := a.sessionOf(ctx, p)
	switch {
	case err != nil:
		return err
	case s != nil:
		return a.signOut(ctx, s, req)
	case p.TokenID() == "":
		return nil // nothing names it, so nothing can be ended
	}
	return a.RevokeToken(ctx, p, req.Client)
}

// sessionOf returns the session that p's token belongs to, or nil if it belongs to none that is known.
func (a *Auth) sessionOf(ctx context.Context, p *Principal) (*Session, error) {
	if p.Session() == "" {
		return nil, nil
	}
	s, err := a.sessions.SessionByID(ctx, p.Session())
	if err != nil {
		return nil, replace(err, ErrNotFound, nil)
	}
	if s.UserID != p.Subject() {
		return nil, nil
	}
	return s, nil
}

func (a *Auth) signOutByRefreshToken(ctx context.Context, req SignOutRequest) error {
	token, ok := decodeRefreshToken(req.Token)
	if !ok {
		return nil
	}
	s, _, err := a.authentic(ctx, token)
	if errors.Is(err, ErrInvalidGrant) {
		return nil
	}
	if err != nil {
		return err
	}
	return a.signOut(ctx, s, req)
}

// signOut ends a session that req has proved to belong to, or all of its user's.
func (a *Auth) signOut(ctx context.Context, s *Session, req SignOutRequest) error {
	if !s.EndedAt.IsZero() { // one that is over by time only may have access tokens that are not
		return a.endAgain(ctx, s)
	}
	ending := Ending{SessionID: s.ID, UserID: s.UserID, Reason: "sign_out"}
	if req.Everywhere {
		if err := a.confirm(ctx, s.UserID, s.AuthTime, req.CurrentPassword, req.Client); err != nil {
			return err
		}
		ending = Ending{UserID: s.UserID, Reason: "sign_out_everywhere"}
	}
	if err := a.end(ctx, ending); err != nil {
		return err
	}
	a.audit(ctx, Event{
		Type: EventSignOut, UserID: s.UserID, SessionID: s.ID, Strategy: s.Strategy, Client: req.Client, Reason: ending.Reason,
	})
	return nil
}

// endAgain ends a session that was ended before. A store without transactions may have crashed before it had revoked the session; nobody is told
// that it is signed out before that is made good.
func (a *Auth) endAgain(ctx context.Context, s *Session) error {
	return a.end(ctx, Ending{SessionID: s.ID, UserID: s.UserID, Reason: s.EndReason})
}

// Sessions returns the sessions of a user that have not ended, the latest used first.
func (a *Auth) Sessions(ctx context.Context, userID string) ([]*Session, error) {
	return a.sessions.SessionsByUser(ctx, userID, a.now())
}

// EndSession ends one session of a user, at once on this node. One that is not the user's, or has ended, is [ErrNotFound].
func (a *Auth) EndSession(ctx context.Context, userID, sessionID string, client Client) error {
	s, err := a.sessions.SessionByID(ctx, sessionID)
	if err != nil {
		return err
	}
	if s.UserID != userID {
		return ErrNotFound
	}
	if !s.EndedAt.IsZero() {
		return cmp.Or(a.endAgain(ctx, s), ErrNotFound)
	}
	if err := a.end(ctx, Ending{SessionID: sessionID, UserID: userID, Reason: "ended_by_user"}); err != nil {
		return err
	}
	a.audit(ctx, Event{Type: EventSessionEnded, UserID: userID, SessionID: sessionID, Client: client})
	return nil
}

// RevokeToken revokes the token that p was proved by, at once on this node: one of a session by ending the session, any other
// by itself. Revoking it again does nothing. A token without "jti" and "sid" cannot be revoked, which is an error.
func (a *Auth) RevokeToken(ctx context.Context, p *Principal, client Client) error {
	s, err := a.sessionOf(ctx, p)
	if err != nil {
		return err
	}
	revoked, err := a.revoked.Revoked(ctx, revoke.Token{ID: p.TokenID(), Session: p.Session()})
	switch {
	case err != nil:
		return fmt.Errorf("%w: revocations: %w", ErrUnavailable, err)
	case revoked:
		return nil
	case s != nil:
		err = a.end(ctx, Ending{SessionID: s.ID, UserID: s.UserID, Reason: "token_revoked"})
	default:
		err = a.revokeID(ctx, p)
	}
	if err != nil {
		return err
	}
	a.audit(ctx, Event{Type: EventTokenRevoked, UserID: p.Subject(), SessionID: p.Session(), Client: client})
	return nil
}

func (a *Auth) revokeID(ctx context.Context, p *Principal) error {
	if p.TokenID() == "" {
		return errors.New("jeton: a token without \"jti\" and \"sid\" cannot be revoked")
	}
	expires := p.ExpiresAt().Add(jwt.MaxLeeway)
	if !expires.After(a.now()) {
		return nil
	}
	entry, err := a.sessions.RevokeToken(ctx, revoke.IDOf(p.TokenID()), expires)
	if err != nil {
		return err
	}
	a.revoked.Add(entry)
	return nil
}
