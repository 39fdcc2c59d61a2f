package jeton_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/jetonauth/jeton"
)

// hashes of good, made by PHP and by Python's hashlib.
const (
	goodBcrypt = "$2y$04$WJktoewrMB7CWhhbgnte9.ZvFGlopPt/DAFtycDeQkBJVSX46.SbG"
	goodDjango = "pbkdf2_sha256$1000$saltsaltsalt$GacV8oEzUl3KM0Mwey9yrMcTPKpkL4jXrFpbKB8oOnI="
)

func users(list ...jeton.ImportedUser) iter.Seq2[jeton.ImportedUser, error] {
	return func(yield func(jeton.ImportedUser, error) bool) {
		for _, u := range list {
			if !yield(u, nil) {
				return
			}
		}
	}
}

// wantUsers wants the store to have so many.
func (s *service) wantUsers(want int) {
	s.t.Helper()
	list, err := s.ListUsers(s.t.Context(), "", jeton.MaxUserPage)
	if err != nil || len(list) != want {
		s.t.Errorf("%d users, want %d (%v)", len(list), want, err)
	}
}

func TestImportUsers(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	created := time.Date(2019, time.May, 6, 7, 8, 9, 0, time.FixedZone("", 2*60*60))
	n, err := s.ImportUsers(t.Context(), users(
		jeton.ImportedUser{
			ID: "auth0|42", Email: " Ada@Example.com", Name: " Ada ", Roles: []string{"admin", "clerk", "admin"}, PasswordHash: goodBcrypt,
			CreatedAt: created,
		},
		jeton.ImportedUser{Email: "bob@example.com", PasswordHash: goodDjango, Disabled: true},
		jeton.ImportedUser{Email: "eve@example.com"},
	), jeton.ImportOptions{})
	if n != 3 || err != nil {
		t.Fatalf("imported %d, %v", n, err)
	}
	s.wantEvent(jeton.Event{Type: jeton.EventUsersImported, Reason: "3 accounts"})
	u, err := s.Account(t.Context(), "auth0|42")
	want := &jeton.User{
		ID: "auth0|42", Email: "Ada@Example.com", EmailKey: ada, Name: "Ada", Roles: []string{"admin", "clerk"}, PasswordHash: goodBcrypt,
		CreatedAt: created.UTC(), PasswordChangedAt: created.UTC(), UpdatedAt: s.Now(),
	}
	if err != nil || !reflect.DeepEqual(u, want) {
		t.Errorf("imported is %+v, want %+v (%v)", *u, *want, err)
	}
	bob, err := s.AccountByEmail(t.Context(), "bob@example.com")
	if err != nil || len(bob.ID) != 26 || !bob.Disabled || !bob.CreatedAt.Equal(s.Now()) || !bob.PasswordChangedAt.Equal(s.Now()) ||
		!strings.HasPrefix(bob.PasswordHash, "$pbkdf2-sha256$i=1000$c2FsdHNhbHRzYWx0$") {
		t.Errorf("imported is %+v, %v", bob, err)
	}
	eve, err := s.AccountByEmail(t.Context(), "eve@example.com")
	if err != nil || eve.PasswordHash != "" || !eve.PasswordChangedAt.IsZero() || eve.ID == bob.ID {
		t.Errorf("imported is %+v, %v", eve, err)
	}

	if _, err := s.signIn(ada, good, browser); err != nil {
		t.Errorf("with the old password: %v", err)
	}
	if u, err := s.Account(t.Context(), "auth0|42"); err != nil || !strings.HasPrefix(u.PasswordHash, "$argon2id$v=19$m=64,") {
		t.Errorf("the hash is not today's: %.40s, %v", u.PasswordHash, err)
	}
	if err := s.SetDisabled(t.Context(), bob.ID, false); err != nil {
		t.Fatal(err)
	}
	if _, err := s.signIn("bob@example.com", good, browser); err != nil {
		t.Errorf("with Django's: %v", err)
	}
	for _, plain := range []string{"", another} {
		_, err := s.signIn("eve@example.com", plain, browser)
		wantErr(t, "without a password", err, jeton.ErrInvalidCredentials)
	}
}

func TestAnImportIsAllOrNothing(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	id := s.signUp(ada).User.ID
	fine := jeton.ImportedUser{Email: "bob@example.com"}
	own := errors.New("the file has ended")
	for name, test := range map[string]struct {
		second jeton.ImportedUser
		given  error
		want   error
	}{
		"the sequence's error":   {given: own, want: own},
		"an address":             {second: jeton.ImportedUser{Email: "ADA@example.com"}, want: jeton.ErrEmailTaken},
		"an address, twice":      {second: jeton.ImportedUser{Email: "BOB@example.com"}, want: jeton.ErrEmailTaken},
		"an id":                  {second: jeton.ImportedUser{Email: "eve@example.com", ID: id}, want: jeton.ErrConflict},
		"what cannot be checked": {second: jeton.ImportedUser{Email: "eve@example.com", PasswordHash: "hunter2"}},
	} {
		events := s.count(jeton.EventUsersImported)
		n, err := s.ImportUsers(t.Context(), func(yield func(jeton.ImportedUser, error) bool) {
			if yield(fine, nil) {
				yield(test.second, test.given)
			}
		}, jeton.ImportOptions{OneByOne: true})
		if n != 0 || err == nil || test.want != nil && !errors.Is(err, test.want) {
			t.Errorf("%s: imported %d, %v", name, n, err)
		}
		if test.want == nil {
			wantFields(t, err, "/password_hash unknown_hash")
			if !strings.Contains(err.Error(), "imported user number 2: ") {
				t.Errorf("%s: error %v", name, err)
			}
		}
		s.wantUsers(1)
		if s.count(jeton.EventUsersImported) != events {
			t.Errorf("%s: an event", name)
		}
	}
	if n, err := s.ImportUsers(t.Context(), users(), jeton.ImportOptions{}); n != 0 || err != nil {
		t.Errorf("nobody: %d, %v", n, err)
	}
}

// plainStore has only what a store must have.
type plainStore struct{ jeton.Store }

func TestImportWithoutAnImporter(t *testing.T) {
	t.Parallel()
	s := newService(t, func(c *jeton.Config) { c.Store, c.Secret = plainStore{c.Store}, secretOf("import") })
	s.signUp(ada)
	list := users(jeton.ImportedUser{Email: "bob@example.com"}, jeton.ImportedUser{Email: ada}, jeton.ImportedUser{Email: "eve@example.com"})
	n, err := s.ImportUsers(t.Context(), list, jeton.ImportOptions{})
	wantErr(t, "in one step", err, errors.ErrUnsupported)
	if n != 0 {
		t.Errorf("imported %d", n)
	}
	n, err = s.ImportUsers(t.Context(), list, jeton.ImportOptions{OneByOne: true})
	wantErr(t, "one by one", err, jeton.ErrEmailTaken)
	if n != 1 {
		t.Errorf("imported %d, want the one before", n)
	}
	s.wantEvent(jeton.Event{Type: jeton.EventUsersImported, Reason: "1 accounts"})
	if _, err := s.AccountByEmail(t.Context(), "bob@example.com"); err != nil {
		t.Error(err)
	}
	_, err = s.AccountByEmail(t.Context(), "eve@example.com")
	wantErr(t, "the one after", err, jeton.ErrNotFound)
}

// serialStore makes its ids itself.
type serialStore struct {
	jeton.Store
	last    int
	created func() // called after each user, if it is there
	stuck   error  // of DeleteUser
}

func (s *serialStore) CreateUser(ctx context.Context, u *jeton.User) error {
	s.last++
	made := u.Clone()
	made.ID = fmt.Sprint(s.last)
	err := s.Store.CreateUser(ctx, made)
	if err == nil {
		u.ID = made.ID
	}
	if s.created != nil {
		s.created()
	}
	return err
}

func (s *serialStore) DeleteUser(ctx context.Context, id string) error {
	if s.stuck != nil {
		return s.stuck
	}
	return s.Store.DeleteUser(ctx, id)
}

// rowByRow is a serialStore that imports in one step, but does not say that it keeps no ids.
type rowByRow struct{ *serialStore }

func (s rowByRow) ImportUsers(ctx context.Context, users iter.Seq2[*jeton.User, error]) error {
	var added []string
	for u, err := range users {
		if err == nil {
			err = s.CreateUser(ctx, u)
		}
		if err != nil {
			for _, id := range added {
				err = errors.Join(err, s.Store.DeleteUser(ctx, id))
			}
			return err
		}
		added = append(added, u.ID)
	}
	return nil
}

func (s rowByRow) TakenUsers(context.Context, []string, []string) (takenIDs, takenKeys []string, err error) {
	return nil, nil, errors.ErrUnsupported
}

// over is a service over a store that wrap makes of one in memory.
func over(t *testing.T, wrap func(jeton.Store) jeton.Store) *service {
	t.Helper()
	return newService(t, func(c *jeton.Config) { c.Store, c.Secret = wrap(c.Store), secretOf("import") })
}

// emails are those of all users in the store, by their ids.
func (s *service) emails() map[string]string {
	s.t.Helper()
	list, err := s.store.ListUsers(s.t.Context(), "", jeton.MaxUserPage)
	if err != nil {
		s.t.Fatal(err)
	}
	emails := map[string]string{}
	for _, u := range list {
		emails[u.ID] = u.EmailKey
	}
	return emails
}

func TestImportIntoATableThatMakesItsIDs(t *testing.T) {
	t.Parallel()
	bob, eve, adas := jeton.ImportedUser{Email: "bob@example.com"}, jeton.ImportedUser{Email: "eve@example.com"}, jeton.ImportedUser{Email: ada}
	all := map[string]string{"1": bob.Email, "2": eve.Email, "3": ada}
	for id, refused := range map[string]string{
		"":     "",
		"2":    "", // the very id that is made
		"4242": `jeton: imported user number 2: the id "4242" cannot be kept, the store of users makes its ids itself and made "2": `,
	} {
		for name, test := range map[string]struct {
			wrap func(jeton.Store) jeton.Store
			left map[string]string // if it is refused
		}{
			"one by one":  {func(s jeton.Store) jeton.Store { return &serialStore{Store: s} }, map[string]string{"1": bob.Email}},
			"in one step": {func(s jeton.Store) jeton.Store { return rowByRow{&serialStore{Store: s}} }, map[string]string{}},
		} {
			s, want := over(t, test.wrap), all
			if refused != "" {
				want = test.left
			}
			eve.ID = id
			n, err := s.ImportUsers(t.Context(), users(bob, eve, adas), jeton.ImportOptions{OneByOne: true})
			if (err != nil) != (refused != "") || err != nil && (!errors.Is(err, errors.ErrUnsupported) || !strings.HasPrefix(err.Error(), refused)) {
				t.Errorf("%q %s: error %v, want %q", id, name, err, refused)
			}
			if got := s.emails(); n != len(want) || !reflect.DeepEqual(got, want) {
				t.Errorf("%q %s: imported %d, the users are %v, want %v", id, name, n, got, want)
			}
			if n > 0 {
				s.wantEvent(jeton.Event{Type: jeton.EventUsersImported, Reason: fmt.Sprintf("%d accounts", n)})
			} else if s.count(jeton.EventUsersImported) != 0 {
				t.Errorf("%q %s: an event", id, name)
			}
		}
	}
}

// The last account of all is told from the others by nothing that comes after it.
func TestTheLastIDOfAnImportIsKeptToo(t *testing.T) {
	t.Parallel()
	s := over(t, func(s jeton.Store) jeton.Store { return rowByRow{&serialStore{Store: s, last: 7}} })
	n, err := s.ImportUsers(t.Context(), users(jeton.ImportedUser{Email: ada, ID: "4242"}), jeton.ImportOptions{})
	wantErr(t, "in one step", err, errors.ErrUnsupported)
	if got := s.emails(); n != 0 || len(got) != 0 {
		t.Errorf("imported %d, the users are %v", n, got)
	}
}

func TestAnAccountWithAnotherIDIsWithdrawn(t *testing.T) {
	t.Parallel()
	asking := users(jeton.ImportedUser{Email: ada, ID: "4242"})
	one := jeton.ImportOptions{OneByOne: true}

	ctx, cancel := context.WithCancel(t.Context())
	s := over(t, func(s jeton.Store) jeton.Store { return &serialStore{Store: s, created: cancel} })
	n, err := s.ImportUsers(ctx, asking, one)
	wantErr(t, "cancelled meanwhile", err, errors.ErrUnsupported)
	if got := s.emails(); n != 0 || len(got) != 0 {
		t.Errorf("cancelled meanwhile: imported %d, the users are %v", n, got)
	}

	stuck := errors.New("orders refer to it")
	s = over(t, func(s jeton.Store) jeton.Store { return &serialStore{Store: s, stuck: stuck} })
	n, err = s.ImportUsers(t.Context(), asking, one)
	wantErr(t, "not removed", err, errors.ErrUnsupported)
	wantErr(t, "not removed", err, stuck)
	if n != 0 || !strings.HasSuffix(err.Error(), `; the account "1" could not be removed again: orders refer to it`) {
		t.Errorf("not removed: imported %d, %v", n, err)
	}
}

// fieldsOf are pointers and codes.
func fieldsOf(problems []jeton.FieldError) string {
	var parts []string
	for _, p := range problems {
		parts = append(parts, p.Pointer, p.Code)
	}
	return strings.Join(parts, " ")
}

func TestImportedUsersAreChecked(t *testing.T) {
	t.Parallel()
	now := time.Date(2031, time.March, 4, 5, 6, 7, 0, time.UTC)
	for want, list := range map[string][]jeton.ImportedUser{
		"": {
			{Email: ada},
			{Email: " Ada@Exämple.com "},
			{Email: ada, ID: "x"},
			{Email: ada, ID: strings.Repeat("x", 128)},
			{Email: ada, ID: "507f1f77bcf86cd799439011"},
			{Email: ada, ID: "google-oauth2|1/2+3=:~"},
			{Email: ada, CreatedAt: now.Add(23 * time.Hour)},
			{Email: ada, CreatedAt: time.Unix(0, 0)},
			{Email: ada, Name: strings.Repeat("x", 256), Roles: []string{"a", "b:c"}},
			{Email: ada, PasswordHash: goodDjango},
		},
		"/email invalid_email": {{}, {Email: "ada"}, {Email: "ada@example.com, bob@example.com"}, {Email: "a\xff@example.com"}},
		"/name too_long":       {{Email: ada, Name: strings.Repeat("x", 257)}},
		"/name invalid_name":   {{Email: ada, Name: "a\nb"}, {Email: ada, Name: "a\xff"}},
		"/roles invalid_role":  {{Email: ada, Roles: []string{""}}, {Email: ada, Roles: []string{"a", "no role"}}},
		"/id invalid_id": {
			{Email: ada, ID: strings.Repeat("x", 129)},
			{Email: ada, ID: "a b"},
			{Email: ada, ID: "a@b"},
			{Email: ada, ID: "a,b"},
			{Email: ada, ID: `a"b`},
			{Email: ada, ID: `a\b`},
			{Email: ada, ID: "é"},
			{Email: ada, ID: "a\x00"},
		},
		"/created_at invalid_time": {
			{Email: ada, CreatedAt: now.Add(25 * time.Hour)}, {Email: ada, CreatedAt: time.Unix(-1, 0)},
		},
		"/password_hash unknown_hash":    {{Email: ada, PasswordHash: "hunter2"}, {Email: ada, PasswordHash: "$P$B12345678"}},
		"/password_hash hash_too_costly": {{Email: ada, PasswordHash: strings.Replace(goodBcrypt, "$04$", "$16$", 1)}},
		"/email invalid_email /name too_long /roles invalid_role /password_hash unknown_hash /id invalid_id /created_at invalid_time": {
			{Name: strings.Repeat("x", 257), Roles: []string{""}, PasswordHash: "x", ID: " ", CreatedAt: time.Unix(-1, 0)},
		},
	} {
		for _, u := range list {
			if got := fieldsOf(u.Check(now)); got != want {
				t.Errorf("%q %q: %q, want %q", u.Email, u.ID, got, want)
			}
		}
	}
}

func TestCheckImport(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*jeton.Config){
		"importer": nil,
		"none":     func(c *jeton.Config) { c.Store, c.Secret = plainStore{c.Store}, secretOf("import") },
	} {
		s := newService(t, change)
		id := s.signUp(ada).User.ID
		list := []jeton.ImportedUser{
			{Email: "ADA@example.com"},
			{Email: "new@example.com", ID: id},
			{Email: "new@example.com"},
			{Email: "nonsense", ID: id},
			{Email: ada, ID: id},
			{Email: "new@example.com"}, // two of one list are not compared
		}
		want := []string{"/email email_taken", "/id id_taken", "", "/email invalid_email /id id_taken", "/email email_taken /id id_taken", ""}
		for i := range 2000 {
			list, want = append(list, jeton.ImportedUser{Email: fmt.Sprintf("u%d@example.com", i), ID: fmt.Sprint(i)}), append(want, "")
		}
		list, want = append(list, list[0]), append(want, want[0])
		problems, err := s.CheckImport(t.Context(), list)
		if err != nil || len(problems) != len(list) {
			t.Fatalf("%s: %d answers, %v", name, len(problems), err)
		}
		for i := range list {
			if got := fieldsOf(problems[i]); got != want[i] {
				t.Errorf("%s: number %d: %q, want %q", name, i, got, want[i])
			}
		}
		if none, err := s.CheckImport(t.Context(), nil); err != nil || len(none) != 0 {
			t.Errorf("%s: nobody: %v, %v", name, none, err)
		}
		cancelled, cancel := context.WithCancel(t.Context())
		cancel()
		_, err = s.CheckImport(cancelled, list)
		wantErr(t, name, err, context.Canceled)
	}
}
