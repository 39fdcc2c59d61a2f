package jeton

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"time"
)

// RefreshRequest asks for the next grant of a session.
type RefreshRequest struct {
	Token  string `json:"-"` // the refresh token
	Client Client
	// Cookies says that the client keeps its tokens in cookies: see [SignInRequest].
	Cookies bool
	// CSRF is the value that the client keeps beside its tokens, [Grant.CSRF]. If it is not that of the token's session the answer is
	// [ErrInvalidGrant], and nothing changes: the cookie with the token was planted, by somebody who cannot plant the other one. Empty means
	// that nobody has looked.
	CSRF string `json:"-"`
}

// maxRefreshTries bounds how often a refresh starts again because somebody else advanced the session meanwhile. Each time
// somebody did succeed, and the second try is nearly always answered as a replay.
const maxRefreshTries = 8

// errMoved means that the session has moved on since it was read.
var errMoved = errors.New("jeton: session has moved on")

// Refresh exchanges a refresh token. A token that is no longer good is [ErrInvalidGrant], whatever the cause. An older one is
// answered with the current one within [Config.ReuseInterval]; after it, the session ends for theft, as an audit event then
// says.
func (a *Auth) Refresh(ctx context.Context, req RefreshRequest) (*Grant, error) {
	req.Client = req.Client.bounded()
	token, ok := decodeRefreshToken(req.Token)
	if !ok {
		return nil, ErrInvalidGrant
	}
	for range maxRefreshTries {
		grant, err := a.refresh(ctx, token, req)
		if !errors.Is(err, errMoved) {
			return grant, err
		}
	}
	return nil, fmt.Errorf("%w: the session is being refreshed by too many at once", ErrUnavailable)
}

// refresh tries once.
func (a *Auth) refresh(ctx context.Context, token refreshToken, req RefreshRequest) (*Grant, error) {
	s, current, err := a.authentic(ctx, token)
	if err != nil {
		return nil, err
	}
	if a.tooLate(s, token.generation) || req.CSRF != "" && subtle.ConstantTimeCompare([]byte(req.CSRF), []byte(a.csrf(s))) == 0 {
		return nil, ErrInvalidGrant
	}
	user, err := a.users.UserByID(ctx, s.UserID)
	if err != nil {
		return nil, replace(err, ErrNotFound, ErrInvalidGrant)
	}
	if user.Disabled {
		return nil, ErrInvalidGrant
	}
	if token.generation == s.Generation {
		return a.advance(ctx, user, s, current, req)
	}
	if !a.reusable(token.generation, s) {
		return nil, a.theft(ctx, s, req.Client)
	}
	return a.replay(ctx, user, s, current, req)
}

// SessionOf returns the session that a refresh token can be exchanged for now, and changes nothing; [ErrInvalidGrant] if there is none. It
// is for those who show what a token is worth (RFC 7662): whoever presents the token later may come too late.
func (a *Auth) SessionOf(ctx context.Context, refreshToken string) (*Session, error) {
	token, ok := decodeRefreshToken(refreshToken)
	if !ok {
		return nil, ErrInvalidGrant
	}
	s, _, err := a.authentic(ctx, token)
	if err != nil {
		return nil, err
	}
	if a.tooLate(s, token.generation) || token.generation != s.Generation && !a.reusable(token.generation, s) {
		return nil, ErrInvalidGrant
	}
	if _, _, err := a.means(s); err != nil {
		return nil, err
	}
	user, err := a.users.UserByID(ctx, s.UserID)
	if err != nil {
		return nil, replace(err, ErrNotFound, ErrInvalidGrant)
	}
	if user.Disabled {
		return nil, ErrInvalidGrant
	}
	return s, nil
}

// tooLate reports whether nothing is given out for a session any more: it has ended, or this is its last second, in which a token, which
// tells its expiry in whole seconds, would have expired already.
func (a *Auth) tooLate(s *Session, generation uint32) bool {
	end := s.ExpiresAt
	if generation < s.Generation && s.IdleUntil.Before(end) { // which an older token does not move
		end = s.IdleUntil
	}
	return s.Ended(a.now()) || !end.Truncate(time.Second).After(a.moment())
}

// authentic returns the session of a token that is or was the session's, and the session's current tag unless the token is
// too old to be exchanged anyway. A guess learns and changes nothing, and costs no query.
func (a *Auth) authentic(ctx context.Context, token refreshToken) (*Session, tag, error) {
	secret, ok := a.secret(token.secretID)
	if !ok || !secret.sealed(token) {
		return nil, tag{}, ErrInvalidGrant
	}
	s, err := a.sessions.SessionByID(ctx, token.session)
	if err != nil {
		return nil, tag{}, replace(err, ErrNotFound, ErrInvalidGrant)
	}
	if s.Kind != Rotating || s.SecretID != token.secretID || token.generation > s.Generation {
		return nil, tag{}, ErrInvalidGrant
	}
	if s.Generation-token.generation > MaxAdvances {
		return s, tag{}, nil
	}
	current := secret.walk(token, s.Generation)
	if !current.matches(s.TagHash) {
		return nil, tag{}, ErrInvalidGrant
	}
	return s, current, nil
}

func (a *Auth) secret(id uint32) (refreshSecret, bool) {
	for _, s := range a.secrets {
		if s.id == id {
			return s, true
		}
	}
	return refreshSecret{}, false
}

// advance moves the session one generation on. The tokens are made first, so that a failure to sign costs nothing.
func (a *Auth) advance(ctx context.Context, user *User, s *Session, current tag, req RefreshRequest) (*Grant, error) {
	profile, secret, err := a.means(s)
	if err != nil {
		return nil, err
	}
	now := a.moment()
	next := secret.chain(s.ID).next(current, s.Generation+1)
	step := Advance{
		SessionID: s.ID, Generation: s.Generation, TagHash: s.TagHash, NextTagHash: next.hash(), At: now,
		IdleUntil: now.Add(a.cfg.IdleTimeout), Client: req.Client,
	}
	s.apply(step)
	step.AccessUntil = accessExpiry(now, profile, s)
	if step.AccessUntil.After(s.AccessUntil) {
		s.AccessUntil = step.AccessUntil
	}
	grant, err := a.grant(ctx, user, s, profile, validity{now, step.AccessUntil}, req.Cookies)
	if err != nil {
		return nil, err
	}
	if grant.RefreshToken, err = secret.issue(s.ID, s.Generation, next); err != nil {
		return nil, err
	}
	err = a.sessions.AdvanceSession(ctx, step)
	err = replace(replace(err, ErrConflict, errMoved), ErrSessionEnded, ErrInvalidGrant)
	if err != nil {
		return nil, replace(err, ErrNotFound, ErrInvalidGrant)
	}
	return grant, nil
}

// means returns what the tokens of a session are made with. A profile that was taken out of the configuration ends its sessions.
func (a *Auth) means(s *Session) (*Profile, refreshSecret, error) {
	profile, err := a.profile(s.Profile)
	if err != nil {
		return nil, refreshSecret{}, fmt.Errorf("%w: %w", ErrInvalidGrant, err)
	}
	secret, ok := a.secret(s.SecretID)
	if !ok {
		return nil, refreshSecret{}, ErrInvalidGrant
	}
	return profile, secret, nil
}

// apply does to a copy of the session what the store does to the row.
func (s *Session) apply(step Advance) {
	s.Generation, s.TagHash = step.Generation+1, step.NextTagHash
	s.Advances = append([]time.Time{step.At}, s.Advances...)
	s.Advances = s.Advances[:min(len(s.Advances), MaxAdvances)]
	s.UsedAt, s.IdleUntil, s.Client = step.At, step.IdleUntil, step.Client
}

// reusable reports whether the successor of this older generation was made within the reuse interval.
func (a *Auth) reusable(generation uint32, s *Session) bool {
	behind := s.Generation - generation // at least 1
	if a.cfg.ReuseInterval < 0 || int64(behind) > int64(len(s.Advances)) {
		return false
	}
	return a.now().Sub(s.Advances[behind-1]) <= a.cfg.ReuseInterval
}

// replay answers an older token with the current one: a second tab, or a retry after a lost answer.
func (a *Auth) replay(ctx context.Context, user *User, s *Session, current tag, req RefreshRequest) (*Grant, error) {
	client := req.Client
	event := Event{
		Type: EventRefreshReplayed, UserID: s.UserID, SessionID: s.ID, Strategy: s.Strategy, Client: client, Previous: &s.Client,
	}
	if client.prefix() != s.Client.prefix() && client.UserAgent != s.Client.UserAgent {
		event.Reason = "refused: another network and another user agent"
		a.audit(ctx, event)
		return nil, ErrInvalidGrant
	}
	profile, secret, err := a.means(s)
	if err != nil {
		return nil, err
	}
	now := a.moment()
	exp := accessExpiry(now, profile, s)
	if exp.After(s.AccessUntil) {
		s.AccessUntil = exp
	}
	grant, err := a.grant(ctx, user, s, profile, validity{now, exp}, req.Cookies)
	if err != nil {
		return nil, err
	}
	if grant.RefreshToken, err = secret.issue(s.ID, s.Generation, current); err != nil {
		return nil, err
	}
	err = a.sessions.ExtendAccess(ctx, s.ID, exp)
	if err = replace(err, ErrSessionEnded, ErrInvalidGrant); err != nil {
		return nil, replace(err, ErrNotFound, ErrInvalidGrant)
	}
	event.Reason = "answered with the current token"
	a.audit(ctx, event)
	return grant, nil
}

// theft ends a session whose refresh token was used twice.
func (a *Auth) theft(ctx context.Context, s *Session, client Client) error {
	if err := a.end(ctx, Ending{SessionID: s.ID, Reason: "refresh_theft"}); err != nil {
		return err
	}
	a.audit(ctx, Event{
		Type: EventRefreshTheft, UserID: s.UserID, SessionID: s.ID, Strategy: s.Strategy, Client: client, Previous: &s.Client,
		Reason: "a refresh token was used again after the reuse interval",
	})
	return ErrInvalidGrant
}
