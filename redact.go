package jeton

import (
	"encoding/json"
	"log/slog"
)

// What carries a password or token on its way in must not show it when somebody prints or logs it whole: these types
// have no text but their name. In JSON, which a logger makes of what holds them, the secrets are left out by `json:"-"`. None of them
// is meant to be read from a request as it is: they say, too, where the request came from.

// String is "SignUpRequest": the value holds a secret.
func (SignUpRequest) String() string { return "SignUpRequest" }

// GoString is the same as String.
func (r SignUpRequest) GoString() string { return r.String() }

// LogValue is the same as String.
func (r SignUpRequest) LogValue() slog.Value { return slog.StringValue(r.String()) }

// String is "NewUser": the value holds a secret.
func (NewUser) String() string { return "NewUser" }

// GoString is the same as String.
func (r NewUser) GoString() string { return r.String() }

// LogValue is the same as String.
func (r NewUser) LogValue() slog.Value { return slog.StringValue(r.String()) }

// String is "Credentials": the value holds a secret.
func (Credentials) String() string { return "Credentials" }

// GoString is the same as String.
func (r Credentials) GoString() string { return r.String() }

// LogValue is the same as String.
func (r Credentials) LogValue() slog.Value { return slog.StringValue(r.String()) }

// MarshalJSON is the same as String, in quotes. Credentials are read from JSON, but not written.
func (r Credentials) MarshalJSON() ([]byte, error) { return json.Marshal(r.String()) }

// String is "RefreshRequest": the value holds a secret.
func (RefreshRequest) String() string { return "RefreshRequest" }

// GoString is the same as String.
func (r RefreshRequest) GoString() string { return r.String() }

// LogValue is the same as String.
func (r RefreshRequest) LogValue() slog.Value { return slog.StringValue(r.String()) }

// String is "SignOutRequest": the value holds a secret.
func (SignOutRequest) String() string { return "SignOutRequest" }

// GoString is the same as String.
func (r SignOutRequest) GoString() string { return r.String() }

// LogValue is the same as String.
func (r SignOutRequest) LogValue() slog.Value { return slog.StringValue(r.String()) }

// String is "AccountChange": the value holds a secret.
func (AccountChange) String() string { return "AccountChange" }

// GoString is the same as String.
func (r AccountChange) GoString() string { return r.String() }

// LogValue is the same as String.
func (r AccountChange) LogValue() slog.Value { return slog.StringValue(r.String()) }

// String is "DeletionRequest": the value holds a secret.
func (DeletionRequest) String() string { return "DeletionRequest" }

// GoString is the same as String.
func (r DeletionRequest) GoString() string { return r.String() }

// LogValue is the same as String.
func (r DeletionRequest) LogValue() slog.Value { return slog.StringValue(r.String()) }

// String is "ChangePasswordRequest": the value holds a secret.
func (ChangePasswordRequest) String() string { return "ChangePasswordRequest" }

// GoString is the same as String.
func (r ChangePasswordRequest) GoString() string { return r.String() }

// LogValue is the same as String.
func (r ChangePasswordRequest) LogValue() slog.Value { return slog.StringValue(r.String()) }

// String is "SignInRequest": the value holds a secret.
func (SignInRequest) String() string { return "SignInRequest" }

// GoString is the same as String.
func (r SignInRequest) GoString() string { return r.String() }

// LogValue is the same as String.
func (r SignInRequest) LogValue() slog.Value { return slog.StringValue(r.String()) }

// String is "Config": the value holds a secret.
func (Config) String() string { return "Config" }

// GoString is the same as String.
func (r Config) GoString() string { return r.String() }

// LogValue is the same as String.
func (r Config) LogValue() slog.Value { return slog.StringValue(r.String()) }

// String is "KeyRingConfig": the value holds a secret.
func (KeyRingConfig) String() string { return "KeyRingConfig" }

// GoString is the same as String.
func (r KeyRingConfig) GoString() string { return r.String() }

// LogValue is the same as String.
func (r KeyRingConfig) LogValue() slog.Value { return slog.StringValue(r.String()) }

// String is "PasswordChange": the value holds a secret.
func (PasswordChange) String() string { return "PasswordChange" }

// GoString is the same as String.
func (r PasswordChange) GoString() string { return r.String() }

// LogValue is the same as String.
func (r PasswordChange) LogValue() slog.Value { return slog.StringValue(r.String()) }

// String is "Auth": the value holds secrets.
func (*Auth) String() string { return "Auth" }

// GoString is the same as String.
func (r *Auth) GoString() string { return r.String() }

// LogValue is the same as String.
func (r *Auth) LogValue() slog.Value { return slog.StringValue(r.String()) }

// String is "KeyRing": the value holds secrets.
func (*KeyRing) String() string { return "KeyRing" }

// GoString is the same as String.
func (r *KeyRing) GoString() string { return r.String() }

// LogValue is the same as String.
func (r *KeyRing) LogValue() slog.Value { return slog.StringValue(r.String()) }
