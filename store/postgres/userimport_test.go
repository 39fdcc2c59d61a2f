package postgres_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"os/exec"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/store/postgres"
)

// sequence yields users and then, if it is not nil, err.
func sequence(err error, users ...*jeton.User) iter.Seq2[*jeton.User, error] {
	return func(yield func(*jeton.User, error) bool) {
		for _, u := range users {
			if !yield(u, nil) {
				return
			}
		}
		if err != nil {
			yield(nil, err)
		}
	}
}

// importing yields n users, each of which is the same value changed, and calls at with how many it has yielded before each.
func importing(n int, at func(i int)) iter.Seq2[*jeton.User, error] {
	return func(yield func(*jeton.User, error) bool) {
		u := &jeton.User{Roles: []string{""}}
		for i := range n {
			at(i)
			u.ID = fmt.Sprintf("user%d", i)
			u.EmailKey, u.Roles[0] = u.ID, u.ID
			if !yield(u, nil) {
				return
			}
		}
	}
}

func nothing(int) {}

// staged is how many users are staged, and users how many there are.
func staged(t *testing.T, pool *pgxpool.Pool) int64 {
	t.Helper()
	return ask[int64](t, pool, "SELECT count(*) FROM jeton_staged_users")
}

func users(t *testing.T, pool *pgxpool.Pool) int64 {
	t.Helper()
	return ask[int64](t, pool, "SELECT count(*) FROM jeton_users")
}

// While the sequence is read nobody sees anything of it, others write, and the database has no transaction to keep open.
func TestImportHoldsNobodyUp(t *testing.T) {
	t.Parallel()
	other, dsn := openNew(t)
	s := open(t, dsn+"&application_name=holds-nobody-up")
	ctx := t.Context()
	created := int64(0)
	err := s.ImportUsers(ctx, importing(5500, func(i int) {
		if i%500 > 0 {
			return
		}
		if n := staged(t, other.Pool()); n != int64(i/1000*1000) {
			t.Errorf("%d users are staged of %d", n, i)
		}
		if err := other.CreateUser(ctx, &jeton.User{ID: fmt.Sprint("other", i), EmailKey: fmt.Sprint("other", i)}); err != nil {
			t.Error(err)
		}
		if created++; users(t, other.Pool()) != created {
			t.Errorf("%d users are there, want %d", users(t, other.Pool()), created)
		}
		const open = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'holds-nobody-up' AND xact_start IS NOT NULL"
		if n := ask[int64](t, other.Pool(), open); n != 0 {
			t.Errorf("%d transactions are open", n)
		}
	}))
	if err != nil {
		t.Fatal(err)
	}
	if n := users(t, other.Pool()); n != 5500+created {
		t.Errorf("%d users, want %d", n, 5500+created)
	}
	for _, id := range []string{"user0", "user999", "user1000", "user5499"} {
		u, err := other.UserByID(ctx, id)
		if err != nil || u.EmailKey != id || !slices.Equal(u.Roles, []string{id}) {
			t.Errorf("user %s is %#v, error %v", id, u, err)
		}
	}
}

// However an import ends, nothing of it is left where it was staged.
func TestImportLeavesNothingStaged(t *testing.T) {
	t.Parallel()
	s, _ := openNew(t)
	own := errors.New("own")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	for name, test := range map[string]struct {
		users iter.Seq2[*jeton.User, error]
		want  error
	}{
		"the sequence's error": {func(yield func(*jeton.User, error) bool) { importing(2500, nothing)(yield); yield(nil, own) }, own},
		"a text that the database cannot have": {func(yield func(*jeton.User, error) bool) {
			importing(2500, nothing)(yield)
			yield(&jeton.User{ID: "\x00"}, nil)
		}, nil},
		"twice in the sequence": {func(yield func(*jeton.User, error) bool) {
			importing(1500, nothing)(yield)
			yield(&jeton.User{ID: "x", EmailKey: "user7"}, nil)
		}, jeton.ErrEmailTaken},
		"cancelled": {importing(2500, func(i int) {
			if i == 2100 {
				cancel()
			}
		}), context.Canceled},
	} {
		callCtx := t.Context()
		if name == "cancelled" {
			callCtx = ctx
		}
		err := s.ImportUsers(callCtx, test.users)
		if err == nil || test.want != nil && !errors.Is(err, test.want) {
			t.Errorf("%s: error %v, want %v", name, err, test.want)
		}
		if n, m := staged(t, s.Pool()), users(t, s.Pool()); n != 0 || m != 0 {
			t.Errorf("%s: %d are staged, %d users are there", name, n, m)
		}
	}
	if err := s.ImportUsers(t.Context(), importing(25_000, nothing)); err != nil {
		t.Fatal(err)
	}
	if n, m := staged(t, s.Pool()), users(t, s.Pool()); n != 0 || m != 25_000 {
		t.Errorf("%d are staged, %d users are there", n, m)
	}
}

// importForever says so in a line when it has begun to stage users, and goes on.
func importForever(dsn string) error {
	ctx := context.Background()
	s, err := postgres.Open(ctx, dsn)
	if err != nil {
		return err
	}
	var said error
	err = s.ImportUsers(ctx, importing(1<<40, func(i int) {
		if i == 3001 {
			_, said = os.Stdout.WriteString("staged\n")
		}
	}))
	return errors.Join(err, said)
}

// A process that is killed in the middle of an import adds nobody, and what it has staged goes a day later, as housekeeping does.
func TestImportKilled(t *testing.T) {
	t.Parallel()
	s, dsn := openNew(t)
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), deadline)
	defer cancel()
	child := exec.CommandContext(ctx, program)
	child.Env = append(os.Environ(), childDSN+"="+dsn)
	output, err := child.StdoutPipe()
	if err := errors.Join(err, child.Start()); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(output).ReadString('\n')
	if err != nil || line != "staged\n" {
		t.Errorf("it says %q, error %v", line, err)
	}
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := child.Wait(); err == nil {
		t.Error("it was not killed")
	}
	// Its connections may end a moment later.
	until(t, "nothing is staged any more", func(context.Context) bool {
		n := ask[int64](t, s.Pool(), "SELECT count(*) FROM pg_locks WHERE relation = 'jeton_staged_users'::regclass AND mode = 'RowExclusiveLock'")
		return n == 0
	})
	left := staged(t, s.Pool())
	if n := users(t, s.Pool()); left < 3000 || n != 0 {
		t.Fatalf("%d are staged, %d users are there", left, n)
	}
	if n, err := s.Prune(ctx, time.Now().Add(1000*time.Hour)); n != 0 || err != nil {
		t.Errorf("%d went on the same day, error %v", n, err)
	}
	execute(t, s.Pool(), "UPDATE jeton_staged_users SET staged_at = now() - INTERVAL '25 hours'")
	for removed := int64(0); removed < left; {
		n, err := s.Prune(ctx, at())
		if n < 1 || n > 1000 || err != nil {
			t.Fatalf("%d went at once after %d of %d, error %v", n, removed, left, err)
		}
		removed += int64(n)
	}
	if err := s.ImportUsers(ctx, importing(10, nothing)); err != nil {
		t.Error(err)
	}
}

// Of a sequence that took a day, some users are no longer staged: then it adds nobody.
func TestImportOfADay(t *testing.T) {
	t.Parallel()
	s, _ := openNew(t)
	err := s.ImportUsers(t.Context(), importing(3000, func(i int) {
		if i != 2500 {
			return
		}
		execute(t, s.Pool(), "UPDATE jeton_staged_users SET staged_at = now() - INTERVAL '25 hours' WHERE number <= 500")
		if n, err := s.Prune(t.Context(), at()); n != 500 || err != nil {
			t.Errorf("%d went, error %v", n, err)
		}
	}))
	if !errors.Is(err, jeton.ErrUnavailable) {
		t.Errorf("error is %v", err)
	}
	if n, m := staged(t, s.Pool()), users(t, s.Pool()); n != 0 || m != 0 {
		t.Errorf("%d are staged, %d users are there", n, m)
	}
}

// Whoever cancels does not wait for those who hold a table or an address.
func TestImportCancelledWhileItWaits(t *testing.T) {
	t.Parallel()
	for name, statement := range map[string]string{
		"copy": "LOCK TABLE jeton_staged_users IN SHARE MODE",
		"INSERT": `INSERT INTO jeton_users (id, id_bytes, email, email_key, name, password_hash, roles, disabled)
			VALUES ('x', '', '', 'user7', '', '', '{}', false)`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			other, dsn := openNew(t)
			s := open(t, dsn+"&application_name=waits-to-"+name)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			tx := beginAnother(t, other)
			if _, err := tx.Exec(ctx, statement); err != nil {
				t.Fatal(err)
			}
			imported := make(chan error, 1)
			go func() { imported <- s.ImportUsers(ctx, importing(1500, nothing)) }()
			pid := blocked(t, other.Pool(), "waits-to-"+name)
			cancel()
			until(t, name+" is over", func(ctx context.Context) bool {
				const query = `SELECT count(*) FROM pg_stat_activity WHERE pid = $1 AND wait_event_type = 'Lock' AND query LIKE '%' || $2 || '%'`
				var n int
				return other.Pool().QueryRow(ctx, query, pid, name).Scan(&n) == nil && n == 0
			})
			if err := tx.Rollback(t.Context()); err != nil { // what is staged can be removed then
				t.Fatal(err)
			}
			if err := <-imported; !errors.Is(err, context.Canceled) {
				t.Errorf("error is %v", err)
			}
			if n, m := staged(t, other.Pool()), users(t, other.Pool()); n != 0 || m != 0 {
				t.Errorf("%d are staged, %d users are there", n, m)
			}
		})
	}
}

// Two imports with the same addresses, which each takes in an order of its own, so that either may have what the other wants: one comes
// through.
func TestImportsOfTheSameAddresses(t *testing.T) {
	t.Parallel()
	stores := nodes(t, 2, "deadlock_timeout", "10ms")
	const many = 2000
	for round := range 5 {
		errs := together(2, func(n int) error {
			return stores[n].ImportUsers(t.Context(), func(yield func(*jeton.User, error) bool) {
				for i := range many {
					key := i
					if n == 1 {
						key = many - 1 - i
					}
					u := &jeton.User{ID: fmt.Sprintf("%d-%d-%04d", round, n, i), EmailKey: fmt.Sprintf("%d-%d", round, key)}
					if !yield(u, nil) {
						return
					}
				}
			})
		})
		slices.SortFunc(errs, func(a, _ error) int {
			if a == nil {
				return -1
			}
			return 1
		})
		if errs[0] != nil || !errors.Is(errs[1], jeton.ErrEmailTaken) {
			t.Errorf("round %d: errors %v", round, errs)
		}
		if n := users(t, stores[0].Pool()); n != int64(many*(round+1)) {
			t.Errorf("%d users, want %d", n, many*(round+1))
		}
	}
}
