package storetest_test

import (
	"context"
	"errors"
	"iter"
	"strings"

	"github.com/jetonauth/jeton"
)

func importDefects() map[string]defect {
	return map[string]defect{
		"what was imported before an error stays": {
			over(func(s *gated) ender { return eachAlone{s} }),
			[]string{
				"user import/an address that is taken", "user import/an id that is taken", "user import/twice in the sequence",
				"user import/the sequence's own error", "user import/cancellation: in the middle",
			},
		},
		"imports leave out what is taken": {
			over(func(s *gated) ender { return lenient{s} }),
			[]string{"user import/an address that is taken", "user import/contention: import and create"},
		},
		"imports leave out the last": {
			over(func(s *gated) ender { return butLast{s} }), []string{"user import/every user, whole", "user import/many"},
		},
		"imports read twice": {
			over(func(s *gated) ender { return readTwice{s} }), []string{"user import/the sequence is read once"},
		},
		"imports keep what they are given": {
			over(func(s *gated) ender { return &keptImports{gated: s} }), []string{"user import/aliasing"},
		},
		"imports ignore their context": {
			over(func(s *gated) ender { return deafImports{s} }),
			[]string{"user import/cancellation", "user import/cancellation: in the middle"},
		},
		"an id that is taken is an address": {
			over(func(s *gated) ender { return alwaysEmail{s} }), []string{"user import/an id that is taken"},
		},
		"what is like something taken is taken": {
			over(func(s *gated) ender { return foldedTaken{s} }), []string{"user import/which are taken, exactly"},
		},
		"hashes that are none are counted": {
			over(func(s *gated) ender { return countsEmpty{s} }), []string{"hash counter/none", "hash counter/by what form says"},
		},
		"counting ignores its context": {
			over(func(s *gated) ender { return deafCount{s} }), []string{"hash counter/cancellation"},
		},
	}
}

type users = iter.Seq2[*jeton.User, error]

type eachAlone struct{ *gated }

func (s eachAlone) ImportUsers(ctx context.Context, users users) error {
	for u, err := range users {
		if err == nil {
			err = s.CreateUser(ctx, u)
		}
		if err != nil {
			return err
		}
	}
	return ctx.Err()
}

type lenient struct{ *gated }

func (s lenient) ImportUsers(ctx context.Context, users users) error {
	return s.gated.ImportUsers(ctx, func(yield func(*jeton.User, error) bool) {
		for u, err := range users {
			if err == nil {
				if _, other := s.UserByEmail(ctx, u.EmailKey); other == nil {
					continue
				}
			}
			if !yield(u, err) {
				return
			}
		}
	})
}

type butLast struct{ *gated }

func (s butLast) ImportUsers(ctx context.Context, users users) error {
	return s.gated.ImportUsers(ctx, func(yield func(*jeton.User, error) bool) {
		var before *jeton.User
		for u, err := range users {
			if err != nil {
				yield(nil, err)
				return
			}
			if before != nil && !yield(before, nil) {
				return
			}
			before = u
		}
	})
}

type readTwice struct{ *gated }

func (s readTwice) ImportUsers(ctx context.Context, users users) error {
	for _, err := range users {
		if err != nil {
			return err
		}
	}
	return s.gated.ImportUsers(ctx, users)
}

type keptImports struct {
	*gated
	last *jeton.User
}

func (s *keptImports) ImportUsers(ctx context.Context, users users) error {
	return s.gated.ImportUsers(ctx, func(yield func(*jeton.User, error) bool) {
		for u, err := range users {
			s.last = u
			if !yield(u, err) {
				return
			}
		}
	})
}

func (s *keptImports) UserByID(ctx context.Context, id string) (*jeton.User, error) {
	u, err := s.gated.UserByID(ctx, id)
	if err == nil && s.last != nil {
		u.Roles = s.last.Roles
	}
	return u, err
}

type deafImports struct{ *gated }

func (s deafImports) ImportUsers(ctx context.Context, users users) error {
	return s.gated.ImportUsers(context.WithoutCancel(ctx), users)
}

type alwaysEmail struct{ *gated }

func (s alwaysEmail) ImportUsers(ctx context.Context, users users) error {
	err := s.gated.ImportUsers(ctx, users)
	if errors.Is(err, jeton.ErrConflict) {
		err = jeton.ErrEmailTaken
	}
	return err
}

type foldedTaken struct{ *gated }

func (s foldedTaken) TakenUsers(ctx context.Context, ids, emailKeys []string) (takenIDs, takenKeys []string, err error) {
	for i := range emailKeys {
		emailKeys[i] = strings.ToLower(emailKeys[i])
	}
	return s.gated.TakenUsers(ctx, ids, emailKeys)
}

type countsEmpty struct{ *gated }

func (s countsEmpty) CountHashes(ctx context.Context, form func(hash string) string) (map[string]int, error) {
	counts, err := s.gated.CountHashes(ctx, form)
	if err != nil {
		return nil, err
	}
	list, err := s.ListUsers(ctx, "", jeton.MaxUserPage)
	for _, u := range list {
		if u.PasswordHash == "" {
			counts[form("")]++
		}
	}
	return counts, err
}

type deafCount struct{ *gated }

func (s deafCount) CountHashes(ctx context.Context, form func(hash string) string) (map[string]int, error) {
	return s.gated.CountHashes(context.WithoutCancel(ctx), form)
}
