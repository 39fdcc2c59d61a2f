package mongo_test

import (
	"context"
	"errors"
	"testing"
	"time"

	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/store/mongo"
)

func TestTranslate(t *testing.T) {
	t.Parallel()
	odd := errors.New("odd")
	duplicate := driver.WriteException{WriteErrors: driver.WriteErrors{{Code: 11000}}}
	command := func(code int32) error { return driver.CommandError{Code: code, Message: "it is so"} }
	for name, test := range map[string]struct {
		over      error // of the context
		err       error
		want, not error
	}{
		"none":                  {nil, nil, nil, jeton.ErrUnavailable},
		"no documents":          {nil, driver.ErrNoDocuments, jeton.ErrNotFound, jeton.ErrUnavailable},
		"duplicate":             {nil, duplicate, jeton.ErrConflict, jeton.ErrUnavailable},
		"duplicate in a change": {nil, command(11000), jeton.ErrConflict, jeton.ErrUnavailable},
		"disconnected":          {nil, driver.ErrClientDisconnected, jeton.ErrUnavailable, jeton.ErrNotFound},
		"its cause":             {nil, driver.ErrClientDisconnected, driver.ErrClientDisconnected, jeton.ErrNotFound},
		"network":               {nil, driver.CommandError{Labels: []string{"NetworkError"}}, jeton.ErrUnavailable, jeton.ErrNotFound},
		"no primary":            {nil, command(10107), jeton.ErrUnavailable, jeton.ErrNotFound},
		"stepped down":          {nil, command(189), jeton.ErrUnavailable, jeton.ErrNotFound},
		"took too long":         {nil, command(50), jeton.ErrUnavailable, jeton.ErrNotFound},
		"not acknowledged by a majority": {
			nil, driver.WriteException{WriteConcernError: &driver.WriteConcernError{Code: 64}}, jeton.ErrUnavailable, jeton.ErrNotFound,
		},
		"the client's own time is over": {nil, context.DeadlineExceeded, jeton.ErrUnavailable, jeton.ErrNotFound},
		"may not":                       {nil, command(13), nil, jeton.ErrUnavailable},
		"unknown":                       {nil, odd, odd, jeton.ErrUnavailable},
		"jeton's own":                   {nil, jeton.ErrConflict, jeton.ErrConflict, jeton.ErrUnavailable},
		"cancelled":                     {context.Canceled, odd, context.Canceled, odd},
		"expired":                       {context.DeadlineExceeded, odd, context.DeadlineExceeded, odd},
		"success, cancelled":            {context.Canceled, nil, nil, context.Canceled},
	} {
		ctx, cancel := context.WithCancel(t.Context())
		switch {
		case errors.Is(test.over, context.DeadlineExceeded):
			ctx, cancel = context.WithDeadline(t.Context(), time.Unix(0, 0))
		case test.over != nil:
			cancel()
		}
		got := mongo.Translate(ctx, test.err)
		cancel()
		if test.want != nil && !errors.Is(got, test.want) || errors.Is(got, test.not) || (got == nil) != (test.err == nil) {
			t.Errorf("%s: error is %v, want %v and not %v", name, got, test.want, test.not)
		}
	}
}

// While no server is there, the answer comes after the time that the client waits for one, and says so.
func TestUnreachable(t *testing.T) {
	t.Parallel()
	client, err := driver.Connect(options.Client().ApplyURI("mongodb://127.0.0.1:1").SetServerSelectionTimeout(20 * time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = client.Disconnect(context.WithoutCancel(t.Context())) }()
	s := mongo.New(client.Database("test"))
	for name, call := range map[string]func(ctx context.Context) error{
		"ping":    s.Ping,
		"migrate": s.Migrate,
		"version": func(ctx context.Context) error { _, _, err := s.SchemaVersion(ctx); return err },
		"create":  func(ctx context.Context) error { return s.CreateUser(ctx, &jeton.User{ID: "1"}) },
		"end":     func(ctx context.Context) error { _, err := s.EndSessions(ctx, jeton.Ending{UserID: "1"}); return err },
		"take": func(ctx context.Context) error {
			_, err := s.Take(ctx, "key", jeton.Limit{Count: 1, Window: time.Minute}, time.Now())
			return err
		},
	} {
		start := time.Now()
		if err := call(t.Context()); !errors.Is(err, jeton.ErrUnavailable) {
			t.Errorf("%s: error is %v", name, err)
		}
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("%s took %v", name, took)
		}
		cancelled, cancel := context.WithCancel(t.Context())
		cancel()
		if err := call(cancelled); !errors.Is(err, context.Canceled) || errors.Is(err, jeton.ErrUnavailable) {
			t.Errorf("%s, cancelled: error is %v", name, err)
		}
	}
	if err := s.Close(t.Context()); err != nil {
		t.Errorf("closing a store whose client is somebody else's: %v", err)
	}
}
