package jeton

import "context"
import "log/slog"
import "time"

// EventType says what an audit event is about.
type EventType string

// The audit events.
const (
	EventSignUp          EventType = "sign_up"
	EventSignIn          EventType = "sign_in"
	EventSignInFailed    EventType = "sign_in_failed"
	EventRefreshReplayed EventType = "refresh_replayed"
	EventRefreshTheft    EventType = "refresh_theft"
	EventSignOut         EventType = "sign_out"
	EventSessionEnded    EventType = "session_ended"
	EventTokenRevoked    EventType = "token_revoked"
	EventPasswordChanged EventType = "password_changed"
	EventAccountChanged  EventType = "account_changed"
	EventRolesChanged    EventType = "roles_changed"
	EventAccountDisabled EventType = "account_disabled"
	EventAccountEnabled  EventType = "account_enabled"
	EventAccountDeleted  EventType = "account_deleted"
	EventKeyAdded        EventType = "key_added"
)

// Event says who did what, when, from where and why. It never holds a secret.
type Event struct {
	Type      EventType
	At        time.Time
	UserID    string // empty if unknown
	SessionID string
	Strategy  string
	Reason    string
	Client    Client
	// Previous is, for a replayed or stolen refresh token, who advanced the session last.
	Previous *Client
}

// LogValue groups the fields that are set.
func (e Event) LogValue() slog.Value { panic("declared") }

// AuditFunc receives audit events, after what they tell of has happened. It must not block for long. A nil AuditFunc in
// a config writes them to the logger, at level info.
type AuditFunc func(ctx context.Context, event Event)
