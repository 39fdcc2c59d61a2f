package jeton_test

import (
	"context"
	"log/slog"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/store/memory"
)

// wantEvent wants the event that was recorded last to be this one, at the service's time.
func (s *service) wantEvent(want jeton.Event) {
	s.t.Helper()
	want.At = s.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.events) == 0 {
		s.t.Fatalf("no event, want %s", want.Type)
	}
	if got := s.events[len(s.events)-1]; !reflect.DeepEqual(got, want) {
		s.t.Errorf("event\n%+v (previous %v), want\n%+v (previous %v)", got, got.Previous, want, want.Previous)
	}
}

func TestEveryChangeIsAudited(t *testing.T) {
	t.Parallel()
	phone := from(otherNet, "phone")
	for name, test := range map[string]struct {
		do   func(ctx context.Context, s *service, p *jeton.Principal) error
		want jeton.Event // without user and session
		none bool        // names no session
	}{
		"session ended": {
			do: func(ctx context.Context, s *service, p *jeton.Principal) error {
				return s.EndSession(ctx, p.Subject(), p.Session(), phone)
			},
			want: jeton.Event{Type: jeton.EventSessionEnded, Client: phone},
		},
		"token revoked": {
			do:   func(ctx context.Context, s *service, p *jeton.Principal) error { return s.RevokeToken(ctx, p, phone) },
			want: jeton.Event{Type: jeton.EventTokenRevoked, Client: phone},
		},
		"name changed": {
			do: func(ctx context.Context, s *service, p *jeton.Principal) error {
				_, err := s.ChangeAccount(ctx, p, jeton.AccountChange{Name: new("Countess"), Client: phone})
				return err
			},
			want: jeton.Event{Type: jeton.EventAccountChanged, Client: phone},
		},
		"e-mail changed": {
			do: func(ctx context.Context, s *service, p *jeton.Principal) error {
				_, err := s.ChangeAccount(ctx, p, jeton.AccountChange{Email: new("countess@example.com"), Client: phone})
				return err
			},
			want: jeton.Event{Type: jeton.EventAccountChanged, Client: phone},
		},
		"password changed": {
			do: func(ctx context.Context, s *service, p *jeton.Principal) error {
				return s.ChangePassword(ctx, p, jeton.ChangePasswordRequest{Current: good, New: another, Client: phone})
			},
			want: jeton.Event{Type: jeton.EventPasswordChanged, Client: phone},
		},
		"password set": {
			do: func(ctx context.Context, s *service, p *jeton.Principal) error {
				return s.SetPassword(ctx, p.Subject(), another)
			},
			want: jeton.Event{Type: jeton.EventPasswordChanged}, none: true,
		},
		"roles": {
			do: func(ctx context.Context, s *service, p *jeton.Principal) error {
				return s.SetRoles(ctx, p.Subject(), []string{"editor", "admin"})
			},
			want: jeton.Event{Type: jeton.EventRolesChanged, Reason: "editor admin"}, none: true,
		},
		"disabled": {
			do: func(ctx context.Context, s *service, p *jeton.Principal) error {
				return s.SetDisabled(ctx, p.Subject(), true)
			},
			want: jeton.Event{Type: jeton.EventAccountDisabled}, none: true,
		},
		"enabled": {
			do: func(ctx context.Context, s *service, p *jeton.Principal) error {
				return s.SetDisabled(ctx, p.Subject(), false)
			},
			want: jeton.Event{Type: jeton.EventAccountEnabled}, none: true,
		},
		"deleted": {
			do: func(ctx context.Context, s *service, p *jeton.Principal) error {
				return s.DeleteAccount(ctx, p, jeton.DeletionRequest{Client: phone})
			},
			want: jeton.Event{Type: jeton.EventAccountDeleted, Client: phone}, none: true,
		},
		"removed": {
			do:   func(ctx context.Context, s *service, p *jeton.Principal) error { return s.RemoveUser(ctx, p.Subject()) },
			want: jeton.Event{Type: jeton.EventAccountDeleted}, none: true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newService(t, nil)
			p := s.principal(s.signUp(ada).AccessToken)
			s.advance(time.Second)
			s.mu.Lock()
			s.events = nil
			s.mu.Unlock()
			if err := test.do(t.Context(), s, p); err != nil {
				t.Fatal(err)
			}
			want := test.want
			want.UserID, want.SessionID = p.Subject(), p.Session()
			if test.none {
				want.SessionID = ""
			}
			s.wantEvent(want)
			if n := len(s.events); n != 1 {
				t.Errorf("%d events, want one", n)
			}
		})
	}
}

func TestSignOutIsAuditedWithItsReason(t *testing.T) {
	t.Parallel()
	phone := from(otherNet, "phone")
	for everywhere, reason := range map[bool]string{false: "sign_out", true: "sign_out_everywhere"} {
		s := newService(t, nil)
		g := s.signUp(ada)
		err := s.SignOut(t.Context(), jeton.SignOutRequest{Token: g.AccessToken, Everywhere: everywhere, Client: phone})
		if err != nil {
			t.Fatal(err)
		}
		s.wantEvent(jeton.Event{
			Type: jeton.EventSignOut, UserID: g.User.ID, SessionID: g.Session.ID, Strategy: "local", Client: phone, Reason: reason,
		})
	}
}

func TestARevokedTokenMadeByHandIsAudited(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	if err := s.RevokeToken(t.Context(), s.principal(mustIssue(t, s)), browser); err != nil {
		t.Fatal(err)
	}
	s.wantEvent(jeton.Event{Type: jeton.EventTokenRevoked, UserID: "u", Client: browser})
}

func TestAWrongCurrentPasswordIsAudited(t *testing.T) {
	t.Parallel()
	phone := from(otherNet, "phone")
	s := newService(t, nil)
	p := s.principal(s.signUp(ada).AccessToken)
	err := s.ChangePassword(t.Context(), p, jeton.ChangePasswordRequest{Current: another, New: another, Client: phone})
	wantErr(t, "change", err, jeton.ErrInvalidCredentials)
	s.wantEvent(jeton.Event{
		Type: jeton.EventSignInFailed, UserID: p.Subject(), Account: ada, Strategy: "local", Client: phone, Reason: "wrong current password",
	})
}

// The log names accounts, which are personal, so that one is known again, but by nobody without the secret.
func TestTheLogNamesAccountsByAHash(t *testing.T) {
	t.Parallel()
	hashOf := func(secret, email string) string {
		t.Helper()
		s := newService(t, func(c *jeton.Config) { c.Audit, c.Secret = nil, []byte(secret) })
		_, err := s.signIn(email, another, browser)
		wantErr(t, "sign in", err, jeton.ErrInvalidCredentials)
		s.mu.Lock()
		defer s.mu.Unlock()
		_, rest, _ := strings.Cut(s.logs.String(), "account_hash=")
		if len(rest) < 17 || rest[16] != '\n' {
			t.Fatalf("the log has no hash of 16 digits: %s", &s.logs)
		}
		return rest[:16]
	}
	hash := hashOf(refreshSecretOfTest, ada)
	if again := hashOf(refreshSecretOfTest, ada); again != hash {
		t.Errorf("one account is %s and %s", hash, again)
	}
	if other := hashOf(refreshSecretOfTest, "bob@example.com"); other == hash {
		t.Errorf("two accounts are %s", hash)
	}
	if elsewhere := hashOf(string(masterKey), ada); elsewhere == hash {
		t.Errorf("the account is %s under another secret, too", hash)
	}
}

// Who advanced the session last is the other half of what tells a thief from a second tab.
func TestReplayAndTheftNameWhoCameBefore(t *testing.T) {
	t.Parallel()
	tablet, thief := from(homeNet, "tablet"), from(otherNet, "thief")
	for name, test := range map[string]struct {
		after  time.Duration
		client jeton.Client
		want   jeton.Event
		err    error
	}{
		"replay": {
			client: from(otherNet, "tablet"),
			want:   jeton.Event{Type: jeton.EventRefreshReplayed, Reason: "answered with the current token"},
		},
		"replay from elsewhere": {
			client: thief, err: jeton.ErrInvalidGrant,
			want: jeton.Event{Type: jeton.EventRefreshReplayed, Reason: "refused: another network and another user agent"},
		},
		"theft": {
			after: time.Minute, client: thief, err: jeton.ErrInvalidGrant,
			want: jeton.Event{Type: jeton.EventRefreshTheft, Reason: "a refresh token was used again after the reuse interval"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newService(t, nil)
			g := s.signUp(ada)
			if _, err := s.refresh(g.RefreshToken, tablet); err != nil {
				t.Fatal(err)
			}
			s.advance(test.after)
			_, err := s.refresh(g.RefreshToken, test.client)
			wantErr(t, "old token", err, test.err)
			want := test.want
			want.UserID, want.SessionID, want.Strategy = g.User.ID, g.Session.ID, "local"
			want.Client, want.Previous = test.client, &tablet
			s.wantEvent(want)
		})
	}
}

func TestANewKeyIsAudited(t *testing.T) {
	t.Parallel()
	now := time.Date(2031, time.March, 4, 5, 6, 7, 8_000_000, time.UTC)
	var events []jeton.Event
	var logs strings.Builder
	for _, audit := range []jeton.AuditFunc{
		func(_ context.Context, e jeton.Event) { events = append(events, e) },
		nil, // to the logger
	} {
		ring, err := jeton.NewKeyRing(jeton.KeyRingConfig{
			Store: memory.New(), MasterKey: masterKey, Audit: audit, Now: func() time.Time { return now },
			Logger: slog.New(slog.NewTextHandler(&logs, nil)),
		})
		if err != nil {
			t.Fatal(err)
		}
		for range 2 { // the second time there is one
			if err := ring.Ensure(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		key, err := ring.SigningKey(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if audit == nil {
			for _, part := range []string{"event.type=key_added", "event.at=2031-03-04T05:06:07.008Z", `event.reason="key ` + key.ID() + `"`} {
				if strings.Count(logs.String(), part) != 1 {
					t.Errorf("the log lacks %s once: %s", part, &logs)
				}
			}
			continue
		}
		want := []jeton.Event{{Type: jeton.EventKeyAdded, At: now, Reason: "key " + key.ID()}}
		if !reflect.DeepEqual(events, want) || logs.Len() > 0 {
			t.Errorf("events %+v, want %+v; the log: %s", events, want, &logs)
		}
	}
}
