package api_test

import (
	"net/http"
	"testing"
	"time"
)

func TestSignOut(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		body  func(in, other tokens) string // nil: none
		token func(in, other tokens) string // for the header; nil: none
		ended bool                          // the session of in
		other bool                          // the other session has ended
	}{
		"nothing":              {},
		"empty object":         {body: func(tokens, tokens) string { return "{}" }},
		"access token":         {token: access, ended: true},
		"access token, object": {token: access, body: func(tokens, tokens) string { return `{"everywhere":false}` }, ended: true},
		"refresh token":        {token: func(in, _ tokens) string { return in.RefreshToken }, ended: true},
		"refresh token in the body": {
			body:  func(in, _ tokens) string { return object("refresh_token", in.RefreshToken) },
			ended: true,
		},
		"both: the body counts": {
			token: func(_, other tokens) string { return other.AccessToken },
			body:  func(in, _ tokens) string { return object("refresh_token", in.RefreshToken) },
			ended: true,
		},
		"everywhere":                {token: access, body: func(tokens, tokens) string { return `{"everywhere":true}` }, ended: true, other: true},
		"nonsense":                  {token: func(tokens, tokens) string { return "nonsense" }},
		"nonsense in the body":      {body: func(tokens, tokens) string { return object("refresh_token", "nonsense") }, token: access},
		"token that was cut off":    {token: func(in, _ tokens) string { return in.AccessToken[:len(in.AccessToken)-3] }},
		"refresh token cut off":     {body: func(in, _ tokens) string { return object("refresh_token", in.RefreshToken[:len(in.RefreshToken)-3]) }},
		"empty token in the body":   {body: func(tokens, tokens) string { return object("refresh_token", "") }, token: access, ended: true},
		"nonsense, then everywhere": {token: func(tokens, tokens) string { return "nonsense" }, body: func(tokens, tokens) string { return `{"everywhere":true}` }},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t)
			in, other := s.signUp(), s.signIn()
			r := request{method: http.MethodPost, path: "/auth/logout"}
			if tt.body != nil {
				r.body = tt.body(in, other)
			}
			if tt.token != nil {
				r.token = tt.token(in, other)
			}
			if a := s.send(r).expect(http.StatusNoContent); a.text != "" || a.header.Get("Content-Type") != "" {
				t.Errorf("body %q of type %q", a.text, a.header.Get("Content-Type"))
			}
			s.expectEnded(in, tt.ended)
			s.expectEnded(other, tt.other)
			s.send(r).expect(http.StatusNoContent) // again
		})
	}
}

func access(in, _ tokens) string { return in.AccessToken }

func (s *server) expectEnded(in tokens, ended bool) {
	s.t.Helper()
	want := http.StatusOK
	if ended {
		want = http.StatusUnauthorized
	}
	s.get("/auth/me", in.AccessToken).expect(want)
}

func TestSignOutWithExpiredToken(t *testing.T) {
	t.Parallel()
	s := start(t)
	in := s.signUp()
	s.auth.Expire()
	s.post("/auth/logout", "", in.AccessToken).expect(http.StatusNoContent)
	s.post("/auth/refresh", object("refresh_token", in.RefreshToken), "").expectProblem(http.StatusBadRequest, "invalid_grant")
}

func TestSignOutEverywhere(t *testing.T) {
	t.Parallel()
	s := start(t)
	in, other := s.signUp(), s.signIn()
	s.auth.Advance(6 * time.Minute)
	everywhere := object("everywhere", true)
	s.post("/auth/logout", everywhere, in.AccessToken).expectProblem(http.StatusForbidden, "reauthentication_required")
	s.post("/auth/logout", object("everywhere", true, "refresh_token", in.RefreshToken), "").
		expectProblem(http.StatusForbidden, "reauthentication_required")
	s.post("/auth/logout", object("everywhere", true, "current_password", "not this one"), in.AccessToken).
		expectProblem(http.StatusUnauthorized, "invalid_credentials")
	s.expectEnded(in, false)
	s.expectEnded(other, false)
	s.post("/auth/logout", object("everywhere", true, "current_password", password), in.AccessToken).expect(http.StatusNoContent)
	s.expectEnded(in, true)
	s.expectEnded(other, true)
}

// What says who it is in two ways would end one session and leave its sender to believe that it was the other.
func TestSignOutWithTwoHeaders(t *testing.T) {
	t.Parallel()
	s := start(t)
	in, other := s.signUp(), s.signIn()
	r := request{method: http.MethodPost, path: "/auth/logout", header: http.Header{
		"Authorization": {"Bearer " + in.AccessToken, "Bearer " + other.AccessToken},
	}}
	s.send(r).expectProblem(http.StatusBadRequest, "invalid_request")
	s.expectEnded(in, false)
	s.expectEnded(other, false)
}

func TestSignOutBadBody(t *testing.T) {
	t.Parallel()
	s := start(t)
	in := s.signUp()
	s.post("/auth/logout", `{"everywhere":"yes"}`, in.AccessToken).expectProblem(http.StatusUnprocessableEntity, "validation_failed").
		expectFields(t, "/everywhere invalid_type")
	s.post("/auth/logout", `{"every":true}`, in.AccessToken).expectProblem(http.StatusUnprocessableEntity, "validation_failed").
		expectFields(t, "/every unknown_member")
	s.post("/auth/logout", `{`, in.AccessToken).expectProblem(http.StatusBadRequest, "invalid_json")
	s.expectEnded(in, false)
}
