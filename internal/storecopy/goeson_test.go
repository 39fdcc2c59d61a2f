package storecopy_test

import (
	"context"
	"errors"
	"iter"
	"strings"
	"testing"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/internal/storecopy"
	"github.com/jetonauth/jeton/revoke"
	"github.com/jetonauth/jeton/store/memory"
)

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
