package storecopy_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/internal/storecopy"
	"github.com/jetonauth/jeton/revoke"
	"github.com/jetonauth/jeton/store/memory"
)

// TestCopy copies between all kinds, and on into a third one, which has the same digests then.
func TestCopy(t *testing.T) {
	t.Parallel()
	for name, from := range stores {
		for other, to := range stores {
			t.Run(name+" to "+other, func(t *testing.T) {
				t.Parallel()
				a, b, c := from(t), to(t), memory.New()
				some().fill(t, a)
				r := copied(t, a, b)
				if rows, added := counts(r); !slices.Equal(rows, []int{4, 6, 8, 3, 2}) || added != 23 {
					t.Errorf("the target has %v rows, of which %d were added", rows, added)
				}
				further := copied(t, b, c)
				for i, table := range r.Tables {
					if further.Tables[i].To != table.From {
						t.Errorf("%s: %v, and before %v", table.Name, further.Tables[i].To, table.From)
					}
				}
				if r.LastFrom != 1017 || r.LastTo != 1017 || further.LastTo != 1017 {
					t.Errorf("the highest numbers are %d, %d and %d", r.LastFrom, r.LastTo, further.LastTo)
				}
				next, err := b.RevokeToken(t.Context(), revoke.IDOf("next"), at(0))
				if err != nil || next.Number != 1018 {
					t.Errorf("the next revocation is %v, %v", next, err)
				}
			})
		}
	}
}

// TestWhatIsCopiedIsTheSame does not rely on digests.
func TestWhatIsCopiedIsTheSame(t *testing.T) {
	t.Parallel()
	a, b := stores["sqlite"](t), memory.New()
	some().fill(t, a)
	copied(t, a, b)
	for what, get := range map[string]func(s storecopy.Store) (any, error){
		"accounts":        func(s storecopy.Store) (any, error) { return s.ListUsers(t.Context(), "", 100) },
		"sessions":        func(s storecopy.Store) (any, error) { return s.ListSessions(t.Context(), "", 100) },
		"revocations":     func(s storecopy.Store) (any, error) { return s.Revocations(t.Context(), 0, 100) },
		"service clients": func(s storecopy.Store) (any, error) { return s.ServiceClients(t.Context()) },
		"signing keys":    func(s storecopy.Store) (any, error) { return s.Keys(t.Context()) },
	} {
		x, err := get(a)
		must(t, err)
		y, err := get(b)
		must(t, err)
		if reflect.ValueOf(x).Len() == 0 || !reflect.DeepEqual(x, y) {
			t.Errorf("%s: %v and %v", what, x, y)
		}
	}
}

func TestCopyOfNothing(t *testing.T) {
	t.Parallel()
	a, b := memory.New(), stores["sqlite"](t)
	if rows, added := counts(copied(t, a, b)); !slices.Equal(rows, []int{0, 0, 0, 0, 0}) || added != 0 {
		t.Errorf("%v rows, %d added", rows, added)
	}
	// What was pruned has had numbers, too.
	must(t, a.AddRevocations(t.Context(), nil, 40))
	if r := copied(t, a, b); r.LastTo != 40 {
		t.Errorf("the highest number is %d", r.LastTo)
	}
}

// TestManyPages has tables of about a page, and of several, of which some is there already.
func TestManyPages(t *testing.T) {
	t.Parallel()
	for _, n := range []int{998, 999, 1000, 1001, 2500} {
		for _, there := range []int{0, 1, 7, 999, 1000, 1001} {
			a, b := memory.New(), &limited{t: t, Store: memory.New()}
			var numbers []uint64
			for i := range n {
				numbers = append(numbers, uint64(i+1))
			}
			content{users: n, sessions: n, clients: n, keys: n, numbers: numbers, last: uint64(n)}.fill(t, a)
			for i := 0; i < n && there > 0; i += max(1, n/there) { // gaps everywhere
				must(t, b.CreateUser(t.Context(), user(i)))
				must(t, b.Store.AddSessions(t.Context(), []*jeton.Session{session(i)}))
			}
			r := copied(t, a, b)
			if rows, _ := counts(r); !slices.Equal(rows, []int{n, n + 1, n + 1, n, n}) {
				t.Errorf("%d, of which %d were there: %v rows", n, there, rows)
			}
			if _, added := counts(copied(t, a, b)); added != 0 {
				t.Errorf("%d, of which %d were there: a second copy has added %d", n, there, added)
			}
		}
	}
}

// limited sees that nobody reads or writes more than a page.
type limited struct {
	*memory.Store

	t *testing.T
}

func (l *limited) page(n int) {
	l.t.Helper()
	if n > 1000 {
		l.t.Errorf("%d rows at once", n)
	}
}

func (l *limited) ImportUsers(ctx context.Context, users iter.Seq2[*jeton.User, error]) error {
	return l.Store.ImportUsers(ctx, func(yield func(*jeton.User, error) bool) {
		n := 0
		for u, err := range users {
			n++
			if !yield(u, err) {
				return
			}
		}
		l.page(n)
	})
}

func (l *limited) AddSessions(ctx context.Context, s []*jeton.Session) error {
	l.page(len(s))
	return l.Store.AddSessions(ctx, s)
}

func (l *limited) AddRevocations(ctx context.Context, e []revoke.Entry, last uint64) error {
	l.page(len(e))
	return l.Store.AddRevocations(ctx, e, last)
}

func (l *limited) ListUsers(ctx context.Context, after string, limit int) ([]*jeton.User, error) {
	l.page(limit)
	return l.Store.ListUsers(ctx, after, limit)
}

func (l *limited) ListSessions(ctx context.Context, after string, limit int) ([]*jeton.Session, error) {
	l.page(limit)
	return l.Store.ListSessions(ctx, after, limit)
}

func (l *limited) Revocations(ctx context.Context, after uint64, limit int) ([]revoke.Entry, error) {
	l.page(limit)
	return l.Store.Revocations(ctx, after, limit)
}

// TestEveryFieldCounts changes each field of each row in the target, and wants it to be noticed.
func TestEveryFieldCounts(t *testing.T) {
	t.Parallel()
	noticed := func(path, table string, add func(s storecopy.Store) error, addChanged func(s storecopy.Store) error) {
		a, b := memory.New(), memory.New()
		must(t, add(a))
		must(t, addChanged(b))
		_, err := storecopy.Copy(t.Context(), a, b, storecopy.Options{})
		refused, ok := errors.AsType[*storecopy.TargetError](err)
		if !ok || refused.Table != table || refused.Kind != storecopy.Different {
			t.Errorf("%s %s: error %v", table, path, err)
		}
	}
	for path, u := range changes(t, *user(1), "ID") {
		noticed(path, storecopy.Accounts, func(s storecopy.Store) error { return s.CreateUser(t.Context(), user(1)) },
			func(s storecopy.Store) error { return s.CreateUser(t.Context(), &u) })
	}
	for path, u := range changes(t, *session(1), "ID") {
		noticed(path, storecopy.Sessions, func(s storecopy.Store) error { return s.CreateSession(t.Context(), session(1)) },
			func(s storecopy.Store) error { return s.CreateSession(t.Context(), &u) })
	}
	for path, e := range changes(t, entry(7), "Number") {
		noticed(path, storecopy.Revocations,
			func(s storecopy.Store) error { return s.AddRevocations(t.Context(), []revoke.Entry{entry(7)}, 7) },
			func(s storecopy.Store) error { return s.AddRevocations(t.Context(), []revoke.Entry{e}, 7) })
	}
	for path, c := range changes(t, *client(1), "Name") {
		noticed(path, storecopy.ServiceClients, func(s storecopy.Store) error { return s.AddServiceClient(t.Context(), client(1)) },
			func(s storecopy.Store) error { return s.AddServiceClient(t.Context(), &c) })
	}
	for path, k := range changes(t, *key(1), "Number") {
		noticed(path, storecopy.SigningKeys, func(s storecopy.Store) error { return s.AddKey(t.Context(), key(1)) },
			func(s storecopy.Store) error { return s.AddKey(t.Context(), &k) })
	}
}

// changes yields row with another value in one of its fields, one field after the other, those within fields too, and what has changed.
func changes[R any](t *testing.T, row R, except string) iter.Seq2[string, R] {
	t.Helper()
	return func(yield func(string, R) bool) {
		for _, field := range reflect.VisibleFields(reflect.TypeFor[R]()) {
			if field.Name == except {
				continue
			}
			n := 1
			if field.Type == reflect.TypeFor[jeton.Client]() {
				n = field.Type.NumField()
			}
			for i := range n {
				changed := row
				value := reflect.ValueOf(&changed).Elem().FieldByIndex(field.Index)
				path := field.Name
				if n > 1 {
					path += "." + value.Type().Field(i).Name
					value = value.Field(i)
				}
				if before := fmt.Sprintf("%#v", value.Interface()); !change(value) || fmt.Sprintf("%#v", value.Interface()) == before {
					t.Errorf("no other value for %s of type %s", path, value.Type())
				} else if !yield(path, changed) {
					return
				}
			}
		}
	}
}

// change gives a field another value, in memory that nobody else has.
func change(v reflect.Value) bool {
	switch old := v.Interface().(type) {
	case time.Time:
		v.Set(reflect.ValueOf(old.Add(time.Millisecond)))
	case []string:
		letters := strings.Join(old, "") // the same ones
		if v.Set(reflect.ValueOf([]string{letters})); len(old) == 1 {
			v.Set(reflect.ValueOf([]string{letters[:1], letters[1:]}))
		}
	case []byte:
		v.Set(reflect.ValueOf(append(slices.Clone(old), 0)))
	case []time.Time:
		v.Set(reflect.ValueOf(old[:1]))
	case [32]byte:
		old[31]++
		v.Set(reflect.ValueOf(old))
	case bool:
		v.SetBool(!old)
	default:
		switch {
		case v.Kind() == reflect.String:
			v.SetString(v.String() + " ")
		case v.CanUint():
			v.SetUint(v.Uint() + 1)
		case v.Kind() == reflect.Array: // such as of a revocation
			v.Index(0).SetUint(v.Index(0).Uint() ^ 1)
		case v.Type().String() == "netip.Addr":
			v.SetZero()
		default:
			return false
		}
	}
	return true
}

// TestATargetWithOtherData refuses it, and leaves it as it is.
func TestATargetWithOtherData(t *testing.T) {
	t.Parallel()
	other := *user(3)
	other.Name = "Ed"
	for name, test := range map[string]struct {
		add  func(s storecopy.Store) error
		want storecopy.Difference
	}{
		"an account": {
			func(s storecopy.Store) error { return s.CreateUser(t.Context(), &jeton.User{ID: "zzz"}) },
			storecopy.Difference{Table: storecopy.Accounts, ID: "zzz", Kind: storecopy.Strange},
		},
		"another account": {
			func(s storecopy.Store) error { return s.CreateUser(t.Context(), &other) },
			storecopy.Difference{Table: storecopy.Accounts, ID: other.ID, Kind: storecopy.Different},
		},
		"a session": {
			func(s storecopy.Store) error { return s.CreateSession(t.Context(), &jeton.Session{ID: "aaa"}) },
			storecopy.Difference{Table: storecopy.Sessions, ID: "aaa", Kind: storecopy.Strange},
		},
		"a revocation": {
			func(s storecopy.Store) error { return s.AddRevocations(t.Context(), []revoke.Entry{entry(5)}, 0) },
			storecopy.Difference{Table: storecopy.Revocations, ID: "number 5", Kind: storecopy.Strange},
		},
		"a higher number": {
			func(s storecopy.Store) error { return s.AddRevocations(t.Context(), nil, 1018) },
			storecopy.Difference{Table: storecopy.Revocations, ID: "the highest number that was given", Kind: storecopy.Different},
		},
		"a service client": {
			func(s storecopy.Store) error { return s.AddServiceClient(t.Context(), client(9)) },
			storecopy.Difference{Table: storecopy.ServiceClients, ID: "client9", Kind: storecopy.Strange},
		},
		"a key": {
			func(s storecopy.Store) error { return s.AddKey(t.Context(), key(3)) },
			storecopy.Difference{Table: storecopy.SigningKeys, ID: "key3", Kind: storecopy.Strange},
		},
	} {
		a, b, before := memory.New(), &limited{t: t, Store: memory.New()}, memory.New()
		some().fill(t, a)
		must(t, test.add(b))
		must(t, test.add(before))
		_, err := storecopy.Copy(t.Context(), a, b, storecopy.Options{})
		refused, ok := errors.AsType[*storecopy.TargetError](err)
		if !ok || refused.Difference != test.want {
			t.Errorf("%s: error %v", name, err)
		}
		if _, added := counts(copied(t, b, before)); added != 0 {
			t.Errorf("%s: %d rows were written", name, added)
		}
	}
}

// meddler does something when the first session is added.
type meddler struct {
	*memory.Store

	meddle func()
}

func (m *meddler) AddSessions(ctx context.Context, s []*jeton.Session) error {
	m.meddle()
	return m.Store.AddSessions(ctx, s)
}

// TestChangesMeanwhile wants them to show in the result, and to be blamed on the right side.
func TestChangesMeanwhile(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		meddle  func(from, to storecopy.Store) error
		changed bool // the source
		want    storecopy.Difference
	}{
		"an account more": {
			func(from, _ storecopy.Store) error { return from.CreateUser(t.Context(), &jeton.User{ID: "new"}) },
			true,
			storecopy.Difference{Table: storecopy.Accounts, ID: "new", Kind: storecopy.Missing},
		},
		"an account less": {
			func(from, _ storecopy.Store) error { return from.DeleteUser(t.Context(), "bare") },
			true,
			storecopy.Difference{Table: storecopy.Accounts, ID: "bare", Kind: storecopy.Strange},
		},
		"another account": {
			func(from, _ storecopy.Store) error {
				_, err := from.UpdateUser(t.Context(), "bare", jeton.UserChange{UpdatedAt: at(0)})
				return err
			},
			true,
			storecopy.Difference{Table: storecopy.Accounts, ID: "bare", Kind: storecopy.Different},
		},
		"a revocation": {
			func(from, _ storecopy.Store) error {
				_, err := from.RevokeToken(t.Context(), revoke.IDOf("x"), at(0))
				return err
			},
			true,
			storecopy.Difference{Table: storecopy.Revocations, ID: "number 1018", Kind: storecopy.Missing},
		},
		"a number": {
			func(from, _ storecopy.Store) error { return from.AddRevocations(t.Context(), nil, 1018) },
			true,
			storecopy.Difference{Table: storecopy.Revocations, ID: "the highest number that was given", Kind: storecopy.Different},
		},
		"a target that is used": {
			func(_, to storecopy.Store) error { return to.CreateUser(t.Context(), &jeton.User{ID: "new"}) },
			false,
			storecopy.Difference{Table: storecopy.Accounts, ID: "new", Kind: storecopy.Strange},
		},
	} {
		from, to := memory.New(), &meddler{Store: memory.New()}
		some().fill(t, from)
		to.meddle = func() { must(t, test.meddle(from, to)) }
		r, err := storecopy.Copy(t.Context(), from, to, storecopy.Options{})
		must(t, err)
		if r.Equal() {
			t.Errorf("%s: the result says that both are the same", name)
		}
		for _, table := range r.Tables {
			about := table.Name == test.want.Table
			if table.Equal() == about || table.SourceChanged != (about && test.changed) || (table.Difference != nil) != about {
				t.Errorf("%s: %+v", name, table)
			}
			if about && *table.Difference != test.want {
				t.Errorf("%s: difference %+v", name, table.Difference)
			}
		}
	}
}

// unreliable fails for good before or after one of its writes.
type unreliable struct {
	storecopy.Store

	left  int // writes that it makes before
	after bool
}

var errUnreliable = errors.New("pulled the plug")

func (u *unreliable) write(do func() error) error {
	if u.left--; u.left >= 0 {
		return do()
	}
	if u.left == -1 && u.after {
		if err := do(); err != nil {
			return err
		}
	}
	return errUnreliable
}

func (u *unreliable) CreateUser(ctx context.Context, user *jeton.User) error {
	return u.write(func() error { return u.Store.CreateUser(ctx, user) })
}

func (u *unreliable) AddSessions(ctx context.Context, s []*jeton.Session) error {
	return u.write(func() error {
		if u.left < 0 { // as MongoDB, which may leave the first ones behind
			s = s[:len(s)/2]
		}
		return u.Store.AddSessions(ctx, s)
	})
}

func (u *unreliable) AddRevocations(ctx context.Context, e []revoke.Entry, last uint64) error {
	return u.write(func() error {
		if u.left < 0 {
			e = e[:len(e)/2]
		}
		return u.Store.AddRevocations(ctx, e, last)
	})
}

func (u *unreliable) AddServiceClient(ctx context.Context, c *jeton.ServiceClient) error {
	return u.write(func() error { return u.Store.AddServiceClient(ctx, c) })
}

func (u *unreliable) AddKey(ctx context.Context, k *jeton.StoredKey) error {
	return u.write(func() error { return u.Store.AddKey(ctx, k) })
}

// TestACopyGoesOn cuts a copy off at each of its writes in turn.
func TestACopyGoesOn(t *testing.T) {
	t.Parallel()
	from := memory.New()
	some().fill(t, from)
	want := copied(t, from, memory.New())
	for _, after := range []bool{false, true} {
		interruptions := 0
		for n := 0; ; n++ {
			to := memory.New()
			// One account after the other, and each of them in a goroutine of its own otherwise.
			_, err := storecopy.Copy(t.Context(), from, &serial{&unreliable{Store: to, left: n, after: after}}, storecopy.Options{})
			if err == nil {
				break
			}
			interruptions++
			if failed, ok := errors.AsType[*storecopy.TableError](err); !ok || !errors.Is(err, errUnreliable) || failed.Step != storecopy.Copying {
				t.Fatalf("after %d writes: %v", n, err)
			}
			r := copied(t, from, to)
			for i := range r.Tables {
				if r.Tables[i].To != want.Tables[i].To {
					t.Errorf("after %d writes: %+v, want %+v", n, r.Tables[i], want.Tables[i])
				}
			}
		}
		if interruptions < 10 {
			t.Errorf("only %d interruptions", interruptions)
		}
	}
}

// serial imports users one after the other.
type serial struct{ *unreliable }

func (s *serial) ImportUsers(ctx context.Context, users iter.Seq2[*jeton.User, error]) error {
	for u, err := range users {
		if err != nil {
			return err
		}
		if err := s.CreateUser(ctx, u); err != nil {
			return err
		}
	}
	return nil
}

func (s *serial) TakenUsers(context.Context, []string, []string) ([]string, []string, error) {
	return nil, nil, errors.ErrUnsupported
}

// TestTheCauseIsSaid has many accounts added at once, of which one is refused.
func TestTheCauseIsSaid(t *testing.T) {
	t.Parallel()
	from, to := memory.New(), memory.New()
	content{users: 500}.fill(t, from)
	taken := user(77)
	fresh := &meddler{Store: to, meddle: func() {}}
	progress := func(p storecopy.Progress) {
		if p.Step == storecopy.Reading && p.Table == storecopy.Accounts && p.Ended {
			must(t, to.CreateUser(t.Context(), &jeton.User{ID: "thief", EmailKey: taken.EmailKey}))
		}
	}
	_, err := storecopy.Copy(t.Context(), from, struct{ storecopy.Store }{fresh}, storecopy.Options{Progress: progress})
	if !errors.Is(err, jeton.ErrEmailTaken) || !strings.HasPrefix(err.Error(), "storecopy: copying accounts: ") {
		t.Errorf("error %v", err)
	}
}

func TestContext(t *testing.T) {
	t.Parallel()
	for name, to := range stores {
		from, to := memory.New(), to(t)
		content{users: 50, sessions: 50}.fill(t, from)
		for _, step := range []storecopy.Step{storecopy.Reading, storecopy.Copying, storecopy.Comparing} {
			ctx, cancel := context.WithCancel(t.Context())
			_, err := storecopy.Copy(ctx, from, to, storecopy.Options{Progress: func(p storecopy.Progress) {
				if p.Step == step {
					cancel()
				}
			}})
			cancel()
			if !errors.Is(err, context.Canceled) {
				t.Errorf("%s, %s: error %v", name, step, err)
			}
		}
		copied(t, from, to)
	}
}

// TestProgress wants it to grow, step by step, and to be true.
func TestProgress(t *testing.T) {
	t.Parallel()
	from, to := memory.New(), memory.New()
	content{users: 2499, sessions: 1500, numbers: []uint64{1}}.fill(t, from)
	ended := map[string]int{}
	var last storecopy.Progress
	_, err := storecopy.Copy(t.Context(), from, to, storecopy.Options{Progress: func(p storecopy.Progress) {
		if p.Step == last.Step && p.Table == last.Table && (p.Rows < last.Rows || last.Ended) {
			t.Errorf("%+v after %+v", p, last)
		}
		if p.Total > 0 && p.Rows > p.Total || p.Total == 0 && p.Step != storecopy.Reading && p.Rows > 0 {
			t.Errorf("%+v", p)
		}
		if last = p; p.Ended && p.Rows > 0 {
			ended[fmt.Sprint(p.Step, " ", p.Table)] = p.Rows
		}
	}})
	must(t, err)
	want := map[string]int{
		"reading revocations": 1, "reading accounts": 2500, "reading sessions": 1501,
		"copying revocations": 1, "copying accounts": 2500, "copying sessions": 1501,
		"comparing revocations": 1, "comparing accounts": 2500, "comparing sessions": 1501,
	}
	if !reflect.DeepEqual(ended, want) {
		t.Errorf("%v", ended)
	}
}
