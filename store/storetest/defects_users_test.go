package storetest_test

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/store/storetest"
)

// userDefects are those of stores that keep ids, and of those that make ids themselves: over says which.
func userDefects(over func(wrap func(sound *gated) ender) func() storetest.Harness) map[string]defect {
	return map[string]defect{
		"users in local time": {
			over(func(s *gated) ender { return localUsers{s} }), []string{"users/every field comes back"},
		},
		"ids of users in lower case": {
			over(func(s *gated) ender { return foldedUsers{s} }), []string{"users/ids and addresses are compared exactly"},
		},
		"the user that was given is kept": {
			over(func(s *gated) ender { return &keptUsers{gated: s} }), []string{"users/aliasing: what is given"},
		},
		"the user that is kept is given": {
			over(func(s *gated) ender { return &sharedUsers{gated: s} }), []string{"users/aliasing: what is returned"},
		},
		"no address is an address": {
			over(func(s *gated) ender { return &emptyEmail{gated: s} }), []string{"users/no address is not unique"},
		},
		"addresses are looked for before": {
			over(func(s *gated) ender { return emailBefore{s} }), []string{"users/contention: create with one address"},
		},
		"passwords are compared before": {
			over(func(s *gated) ender { return passwordBefore{s} }), []string{"users/contention: set password"},
		},
		"passwords are not compared": {
			over(func(s *gated) ender { return passwordAnyway{s} }),
			[]string{"users/set password compares", "users/contention: set password"},
		},
		"users are written as a whole": {
			over(func(s *gated) ender { return wholeUsers{s} }), []string{"users/contention: changes of different fields"},
		},
		"a taken address is a conflict": {
			over(func(s *gated) ender { return emailConflict{s} }),
			[]string{
				"users/an address is unique", "users/contention: create with one address",
				"service/contention: sign up with one address",
			},
		},
		"deleting nobody succeeds": {
			over(func(s *gated) ender { return deleteAnyway{s} }),
			[]string{"users/a missing user is not found", "users/contention: delete"},
		},
		"users ignore their context": {
			over(func(s *gated) ender { return deafUsers{s} }), []string{"users/cancellation: nothing changes"},
		},
		"users are changed in two parts": {
			over(func(s *gated) ender { return halfUsers{s} }), []string{"users/cancellation: whole operations only"},
		},
	}
}

type localUsers struct{ *gated }

func (s localUsers) UserByID(ctx context.Context, id string) (*jeton.User, error) {
	u, err := s.gated.UserByID(ctx, id)
	if err == nil {
		u.CreatedAt = u.CreatedAt.In(time.FixedZone("here", 60*60))
	}
	return u, err
}

type foldedUsers struct{ *gated }

func (s foldedUsers) UserByID(ctx context.Context, id string) (*jeton.User, error) {
	for _, id := range []string{id, "AbC-1"} {
		if u, err := s.gated.UserByID(ctx, id); err == nil && strings.EqualFold(id, u.ID) {
			return u, nil
		}
	}
	return nil, jeton.ErrNotFound
}

type keptUsers struct {
	*gated
	last *jeton.User
}

func (s *keptUsers) CreateUser(ctx context.Context, u *jeton.User) error {
	s.last = u
	return s.gated.CreateUser(ctx, u)
}

func (s *keptUsers) UserByID(ctx context.Context, id string) (*jeton.User, error) {
	u, err := s.gated.UserByID(ctx, id)
	if err == nil && s.last != nil {
		u.Roles = s.last.Roles
	}
	return u, err
}

type sharedUsers struct {
	*gated
	roles []string
}

func (s *sharedUsers) UserByID(ctx context.Context, id string) (*jeton.User, error) {
	u, err := s.gated.UserByID(ctx, id)
	if err != nil {
		return nil, err
	}
	if len(s.roles) == 0 {
		s.roles = u.Roles
	}
	u.Roles = s.roles
	return u, nil
}

type emptyEmail struct {
	*gated
	taken bool
}

func (s *emptyEmail) CreateUser(ctx context.Context, u *jeton.User) error {
	if u.EmailKey == "" && s.taken {
		return jeton.ErrEmailTaken
	}
	s.taken = s.taken || u.EmailKey == ""
	return s.gated.CreateUser(ctx, u)
}

type emailBefore struct{ *gated }

func (s emailBefore) CreateUser(ctx context.Context, u *jeton.User) error {
	if _, err := s.UserByEmail(ctx, u.EmailKey); err == nil {
		return jeton.ErrEmailTaken
	}
	s.gather()
	if err := s.gated.CreateUser(ctx, u); !errors.Is(err, jeton.ErrEmailTaken) {
		return err
	}
	return nil
}

type passwordBefore struct{ *gated }

func (s passwordBefore) SetPassword(ctx context.Context, id string, change jeton.PasswordChange) error {
	u, err := s.UserByID(ctx, id)
	if err != nil {
		return err
	}
	if u.PasswordHash != change.Old {
		return jeton.ErrConflict
	}
	s.gather()
	return passwordAnyway(s).SetPassword(ctx, id, change)
}

type passwordAnyway struct{ *gated }

func (s passwordAnyway) SetPassword(ctx context.Context, id string, change jeton.PasswordChange) error {
	for {
		err := s.gated.SetPassword(ctx, id, change)
		if !errors.Is(err, jeton.ErrConflict) {
			return err
		}
		u, err := s.UserByID(ctx, id)
		if err != nil {
			return err
		}
		change.Old = u.PasswordHash
	}
}

type wholeUsers struct{ *gated }

func (s wholeUsers) UpdateUser(ctx context.Context, id string, change jeton.UserChange) (*jeton.User, error) {
	u, err := s.UserByID(ctx, id)
	if err != nil {
		return nil, err
	}
	s.gather()
	if change.Name == nil {
		change.Name = &u.Name
	}
	if change.EmailKey == nil {
		change.Email, change.EmailKey = &u.Email, &u.EmailKey
	}
	if change.Roles == nil {
		change.Roles = &u.Roles
	}
	if change.Disabled == nil {
		change.Disabled = &u.Disabled
	}
	return s.gated.UpdateUser(ctx, id, change)
}

type emailConflict struct{ *gated }

func (s emailConflict) CreateUser(ctx context.Context, u *jeton.User) error {
	err := s.gated.CreateUser(ctx, u)
	if errors.Is(err, jeton.ErrEmailTaken) {
		return jeton.ErrConflict
	}
	return err
}

type deleteAnyway struct{ *gated }

func (s deleteAnyway) DeleteUser(ctx context.Context, id string) error {
	err := s.gated.DeleteUser(ctx, id)
	if errors.Is(err, jeton.ErrNotFound) {
		return nil
	}
	return err
}

type deafUsers struct{ *gated }

func (s deafUsers) SetPassword(ctx context.Context, id string, change jeton.PasswordChange) error {
	return s.gated.SetPassword(context.WithoutCancel(ctx), id, change)
}

type halfUsers struct{ *gated }

func (s halfUsers) UpdateUser(ctx context.Context, id string, change jeton.UserChange) (*jeton.User, error) {
	first := jeton.UserChange{Name: change.Name, UpdatedAt: change.UpdatedAt}
	if _, err := s.gated.UpdateUser(ctx, id, first); err != nil {
		return nil, err
	}
	return s.gated.UpdateUser(ctx, id, change)
}
