package jeton

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// SignInRequest asks for a session.
type SignInRequest struct {
	Strategy    string      // empty means "local"
	Credentials any         `json:"-"` // what the strategy's New returned, filled in
	Client      Client      // where the request came from
	Profile     string      // of the tokens; empty means the default one
	Kind        SessionKind // empty means Rotating
	// Cookies says that the client keeps its tokens in cookies, which a browser sends by itself: the access token then has a claim "csrf",
	// the digest of [Grant.CSRF], which requests that change something must repeat.
	Cookies bool
}

// SignIn proves who somebody is and begins a session. What is not proved is [ErrInvalidCredentials], also for a disabled account; a
// further step is a [*Challenge]; too many attempts, or a full queue for hashing, a [*LimitError].
func (a *Auth) SignIn(ctx context.Context, req SignInRequest) (*Grant, error) {
	strategy, err := a.strategy(req.Strategy)
	if err != nil {
		return nil, err
	}
	req.Strategy = strategy.Name()
	account := ""
	if named, ok := req.Credentials.(AccountNamer); ok {
		account = named.AccountName()
	}
	event := Event{Strategy: req.Strategy, Account: account, Client: req.Client}
	attempt, err := a.begin(ctx, req.Client, account, stranger)
	if err != nil {
		if errors.Is(err, ErrRateLimited) {
			event.Type = EventSignInLimited
			a.audit(ctx, event)
		}
		return nil, err
	}
	grant, err := a.signIn(ctx, strategy, req)
	attempt.done(ctx, err)
	a.auditSignIn(ctx, event, grant, err)
	if errors.Is(err, ErrInvalidCredentials) && !errors.Is(err, ErrUnavailable) {
		return nil, ErrInvalidCredentials // and nothing of the cause
	}
	return grant, err
}

// auditSignIn says how an attempt has ended, unless it was trouble of the service's own, which says nothing about the attempt.
func (a *Auth) auditSignIn(ctx context.Context, event Event, grant *Grant, err error) {
	_, challenged := errors.AsType[*Challenge](err)
	switch {
	case err == nil:
		event.Type, event.UserID, event.SessionID = EventSignIn, grant.User.ID, grant.Session.ID
	case challenged:
		event.Type = EventSignInChallenged
	case errors.Is(err, ErrInvalidCredentials):
		event.Type, event.Reason = EventSignInFailed, "not proved"
		if denied, ok := errors.AsType[*deniedError](err); ok {
			event.UserID, event.Reason = denied.userID, denied.reason
		}
	default:
		return
	}
	a.audit(ctx, event)
}

func (a *Auth) strategy(name string) (Strategy, error) {
	if name == "" {
		name = LocalStrategy
	}
	for _, s := range a.strategies {
		if s.Name() == name {
			return s, nil
		}
	}
	return nil, fmt.Errorf("%w: %.64q", ErrUnknownStrategy, name)
}

func (a *Auth) signIn(ctx context.Context, strategy Strategy, req SignInRequest) (*Grant, error) {
	identity, err := strategy.Prove(ctx, req.Credentials, req.Client)
	if err != nil {
		return nil, err
	}
	return a.establish(ctx, identity, req)
}

// establish begins a session for a proved identity. The account is read after the session is stored: whoever disables the account,
// or changes its password, at this moment either finds the session and ends it, or is seen here.
func (a *Auth) establish(ctx context.Context, identity Identity, req SignInRequest) (*Grant, error) {
	profile, err := a.profile(req.Profile)
	if err != nil {
		return nil, err
	}
	session, first, err := a.newSession(identity, req, profile)
	if err != nil {
		return nil, err
	}
	if err := a.sessions.CreateSession(ctx, session); err != nil {
		return nil, err
	}
	grant, err := a.firstGrant(ctx, identity, session, profile, req.Cookies)
	if err != nil {
		ending := Ending{SessionID: session.ID, Reason: "sign_in_failed"}
		return nil, errors.Join(err, a.end(ctx, ending))
	}
	if session.Kind == Rotating {
		grant.RefreshToken = first
	}
	if err := a.endSurplus(ctx, session); err != nil {
		a.log.ErrorContext(ctx, "could not end the sessions that an account has too many", "user", session.UserID, "error", err)
	}
	return grant, nil
}

// endSurplus ends the sessions that have not been used for longest, where there are too many beside a new one. It ends no more than a hundred, so that
// an account that has very many loses them bit by bit.
func (a *Auth) endSurplus(ctx context.Context, session *Session) error {
	const most = 100
	if a.cfg.MaxSessions < 0 {
		return nil
	}
	sessions, err := a.sessions.SessionsByUser(ctx, session.UserID, a.now())
	if err != nil || len(sessions) <= a.cfg.MaxSessions {
		return err
	}
	surplus := sessions[a.cfg.MaxSessions:] // the latest used are first
	for _, s := range surplus[max(0, len(surplus)-most):] {
		if s.ID == session.ID {
			continue // the clock of another node is ahead
		}
		if err := a.end(ctx, Ending{SessionID: s.ID, UserID: s.UserID, Reason: "too_many_sessions"}); err != nil {
			return err
		}
		a.audit(ctx, Event{Type: EventSessionEnded, UserID: s.UserID, SessionID: s.ID, Client: session.Client, Reason: "too_many_sessions"})
	}
	return nil
}

func (a *Auth) firstGrant(ctx context.Context, identity Identity, session *Session, profile *Profile, cookies bool) (*Grant, error) {
	user, err := a.users.UserByID(ctx, identity.UserID)
	if err != nil {
		return nil, replace(err, ErrNotFound, error(&deniedError{identity.UserID, "no such account"}))
	}
	if user.Disabled {
		return nil, &deniedError{user.ID, "account is disabled"}
	}
	if changed := identity.PasswordChangedAt; changed != nil && !changed.Equal(user.PasswordChangedAt) {
		return nil, &deniedError{user.ID, "password was changed meanwhile"}
	}
	return a.grant(ctx, user, session, profile, validity{session.CreatedAt, session.AccessUntil}, cookies)
}

// newSession returns a session that begins now, and its first refresh token.
func (a *Auth) newSession(identity Identity, req SignInRequest, profile *Profile) (*Session, string, error) {
	now := a.moment()
	kind := req.Kind
	if kind == "" {
		kind = Rotating
	}
	if kind != Rotating && kind != AccessOnly {
		return nil, "", fmt.Errorf("jeton: SignInRequest.Kind: %q, must be %q or %q", kind, Rotating, AccessOnly)
	}
	client := req.Client.bounded()
	s := &Session{
		ID: newID(), UserID: identity.UserID, Kind: kind, Profile: profile.Name, Strategy: req.Strategy,
		Methods: slices.Clone(identity.Methods), Scopes: slices.Clone(identity.Scopes), AuthTime: now,
		CreatedAt: now, UsedAt: now, IdleUntil: now.Add(a.cfg.IdleTimeout), ExpiresAt: now.Add(a.cfg.Lifetime),
		Client: client, CreatedBy: client,
	}
	s.AccessUntil = accessExpiry(now, profile, s)
	if kind == AccessOnly {
		s.IdleUntil, s.ExpiresAt = s.AccessUntil, s.AccessUntil
		return s, "", nil
	}
	first, secret := newTag(), a.secrets[0]
	s.SecretID, s.TagHash = secret.id, first.hash()
	token, err := secret.issue(s.ID, 0, first)
	return s, token, err
}

// accessExpiry is when an access token made now expires: not after its session. Whole seconds are what a token can say.
func accessExpiry(now time.Time, profile *Profile, s *Session) time.Time {
	exp := now.Add(profile.TTL)
	for _, limit := range []time.Time{s.ExpiresAt, s.IdleUntil} {
		if limit.Before(exp) {
			exp = limit
		}
	}
	return exp.Truncate(time.Second)
}

// bounded cuts what a client can make as long as it likes, and leaves out what would do something to the screen that shows it.
func (c Client) bounded() Client {
	const most = 256
	agent := strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return utf8.RuneError
	}, strings.ToValidUTF8(c.UserAgent, "\uFFFD"))
	if len(agent) > most {
		agent = agent[:most]
		for !utf8.ValidString(agent) {
			agent = agent[:len(agent)-1]
		}
	}
	c.UserAgent, c.Address = agent, c.Address.WithZone("")
	return c
}
