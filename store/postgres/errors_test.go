package postgres_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/revoke"
	"github.com/jetonauth/jeton/store/postgres"
)

func TestTranslate(t *testing.T) {
	t.Parallel()
	odd := errors.New("odd")
	code := func(code string) error { return &pgconn.PgError{Code: code} }
	for name, test := range map[string]struct {
		over      error // of the context
		err       error
		want, not error
	}{
		"none":                {nil, nil, nil, jeton.ErrUnavailable},
		"no rows":             {nil, pgx.ErrNoRows, jeton.ErrNotFound, jeton.ErrUnavailable},
		"taken":               {nil, code("23505"), jeton.ErrConflict, jeton.ErrUnavailable},
		"another constraint":  {nil, code("23514"), nil, jeton.ErrUnavailable},
		"syntax":              {nil, code("42601"), nil, jeton.ErrUnavailable},
		"not allowed":         {nil, code("42501"), nil, jeton.ErrUnavailable},
		"no table":            {nil, code("42P01"), nil, jeton.ErrUnavailable},
		"connection failure":  {nil, code("08006"), jeton.ErrUnavailable, jeton.ErrNotFound},
		"protocol violation":  {nil, code("08P01"), jeton.ErrUnavailable, nil},
		"standby":             {nil, code("25006"), jeton.ErrUnavailable, nil},
		"serialization":       {nil, code("40001"), jeton.ErrUnavailable, jeton.ErrConflict},
		"deadlock":            {nil, code("40P01"), jeton.ErrUnavailable, jeton.ErrConflict},
		"disk full":           {nil, code("53100"), jeton.ErrUnavailable, nil},
		"too many":            {nil, code("53300"), jeton.ErrUnavailable, nil},
		"locked":              {nil, code("55P03"), jeton.ErrUnavailable, nil},
		"statement timeout":   {nil, code("57014"), jeton.ErrUnavailable, nil},
		"admin shutdown":      {nil, code("57P01"), jeton.ErrUnavailable, nil},
		"crash shutdown":      {nil, code("57P02"), jeton.ErrUnavailable, nil},
		"cannot connect now":  {nil, code("57P03"), jeton.ErrUnavailable, nil},
		"I/O error":           {nil, code("58030"), jeton.ErrUnavailable, nil},
		"damaged":             {nil, code("XX001"), jeton.ErrUnavailable, nil},
		"its cause":           {nil, io.ErrUnexpectedEOF, io.ErrUnexpectedEOF, jeton.ErrNotFound},
		"cut off":             {nil, io.ErrUnexpectedEOF, jeton.ErrUnavailable, nil},
		"closed connection":   {nil, pgconn.ErrConnClosed, jeton.ErrUnavailable, nil},
		"not connected":       {nil, &pgconn.ConnectError{}, jeton.ErrUnavailable, nil},
		"another's deadline":  {nil, context.DeadlineExceeded, jeton.ErrUnavailable, context.DeadlineExceeded},
		"another's cancelled": {nil, context.Canceled, jeton.ErrUnavailable, context.Canceled},
		"unknown":             {nil, odd, odd, jeton.ErrUnavailable},
		"jeton's own":         {nil, jeton.ErrSessionEnded, jeton.ErrSessionEnded, jeton.ErrUnavailable},
		"cancelled":           {context.Canceled, odd, context.Canceled, odd},
		"expired":             {context.DeadlineExceeded, odd, context.DeadlineExceeded, odd},
		"success, cancelled":  {context.Canceled, nil, nil, context.Canceled},
	} {
		ctx, cancel := context.WithCancel(t.Context())
		switch {
		case errors.Is(test.over, context.DeadlineExceeded):
			ctx, cancel = context.WithDeadline(t.Context(), time.Unix(0, 0))
		case test.over != nil:
			cancel()
		}
		err := test.err
		if _, ok := errors.AsType[*pgconn.ConnectError](err); ok {
			_, err = pgconn.Connect(t.Context(), "host="+t.TempDir()) // one that can be printed
		}
		got := postgres.Translate(ctx, err)
		cancel()
		if test.want != nil && !errors.Is(got, test.want) || test.not != nil && errors.Is(got, test.not) || (got == nil) != (err == nil) {
			t.Errorf("%s: error is %v, want %v and not %v", name, got, test.want, test.not)
		}
	}
}

func TestNotMigrated(t *testing.T) {
	t.Parallel()
	s := open(t, server.Schema(t))
	_, err := s.UserByID(t.Context(), "1")
	if err == nil || errors.Is(err, jeton.ErrUnavailable) || errors.Is(err, jeton.ErrNotFound) {
		t.Errorf("error without tables is %v", err)
	}
}

// Who waits for another's lock gives up when the context is over, or else when the store has run out of patience, and changes
// nothing.
func TestLocked(t *testing.T) {
	t.Parallel()
	s, _ := openNew(t)
	session, advance := newSession("session")
	if err := s.CreateSession(t.Context(), session); err != nil {
		t.Fatal(err)
	}
	holder, err := s.Pool().Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = holder.Rollback(context.Background()) }()
	if _, err := holder.Exec(t.Context(), "UPDATE jeton_sessions SET profile = ''"); err != nil {
		t.Fatal(err)
	}
	for name, call := range map[string]func(ctx context.Context, s *postgres.Store) error{
		"advance": func(ctx context.Context, s *postgres.Store) error { return s.AdvanceSession(ctx, advance) },
		"end": func(ctx context.Context, s *postgres.Store) error {
			_, err := s.EndSessions(ctx, jeton.Ending{SessionID: "session", At: session.CreatedAt})
			return err
		},
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		if err := call(ctx, s); !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, jeton.ErrUnavailable) {
			t.Errorf("%s with a deadline: error is %v", name, err)
		}
		cancel()
		err := call(t.Context(), s.WithPatience(50*time.Millisecond))
		if !errors.Is(err, jeton.ErrUnavailable) || errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s without a deadline: error is %v", name, err)
		}
	}
	if err := holder.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got, err := s.SessionByID(t.Context(), "session"); err != nil || got.Generation != 0 || !got.EndedAt.IsZero() {
		t.Errorf("session %#v, error %v", got, err)
	}
	if err := s.AdvanceSession(t.Context(), advance); err != nil {
		t.Errorf("after the lock: %v", err)
	}
}

// What no text of the database can be is not in it, which is no reason for an error of its own.
func TestWhatIsNoText(t *testing.T) {
	t.Parallel()
	s, _ := openNew(t)
	ctx := t.Context()
	user := &jeton.User{ID: "u"}
	if err := s.CreateUser(ctx, user); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"\x00", "u\x00", "\xff", "u\xc3\x28"} {
		_, byID := s.UserByID(ctx, key)
		_, byEmail := s.UserByEmail(ctx, key)
		_, update := s.UpdateUser(ctx, key, jeton.UserChange{})
		_, session := s.SessionByID(ctx, key)
		_, client := s.ServiceClient(ctx, key)
		for name, err := range map[string]error{
			"UserByID": byID, "UserByEmail": byEmail, "UpdateUser": update, "SessionByID": session, "ServiceClient": client,
			"DeleteUser":          s.DeleteUser(ctx, key),
			"SetPassword":         s.SetPassword(ctx, key, jeton.PasswordChange{}),
			"AdvanceSession":      s.AdvanceSession(ctx, jeton.Advance{SessionID: key}),
			"ExtendAccess":        s.ExtendAccess(ctx, key, time.Now()),
			"SetKeyTimes":         s.SetKeyTimes(ctx, key, jeton.KeyTimes{}),
			"RemoveServiceClient": s.RemoveServiceClient(ctx, key),
		} {
			if !errors.Is(err, jeton.ErrNotFound) {
				t.Errorf("%s with %q: error is %v", name, key, err)
			}
		}
		if list, err := s.SessionsByUser(ctx, key, time.Now()); err != nil || len(list) != 0 {
			t.Errorf("SessionsByUser with %q: %v, error %v", key, list, err)
		}
		if made, err := s.EndSessions(ctx, jeton.Ending{SessionID: key}); err != nil || len(made) != 0 {
			t.Errorf("EndSessions with %q: %v, error %v", key, made, err)
		}
		if _, err := s.ListUsers(ctx, key, 10); err != nil {
			t.Errorf("ListUsers after %q: error %v", key, err)
		}
	}
	if err := s.CreateUser(ctx, &jeton.User{ID: "v", Name: "a\x00b"}); err == nil || errors.Is(err, jeton.ErrNotFound) {
		t.Errorf("a name that is no text: error is %v", err)
	}
}

// The counter is what makes numbers: without it nothing is revoked, and nobody is told that there was nothing to end.
func TestLostCounter(t *testing.T) {
	t.Parallel()
	s, _ := openNew(t)
	execute(t, s.Pool(), "DELETE FROM jeton_counter")
	_, err := s.RevokeToken(t.Context(), revoke.IDOf("token"), time.Now())
	if err == nil || errors.Is(err, jeton.ErrNotFound) || !strings.Contains(err.Error(), "jeton_counter") {
		t.Errorf("error is %v", err)
	}
}
