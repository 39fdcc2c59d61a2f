package jeton

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/jetonauth/jeton/password"
)

// ImportedUser is an account as another system has kept it.
type ImportedUser struct {
	// ID is kept, so that what others have written down stays right: 1 to 128 printable ASCII characters without space, comma,
	// quote, backslash and @. Empty means a new one. In a table that makes its ids itself it cannot be kept, and must be empty.
	ID string
	// Email is needed, and unique by its [EmailKey].
	Email string
	Name  string
	Roles []string // one that is there twice counts once
	// PasswordHash is of any form that [password.Convert] reads; a success at sign-in replaces it by one of today's cost. Empty
	// means that there is no password to sign in with.
	PasswordHash string `json:"-"`
	// CreatedAt is not before 1970. Zero means the time of the import.
	CreatedAt time.Time
	Disabled  bool
}

// String is "ImportedUser": the value holds a hash and what is personal.
func (ImportedUser) String() string { return "ImportedUser" }

// GoString is the same as String.
func (u ImportedUser) GoString() string { return u.String() }

// LogValue is the same as String.
func (u ImportedUser) LogValue() slog.Value { return slog.StringValue(u.String()) }

// UserImporter is implemented by a [UserStore] that can add many users in one step, under the ids that they have: a table that makes its
// ids itself is none, or fails with [errors.ErrUnsupported].
type UserImporter interface {
	// ImportUsers adds all users of a sequence or none: none if the sequence ends with an error, which is returned, if ctx is
	// cancelled, or if the process ends meanwhile. An EmailKey or ID that is there already, or twice in the sequence, is
	// [ErrEmailTaken] or [ErrConflict]. The sequence is read once, may have more users than fit into the memory, and does not use
	// the store. Nobody ever sees a part of the users. While the sequence is read, which may take long, others that share
	// the database are not held up.
	ImportUsers(ctx context.Context, users iter.Seq2[*User, error]) error
	// TakenUsers returns those of the given ids and EmailKeys that users have, in any order; there are up to 1000 of each.
	TakenUsers(ctx context.Context, ids, emailKeys []string) (takenIDs, takenKeys []string, err error)
}

// ImportOptions say how [Auth.ImportUsers] works.
type ImportOptions struct {
	// OneByOne lets a store that is no [UserImporter] add one user after the other: those before an error stay.
	OneByOne bool
}

// ImportUsers adds the accounts of a sequence, all or none, and returns how many. The sequence may be longer than what fits into the
// memory. Its own error is returned as it is; an account that [ImportedUser.Check] objects to is a [*ValidationError], wrapped with
// its place; an address or id that is taken [ErrEmailTaken] or [ErrConflict]; and a store that cannot do it
// [errors.ErrUnsupported]: it is no [UserImporter], or it makes its ids itself and an account asks for one. That account is not added.
func (a *Auth) ImportUsers(ctx context.Context, users iter.Seq2[ImportedUser, error], opts ImportOptions) (imported int, err error) {
	var at importPlace
	if importer, ok := a.users.(UserImporter); ok {
		if err := importer.ImportUsers(ctx, a.importable(users, &at)); err != nil {
			return 0, err
		}
		imported = at.number
	} else if opts.OneByOne {
		imported, err = a.importEach(ctx, users)
	} else {
		return 0, fmt.Errorf("jeton: the store of users cannot import them in one step: %w", errors.ErrUnsupported)
	}
	if imported > 0 {
		a.audit(ctx, Event{Type: EventUsersImported, Reason: fmt.Sprintf("%d accounts", imported)})
	}
	return imported, err
}

func (a *Auth) importEach(ctx context.Context, users iter.Seq2[ImportedUser, error]) (imported int, err error) {
	var at importPlace
	for user, err := range a.importable(users, &at) {
		if err == nil {
			err = a.users.CreateUser(ctx, user)
		}
		if err != nil {
			return imported, err
		}
		if err := at.kept(user); err != nil {
			return imported, a.withdraw(ctx, user, err)
		}
		imported++
	}
	return imported, nil
}

// withdrawTimeout is how long an account may take to be removed again.
const withdrawTimeout = 10 * time.Second

// withdraw removes an account that was added under another id than it asked for, even if ctx is cancelled meanwhile, and returns why,
// or both errors.
func (a *Auth) withdraw(ctx context.Context, user *User, why error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), withdrawTimeout)
	defer cancel()
	if err := a.users.DeleteUser(ctx, user.ID); err != nil {
		return fmt.Errorf("%w; the account %q could not be removed again: %w", why, user.ID, err)
	}
	return why
}

// importPlace is the account at which an import is.
type importPlace struct {
	number int    // from 1
	id     string // that it asks for, if any
}

// kept returns an error if the store has given the account another id than it asked for.
func (p *importPlace) kept(user *User) error {
	if p.id == "" || user.ID == p.id {
		return nil
	}
	return fmt.Errorf("jeton: imported user number %d: the id %q cannot be kept, the store of users makes its ids itself and made %q: %w",
		p.number, p.id, user.ID, errors.ErrUnsupported)
}

// importable makes of imported users those that a store keeps, and says at which it is. A store that gives one of them another id is told
// so by an error of the sequence, so that it adds none.
func (a *Auth) importable(users iter.Seq2[ImportedUser, error], at *importPlace) iter.Seq2[*User, error] {
	now := a.moment()
	return func(yield func(*User, error) bool) {
		for u, err := range users {
			if err != nil {
				yield(nil, err)
				return
			}
			user, problems := u.user(now)
			if len(problems) > 0 {
				yield(nil, fmt.Errorf("jeton: imported user number %d: %w", at.number+1, &ValidationError{Fields: problems}))
				return
			}
			user.ID = cmp.Or(user.ID, newID())
			at.number, at.id = at.number+1, u.ID
			if !yield(user, nil) {
				return
			}
			if err := at.kept(user); err != nil {
				yield(nil, err)
				return
			}
		}
	}
}

// CheckImport says what is wrong with each of some accounts, nothing for those that can be imported: what [ImportedUser.Check] finds,
// and addresses and ids that other accounts have, with the codes "email_taken" and "id_taken". It does not compare them with each other.
func (a *Auth) CheckImport(ctx context.Context, users []ImportedUser) ([][]FieldError, error) {
	problems, keyOf := make([][]FieldError, len(users)), make([]string, len(users))
	var ids, keys []string
	for i := range users {
		var ok bool
		if keyOf[i], ok = EmailKey(users[i].Email); ok {
			keys = append(keys, keyOf[i])
		}
		if users[i].ID != "" {
			ids = append(ids, users[i].ID)
		}
		problems[i] = users[i].Check(a.now())
	}
	takenIDs, takenKeys, err := a.taken(ctx, ids, keys)
	if err != nil {
		return nil, err
	}
	for i := range users {
		if takenKeys[keyOf[i]] {
			problems[i] = append(problems[i], FieldError{"/email", "email_taken", "is that of another account"})
		}
		if takenIDs[users[i].ID] {
			problems[i] = append(problems[i], FieldError{"/id", "id_taken", "is that of another account"})
		}
	}
	return problems, nil
}

// takenAtOnce is how many ids and addresses a store is asked about at once.
const takenAtOnce = 1000

// taken says which ids and addresses users have.
func (a *Auth) taken(ctx context.Context, ids, keys []string) (takenIDs, takenKeys map[string]bool, err error) {
	takenIDs, takenKeys = map[string]bool{}, map[string]bool{}
	ask := a.takenEach
	if importer, ok := a.users.(UserImporter); ok {
		ask = importer.TakenUsers
	}
	for len(ids)+len(keys) > 0 {
		i, k := min(len(ids), takenAtOnce), min(len(keys), takenAtOnce)
		foundIDs, foundKeys, err := ask(ctx, ids[:i], keys[:k])
		if err != nil {
			return nil, nil, err
		}
		for _, id := range foundIDs {
			takenIDs[id] = true
		}
		for _, key := range foundKeys {
			takenKeys[key] = true
		}
		ids, keys = ids[i:], keys[k:]
	}
	return takenIDs, takenKeys, nil
}

// takenEach is [UserImporter.TakenUsers] for every store.
func (a *Auth) takenEach(ctx context.Context, ids, keys []string) (takenIDs, takenKeys []string, err error) {
	find := func(get func(context.Context, string) (*User, error), names []string) (found []string, err error) {
		for _, name := range names {
			switch _, err := get(ctx, name); {
			case err == nil:
				found = append(found, name)
			case !errors.Is(err, ErrNotFound) || errors.Is(err, ErrUnavailable):
				return nil, err
			}
		}
		return found, nil
	}
	if takenIDs, err = find(a.users.UserByID, ids); err != nil {
		return nil, nil, err
	}
	takenKeys, err = find(a.users.UserByEmail, keys)
	return takenIDs, takenKeys, err
}

// Check says what is wrong with u at a time, nothing if it can be imported; whether its address and id are taken is
// for [Auth.CheckImport] to find out. It does no costly work.
func (u ImportedUser) Check(now time.Time) []FieldError {
	_, problems := u.user(now)
	return problems
}

// user returns the account that u becomes, still without an id if u has none, or what is wrong with u.
func (u ImportedUser) user(now time.Time) (*User, []FieldError) {
	user := &User{
		ID: u.ID, Email: strings.TrimSpace(u.Email), Name: strings.TrimSpace(u.Name), Disabled: u.Disabled,
		CreatedAt: u.CreatedAt.UTC(), UpdatedAt: now,
	}
	for _, role := range u.Roles {
		if !slices.Contains(user.Roles, role) {
			user.Roles = append(user.Roles, role)
		}
	}
	if u.CreatedAt.IsZero() {
		user.CreatedAt = now
	}
	var problems []FieldError
	var ok bool
	if user.EmailKey, ok = EmailKey(u.Email); !ok {
		problems = append(problems, invalidEmail)
	}
	problems = append(problems, checkName(user.Name)...)
	problems = append(problems, checkRoles(user.Roles)...)
	if u.PasswordHash != "" {
		hash, err := password.Convert(u.PasswordHash)
		if err != nil {
			problems = append(problems, hashProblem(err))
		}
		user.PasswordHash, user.PasswordChangedAt = hash, user.CreatedAt
	}
	problems = append(problems, checkImportedID(u.ID)...)
	problems = append(problems, checkCreation(user.CreatedAt, now)...)
	if len(problems) > 0 {
		return nil, problems
	}
	return user, nil
}

// hashProblem says why a hash is not taken over, in the words of package password.
func hashProblem(err error) FieldError {
	why, code := strings.TrimPrefix(err.Error(), "password: "), "unknown_hash"
	if errors.Is(err, password.ErrTooCostly) {
		code = "hash_too_costly"
	}
	return FieldError{"/password_hash", code, "cannot be taken over: " + why}
}

// maxImportedID is the longest id in bytes.
const maxImportedID = 128

func checkImportedID(id string) []FieldError {
	bad := len(id) > maxImportedID || strings.ContainsFunc(id, func(r rune) bool {
		return r <= ' ' || r > '~' || strings.ContainsRune(`,"\@`, r)
	})
	if bad {
		return []FieldError{{"/id", "invalid_id", "must have 1 to 128 printable ASCII characters without space, comma, quote, backslash and @"}}
	}
	return nil
}

// checkCreation lets through what a clock that is a little ahead has written.
func checkCreation(at, now time.Time) []FieldError {
	switch {
	case at.Year() < 1970:
		return []FieldError{{"/created_at", "invalid_time", "is before 1970"}}
	case at.After(now.Add(24 * time.Hour)):
		return []FieldError{{"/created_at", "invalid_time", "is in the future"}}
	}
	return nil
}
