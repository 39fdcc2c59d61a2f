package jeton

import (
	"context"
	"log/slog"
	"time"
)

// EventType says what an audit event is about.
type EventType string

// The audit events.
const (
	EventSignUp           EventType = "sign_up"
	EventSignIn           EventType = "sign_in"
	EventSignInFailed     EventType = "sign_in_failed"
	EventSignInChallenged EventType = "sign_in_challenged" // a first step was proved
	EventSignInLimited    EventType = "sign_in_limited"    // refused by the limits, unseen
	EventRefreshReplayed  EventType = "refresh_replayed"
	EventRefreshTheft     EventType = "refresh_theft"
	EventSignOut          EventType = "sign_out"
	EventSessionEnded     EventType = "session_ended"
	EventTokenRevoked     EventType = "token_revoked"
	EventPasswordChanged  EventType = "password_changed"
	EventAccountChanged   EventType = "account_changed"
	EventRolesChanged     EventType = "roles_changed"
	EventAccountDisabled  EventType = "account_disabled"
	EventAccountEnabled   EventType = "account_enabled"
	EventAccountDeleted   EventType = "account_deleted"
	EventUsersImported    EventType = "users_imported" // how many is the reason
	EventKeyAdded         EventType = "key_added"
	EventKeyRotated       EventType = "key_rotated"  // a key was added that takes over from another one
	EventKeyRevoked       EventType = "key_revoked"  // nothing that it signed is accepted any more
	EventKeyExported      EventType = "key_exported" // somebody was given its private part
	// Service clients.
	EventServiceClientAdded   EventType = "service_client_added"
	EventServiceClientRemoved EventType = "service_client_removed"
	EventServiceClientFailed  EventType = "service_client_failed" // a wrong name or secret, once a minute
)

// Event says who did what, when, from where and why. It never holds a secret.
type Event struct {
	Type   EventType
	At     time.Time
	UserID string // empty if unknown
	// Account is what a sign-in named, by [AccountNamer], such as an address. The logger gets a keyed hash of it in its place,
	// since it is personal, and who mistakes the field types a password there.
	Account   string
	SessionID string
	Strategy  string
	Reason    string
	Client    Client
	// Previous is, for a replayed or stolen refresh token, who advanced the session last.
	Previous *Client
}

// LogValue groups the fields that are set.
func (e Event) LogValue() slog.Value {
	attrs := []slog.Attr{slog.String("type", string(e.Type)), slog.Time("at", e.At)}
	for _, f := range []struct{ name, value string }{
		{"user", e.UserID}, {"session", e.SessionID}, {"strategy", e.Strategy}, {"reason", e.Reason},
	} {
		if f.value != "" {
			attrs = append(attrs, slog.String(f.name, f.value))
		}
	}
	attrs = append(attrs, slog.Any("client", e.Client))
	if e.Previous != nil {
		attrs = append(attrs, slog.Any("previous", *e.Previous))
	}
	return slog.GroupValue(attrs...)
}

// AuditFunc receives audit events, after what they tell of has happened. It must not block for long. A nil AuditFunc in
// a config writes them to the logger, at level info.
type AuditFunc func(ctx context.Context, event Event)

func (a *Auth) audit(ctx context.Context, event Event) {
	event.At = a.now()
	event.Client = event.Client.bounded()
	if a.cfg.Audit != nil {
		a.cfg.Audit(ctx, event)
		return
	}
	attrs := []slog.Attr{slog.Any("event", event)}
	if event.Account != "" {
		attrs = append(attrs, slog.String("account_hash", a.secrets[0].hashOf(event.Account)))
	}
	a.log.LogAttrs(ctx, slog.LevelInfo, "audit", attrs...)
}
