package storecopy_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"reflect"
	"slices"
	"testing"

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
