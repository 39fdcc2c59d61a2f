package guard_test

import (
	"errors"
	"net/http"
	"testing"

	"github.com/jetonauth/jeton/guard"
)

func TestRefusalStatusAndChallenge(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		refusal   guard.Refusal
		status    int
		challenge string
	}{
		"missing": {
			guard.Refusal{Code: guard.MissingToken, Description: "not told", Scopes: []string{"a"}},
			http.StatusUnauthorized, `Bearer realm="api"`,
		},
		"request": {
			guard.Refusal{Code: guard.InvalidRequest, Realm: "news", Description: "Two headers."},
			http.StatusBadRequest, `Bearer realm="news", error="invalid_request", error_description="Two headers."`,
		},
		"token": {
			guard.Refusal{Code: guard.InvalidToken, Realm: "news", Scopes: []string{"not", "told"}},
			http.StatusUnauthorized, `Bearer realm="news", error="invalid_token"`,
		},
		"scope": {
			guard.Refusal{Code: guard.InsufficientScope, Description: "No.", Scopes: []string{"a", "b:c"}},
			http.StatusForbidden, `Bearer realm="api", error="insufficient_scope", error_description="No.", scope="a b:c"`,
		},
		"scope, none named": {
			guard.Refusal{Code: guard.InsufficientScope},
			http.StatusForbidden, `Bearer realm="api", error="insufficient_scope"`,
		},
		"realm that needs escapes": {
			guard.Refusal{Code: guard.MissingToken, Realm: "a \"b\" \\ c\r\nX: y\té"},
			http.StatusUnauthorized, `Bearer realm="a \"b\" \\ cX: y"`,
		},
		"description with what is not allowed": {
			guard.Refusal{Code: guard.InvalidToken, Description: "a \"b\" \\ c\r\nX: y\téŁ\xff~\x7f"},
			http.StatusUnauthorized, `Bearer realm="api", error="invalid_token", error_description="a b  cX: y~"`,
		},
		"scopes with what is not allowed": {
			guard.Refusal{Code: guard.InsufficientScope, Scopes: []string{" a\" ", "", "é", "b\r\n"}},
			http.StatusForbidden, `Bearer realm="api", error="insufficient_scope", scope="a b"`,
		},
		"unavailable": {guard.Refusal{Code: guard.Unavailable}, http.StatusServiceUnavailable, ""},
		"internal":    {guard.Refusal{Code: guard.Internal}, http.StatusInternalServerError, ""},
		"no code":     {guard.Refusal{}, http.StatusInternalServerError, ""},
		"other code":  {guard.Refusal{Code: "teapot"}, http.StatusInternalServerError, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := tt.refusal.Status(); got != tt.status {
				t.Errorf("status %d, want %d", got, tt.status)
			}
			if got := tt.refusal.Challenge(); got != tt.challenge {
				t.Errorf("challenge\n got %s\nwant %s", got, tt.challenge)
			}
		})
	}
}

func TestRefusalError(t *testing.T) {
	t.Parallel()
	cause := errors.New("store: gone")
	r := &guard.Refusal{Code: guard.Unavailable, Err: cause}
	if got, want := r.Error(), "guard: unavailable: store: gone"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if !errors.Is(r, cause) {
		t.Error("the cause is not found")
	}
	bare := &guard.Refusal{Code: guard.MissingToken}
	if got, want := bare.Error(), "guard: missing_token"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if bare.Unwrap() != nil {
		t.Error("a cause came from nowhere")
	}
}
