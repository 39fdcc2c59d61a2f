package jeton

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"
)

// recentSignIn is how long after a sign-in the password is not asked for again.
const recentSignIn = 5 * time.Minute

// Account returns the account with this id, or [ErrNotFound].
func (a *Auth) Account(ctx context.Context, userID string) (*User, error) {
	return a.users.UserByID(ctx, userID)
}

// AccountChange is what users change of their own account; nil fields stay. A new e-mail address needs
// CurrentPassword, or a sign-in within the last 5 minutes.
type AccountChange struct {
	Name            *string
	Email           *string
	CurrentPassword string `json:"-"`
	Client          Client
}

// ChangeAccount changes the account of p. Errors: [*ValidationError], [ErrEmailTaken], [ErrReauthenticate],
// [ErrInvalidCredentials] for a wrong CurrentPassword, [ErrNotFound].
func (a *Auth) ChangeAccount(ctx context.Context, p *Principal, change AccountChange) (*User, error) {
	set := UserChange{UpdatedAt: a.moment()}
	var problems []FieldError
	if change.Name != nil {
		name := strings.TrimSpace(*change.Name)
		set.Name = &name
		problems = append(problems, checkName(name)...)
	}
	if change.Email != nil {
		email := strings.TrimSpace(*change.Email)
		key, ok := EmailKey(email)
		if !ok {
			problems = append(problems, invalidEmail)
		}
		set.Email, set.EmailKey = &email, &key
	}
	if len(problems) > 0 {
		return nil, &ValidationError{Fields: problems}
	}
	if change.Email != nil {
		if change.CurrentPassword == "" { // otherwise confirm counts: who asks often asks which addresses are taken
			if _, err := a.begin(ctx, change.Client, "", caller); err != nil {
				return nil, err
			}
		}
		if err := a.confirm(ctx, p.Subject(), p.AuthTime(), change.CurrentPassword, change.Client); err != nil {
			return nil, err
		}
	}
	user, err := a.users.UpdateUser(ctx, p.Subject(), set)
	if err != nil {
		return nil, err
	}
	a.audit(ctx, Event{Type: EventAccountChanged, UserID: user.ID, SessionID: p.Session(), Client: change.Client})
	return user, nil
}

// DeletionRequest is a user's wish to be gone. It needs CurrentPassword, or a sign-in within the last 5 minutes.
type DeletionRequest struct {
	CurrentPassword string `json:"-"`
	Client          Client
}

// DeleteAccount removes the account of p and ends its sessions. Errors are those of [Auth.ChangeAccount].
func (a *Auth) DeleteAccount(ctx context.Context, p *Principal, req DeletionRequest) error {
	err := a.confirm(ctx, p.Subject(), p.AuthTime(), req.CurrentPassword, req.Client)
	if err != nil && !gone(err) { // at an earlier try, which may have left sessions
		return err
	}
	return a.remove(ctx, p.Subject(), req.Client)
}

// gone reports whether an error of a store says that an account is not there, and not that nobody knows.
func gone(err error) bool { return errors.Is(err, ErrNotFound) && !errors.Is(err, ErrUnavailable) }

// RemoveUser deletes an account and ends its sessions, as an operator. [ErrNotFound].
func (a *Auth) RemoveUser(ctx context.Context, userID string) error {
	return a.remove(ctx, userID, Client{})
}

// remove deletes the account first: then no new session of it can begin, and those that have are ended.
func (a *Auth) remove(ctx context.Context, userID string, client Client) error {
	err := a.users.DeleteUser(ctx, userID)
	if err != nil && !gone(err) {
		return err
	}
	if err == nil {
		a.audit(ctx, Event{Type: EventAccountDeleted, UserID: userID, Client: client})
	}
	ended := a.end(ctx, Ending{UserID: userID, Reason: "account_deleted"}) // also what a crash left at an earlier try
	return errors.Join(err, ended)
}

// ChangePasswordRequest asks for another password.
type ChangePasswordRequest struct {
	Current string `json:"-"`
	New     string `json:"-"`
	Client  Client
}

// ChangePassword sets the password of p's account and ends all its other sessions. A wrong current one is
// [ErrInvalidCredentials]; one that the policy refuses a [*ValidationError] for "/new_password"; a password that
// somebody else has changed meanwhile [ErrConflict].
func (a *Auth) ChangePassword(ctx context.Context, p *Principal, req ChangePasswordRequest) error {
	user, err := a.users.UserByID(ctx, p.Subject())
	if err != nil {
		return err
	}
	problems, err := a.refusePassword("/new_password", req.New, user)
	if err != nil {
		return err
	}
	if len(problems) > 0 {
		return &ValidationError{Fields: problems}
	}
	if err := a.tryPassword(ctx, user, req.Current, req.Client); err != nil {
		return err
	}
	return a.replacePassword(ctx, user, req.New, p.Session(), req.Client)
}

// SetPassword sets a user's password, as an operator, and ends all the user's sessions. Errors: [*ValidationError] for
// "/password", [ErrNotFound].
func (a *Auth) SetPassword(ctx context.Context, userID, password string) error {
	err := a.setPassword(ctx, userID, password)
	if errors.Is(err, ErrConflict) { // a sign-in has improved the old hash meanwhile
		err = a.setPassword(ctx, userID, password)
	}
	return err
}

func (a *Auth) setPassword(ctx context.Context, userID, password string) error {
	user, err := a.users.UserByID(ctx, userID)
	if err != nil {
		return err
	}
	problems, err := a.refusePassword("/password", password, user)
	if err != nil {
		return err
	}
	if len(problems) > 0 {
		return &ValidationError{Fields: problems}
	}
	return a.replacePassword(ctx, user, password, "", Client{})
}

// replacePassword replaces the password that user was read with, and ends all sessions but one.
func (a *Auth) replacePassword(ctx context.Context, user *User, plain, except string, client Client) error {
	hash, err := a.hashPassword(ctx, plain, client)
	if err != nil {
		return err
	}
	changed := a.moment()
	if !changed.After(user.PasswordChangedAt) {
		changed = user.PasswordChangedAt.Add(time.Millisecond)
	}
	// The sessions end before, so that a failure leaves none of them with a changed password, and after, for those that began with
	// the old one meanwhile.
	others := Ending{UserID: user.ID, Except: except, Reason: "password_changed"}
	if err := a.end(ctx, others); err != nil {
		return err
	}
	err = a.users.SetPassword(ctx, user.ID, PasswordChange{Old: user.PasswordHash, New: hash, ChangedAt: changed})
	if err != nil {
		return err
	}
	a.audit(ctx, Event{Type: EventPasswordChanged, UserID: user.ID, SessionID: except, Client: client})
	return a.end(ctx, others)
}

// SetRoles sets a user's roles, as an operator, and ends the user's sessions, whose tokens hold the old ones. Errors:
// [*ValidationError] for "/roles", [ErrNotFound].
func (a *Auth) SetRoles(ctx context.Context, userID string, roles []string) error {
	if problems := checkRoles(roles); len(problems) > 0 {
		return &ValidationError{Fields: problems}
	}
	roles = slices.Clone(roles)
	return a.operate(ctx, userID, UserChange{Roles: &roles}, EventRolesChanged)
}

// SetDisabled disables an account and ends its sessions, or enables it, as an operator. [ErrNotFound].
func (a *Auth) SetDisabled(ctx context.Context, userID string, disabled bool) error {
	event := EventAccountEnabled
	if disabled {
		event = EventAccountDisabled
	}
	return a.operate(ctx, userID, UserChange{Disabled: &disabled}, event)
}

func (a *Auth) operate(ctx context.Context, userID string, change UserChange, event EventType) error {
	change.UpdatedAt = a.moment()
	if _, err := a.users.UpdateUser(ctx, userID, change); err != nil {
		return err
	}
	reason := ""
	if change.Roles != nil {
		reason = strings.Join(*change.Roles, " ")
	}
	a.audit(ctx, Event{Type: event, UserID: userID, Reason: reason})
	if event == EventAccountEnabled {
		return nil
	}
	return a.end(ctx, Ending{UserID: userID, Reason: string(event)})
}

// confirm sees to it that the person who asks is the user, not somebody at an open screen: by the password if one is given, else
// by a recent sign-in.
func (a *Auth) confirm(ctx context.Context, userID string, signedIn time.Time, plain string, client Client) error {
	if plain == "" {
		if since := a.now().Sub(signedIn); since > recentSignIn {
			return ErrReauthenticate
		}
		return nil
	}
	user, err := a.users.UserByID(ctx, userID)
	if err != nil {
		return err
	}
	return a.tryPassword(ctx, user, plain, client)
}

// tryPassword checks a password of a known account, within the limits.
func (a *Auth) tryPassword(ctx context.Context, user *User, plain string, client Client) error {
	account := user.EmailKey
	if account == "" {
		account = user.ID
	}
	attempt, err := a.begin(ctx, client, account, caller)
	if err != nil {
		return err
	}
	err = a.checkPassword(ctx, user, account, plain, client)
	attempt.done(ctx, err)
	if errors.Is(err, ErrInvalidCredentials) {
		a.audit(ctx, Event{
			Type: EventSignInFailed, UserID: user.ID, Account: user.EmailKey, Strategy: LocalStrategy, Client: client,
			Reason: "wrong current password",
		})
		return ErrInvalidCredentials
	}
	return err
}
