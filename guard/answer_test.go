package guard_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/jetonauth/jeton/guard"
)

func TestProblems(t *testing.T) {
	t.Parallel()
	tests := map[guard.Code]struct{ code, title, retryAfter string }{
		guard.MissingToken:      {"unauthorized", "Unauthorized", ""},
		guard.InvalidRequest:    {"invalid_request", "Bad Request", ""},
		guard.InvalidToken:      {"invalid_token", "Unauthorized", ""},
		guard.InsufficientScope: {"insufficient_scope", "Forbidden", ""},
		guard.Unavailable:       {"unavailable", "Service Unavailable", "1"},
		guard.Internal:          {"internal", "Internal Server Error", ""},
		"teapot":                {"internal", "Internal Server Error", ""},
	}
	for code, tt := range tests {
		t.Run(string(code), func(t *testing.T) {
			t.Parallel()
			r := &guard.Refusal{Code: code, Realm: "news", Description: `<say "why">`}
			a := guard.Problems{}.Answer(r)
			header := map[string]string{
				"Cache-Control":    "no-store",
				"Content-Type":     "application/problem+json",
				"Retry-After":      tt.retryAfter,
				"Www-Authenticate": r.Challenge(),
			}
			if _, there := a.Header["Www-Authenticate"]; there != (r.Challenge() != "") {
				t.Errorf("header %v", a.Header)
			}
			for name, want := range header {
				if got := a.Header.Get(name); got != want {
					t.Errorf("%s: %q, want %q", name, got, want)
				}
			}
			var body map[string]any
			if err := json.Unmarshal(a.Body, &body); err != nil {
				t.Fatal(err)
			}
			want := map[string]any{"title": tt.title, "status": float64(r.Status()), "code": tt.code, "detail": `<say "why">`}
			if len(body) != len(want) || a.Status != r.Status() {
				t.Errorf("status %d, body %s", a.Status, a.Body)
			}
			for name := range want {
				if body[name] != want[name] {
					t.Errorf("%s: %v, want %v", name, body[name], want[name])
				}
			}
		})
	}
}

func TestAnswerWrite(t *testing.T) {
	t.Parallel()
	words := []string{"one", "two"}
	a := guard.Answer{
		Status: http.StatusTeapot,
		Header: map[string][]string{"x-word": words, "Content-Type": {"text/plain"}},
		Body:   []byte("short"),
	}
	w := httptest.NewRecorder()
	w.Header().Set("Content-Type", "text/html")
	w.Header().Set("Content-Length", "1000")
	w.Header().Set("Vary", "Origin")
	a.Write(w)
	if w.Code != http.StatusTeapot || w.Body.String() != "short" {
		t.Errorf("%d %q", w.Code, w.Body)
	}
	header := w.Header()
	if got := header.Values("X-Word"); len(got) != 2 {
		t.Errorf("X-Word: %q", got)
	}
	if got := header.Values("Content-Type"); len(got) != 1 || got[0] != "text/plain" {
		t.Errorf("Content-Type: %q", got)
	}
	if header.Get("Content-Length") != "" || header.Get("Vary") != "Origin" {
		t.Errorf("header: %v", header)
	}
	header["X-Word"][0] = "changed"
	if words[0] != "one" {
		t.Error("the answer shares its header with what was written")
	}
}

func TestAnswerWithoutFinalStatus(t *testing.T) {
	t.Parallel()
	for _, status := range []int{http.StatusOK, 999} {
		w := httptest.NewRecorder()
		if (guard.Answer{Status: status}).Write(w); w.Code != status {
			t.Errorf("status %d was written as %d", status, w.Code)
		}
	}
	for _, status := range []int{-1, 0, http.StatusContinue, http.StatusSwitchingProtocols, 1000} {
		w := httptest.NewRecorder()
		guard.Answer{Status: status}.Write(w)
		if w.Code != http.StatusInternalServerError {
			t.Errorf("status %d was written as %d", status, w.Code)
		}
	}
}
