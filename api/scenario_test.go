package api_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/jetonauth/jeton"
)

func TestSignedInLife(t *testing.T) {
	t.Parallel()
	s := start(t)
	first := s.signUp()
	if first.TokenType != "Bearer" || first.ExpiresIn != 900 || first.SessionID == "" || first.User == nil {
		t.Errorf("tokens %+v", first)
	}
	if u := first.User; u.ID == "" || u.Email != email || u.Name != "Ada" || u.Roles == nil || !u.CreatedAt.Equal(s.auth.Now()) {
		t.Errorf("user %+v", u)
	}
	in := s.signIn()
	if in.SessionID == first.SessionID || in.User.ID != first.User.ID {
		t.Errorf("signed in as %+v", in)
	}
	if me := s.get("/auth/me", in.AccessToken).account(); me.ID != in.User.ID || me.UpdatedAt.Location() != time.UTC {
		t.Errorf("me %+v", me)
	}
	s.auth.Advance(14 * time.Minute)
	second := s.refresh(in.RefreshToken)
	if second.RefreshToken == in.RefreshToken || second.SessionID != in.SessionID || second.User != nil || second.ExpiresIn != 900 {
		t.Errorf("refreshed %+v", second)
	}
	s.auth.Advance(2 * time.Minute) // the first access token has expired
	expired := s.get("/auth/me", in.AccessToken)
	expired.expectProblem(http.StatusUnauthorized, "invalid_token")
	const challenge = `Bearer realm="api", error="invalid_token", error_description="The access token has expired."`
	if got := expired.header.Get("WWW-Authenticate"); got != challenge {
		t.Errorf("challenge %s", got)
	}
	s.get("/auth/me", second.AccessToken).expect(http.StatusOK)
	s.post("/auth/logout", "", second.AccessToken).expect(http.StatusNoContent)
	s.get("/auth/me", second.AccessToken).expectProblem(http.StatusUnauthorized, "invalid_token")
	s.post("/auth/refresh", object("refresh_token", second.RefreshToken), "").expectProblem(http.StatusBadRequest, "invalid_grant")
}

func (s *server) refresh(token string) tokens {
	s.t.Helper()
	return s.post("/auth/refresh", object("refresh_token", token), "").expect(http.StatusOK).tokens()
}

func TestRefreshTokenUsedTwice(t *testing.T) {
	t.Parallel()
	s := start(t)
	first := s.signUp()
	second := s.refresh(first.RefreshToken)
	s.auth.Advance(jeton.DefaultReuseInterval)
	again := s.refresh(first.RefreshToken) // a second tab: the same token as the first one got
	if again.RefreshToken != second.RefreshToken {
		t.Error("a replay within the interval got another refresh token")
	}
	s.get("/auth/me", again.AccessToken).expect(http.StatusOK)

	s.auth.Advance(time.Second) // a thief
	s.post("/auth/refresh", object("refresh_token", first.RefreshToken), "").expectProblem(http.StatusBadRequest, "invalid_grant")
	s.post("/auth/refresh", object("refresh_token", second.RefreshToken), "").expectProblem(http.StatusBadRequest, "invalid_grant")
	for _, token := range []string{first.AccessToken, second.AccessToken, again.AccessToken} {
		s.get("/auth/me", token).expectProblem(http.StatusUnauthorized, "invalid_token")
	}
	if len(s.log.lines("refresh_theft")) == 0 {
		t.Error("the log does not tell of the theft")
	}
}

func TestChangeAccount(t *testing.T) {
	t.Parallel()
	s := start(t)
	in := s.signUp()
	s.post("/auth/signup", object("email", "eve@example.com", "password", password), "").expect(http.StatusCreated)
	patch := func(body string) answer {
		t.Helper()
		return s.send(request{method: http.MethodPatch, path: "/auth/me", body: body, token: in.AccessToken})
	}
	s.auth.Advance(time.Second)
	if u := patch(object("name", " Countess ")).account(); u.Name != "Countess" || u.Email != email || !u.UpdatedAt.Equal(s.auth.Now()) {
		t.Errorf("renamed %+v", u)
	}
	if u := patch(object("email", "Ada@Example.org")).account(); u.Email != "Ada@Example.org" || u.Name != "Countess" {
		t.Errorf("moved %+v", u)
	}
	patch(object("email", "EVE@example.com")).expectProblem(http.StatusConflict, "email_taken")
	patch(object("email", "x")).expectProblem(http.StatusUnprocessableEntity, "validation_failed").expectFields(t, "/email invalid_email")
	patch(`{"name":null,"email":null}`).expectProblem(http.StatusUnprocessableEntity, "validation_failed").
		expectFields(t, "/email invalid_type", "/name invalid_type")
	patch(object("roles", []string{"admin"})).expectProblem(http.StatusUnprocessableEntity, "validation_failed").
		expectFields(t, "/roles unknown_member")
	if u := patch("{}").account(); u.Name != "Countess" {
		t.Errorf("left %+v", u)
	}

	s.auth.Advance(6 * time.Minute)
	patch(object("email", email)).expectProblem(http.StatusForbidden, "reauthentication_required")
	patch(object("email", email, "current_password", "not this one")).expectProblem(http.StatusUnauthorized, "invalid_credentials")
	patch(object("name", "Ada")).expect(http.StatusOK)
	if u := patch(object("email", email, "current_password", password)).account(); u.Email != email {
		t.Errorf("moved back %+v", u)
	}
	s.signIn()
}

func TestDeleteAccount(t *testing.T) {
	t.Parallel()
	s := start(t)
	first, second := s.signUp(), s.signIn()
	remove := func(body, token string) answer {
		t.Helper()
		return s.send(request{method: http.MethodDelete, path: "/auth/me", body: body, token: token})
	}
	s.auth.Advance(6 * time.Minute)
	remove("", first.AccessToken).expectProblem(http.StatusForbidden, "reauthentication_required")
	remove("{}", first.AccessToken).expectProblem(http.StatusForbidden, "reauthentication_required")
	remove(object("current_password", "not this one"), first.AccessToken).expectProblem(http.StatusUnauthorized, "invalid_credentials")
	remove("[", first.AccessToken).expectProblem(http.StatusBadRequest, "invalid_json")
	s.get("/auth/me", second.AccessToken).expect(http.StatusOK)
	if a := remove(object("current_password", password), first.AccessToken).expect(http.StatusNoContent); a.text != "" {
		t.Errorf("body %q", a.text)
	}
	for _, token := range []string{first.AccessToken, second.AccessToken} {
		s.get("/auth/me", token).expectProblem(http.StatusUnauthorized, "invalid_token")
	}
	s.post("/auth/login", object("email", email, "password", password), "").expectProblem(http.StatusUnauthorized, "invalid_credentials")

	third := s.signUp() // the address is free again, and who just signed in needs no password
	remove("", third.AccessToken).expect(http.StatusNoContent)
}

// A token whose account is gone, or never was, is for nobody.
func TestSubjectGone(t *testing.T) {
	t.Parallel()
	s := start(t)
	token := s.auth.Token("nobody")
	for _, r := range []request{
		{method: http.MethodGet, path: "/auth/me"},
		{method: http.MethodPatch, path: "/auth/me", body: `{"name":"x"}`},
		{method: http.MethodDelete, path: "/auth/me", body: object("current_password", password)},
		{method: http.MethodPost, path: "/auth/password", body: object("current_password", password, "new_password", password+"!")},
	} {
		r.token = token
		a := s.send(r)
		a.expectProblem(http.StatusUnauthorized, "invalid_token")
		const challenge = `Bearer realm="api", error="invalid_token", error_description="The access token's account is gone."`
		if got := a.header.Get("WWW-Authenticate"); got != challenge {
			t.Errorf("%s %s: challenge %s", r.method, r.path, got)
		}
	}
	if list := s.sessions(token); len(list) != 0 {
		t.Errorf("sessions %v", list)
	}
}

func TestChangePassword(t *testing.T) {
	t.Parallel()
	s := start(t)
	first, second := s.signUp(), s.signIn()
	const other = "staple battery horse"
	s.secrets.add(other)
	change := func(current, next string) answer {
		t.Helper()
		return s.post("/auth/password", object("current_password", current, "new_password", next), first.AccessToken)
	}
	change("not this one", other).expectProblem(http.StatusUnauthorized, "invalid_credentials")
	change(password, "short").expectProblem(http.StatusUnprocessableEntity, "validation_failed").expectFields(t, "/new_password too_short")
	change(password, "password1").expectProblem(http.StatusUnprocessableEntity, "validation_failed").
		expectFields(t, "/new_password too_common")
	change(password, other).expect(http.StatusNoContent)

	s.get("/auth/me", first.AccessToken).expect(http.StatusOK)
	s.get("/auth/me", second.AccessToken).expectProblem(http.StatusUnauthorized, "invalid_token")
	s.post("/auth/refresh", object("refresh_token", second.RefreshToken), "").expectProblem(http.StatusBadRequest, "invalid_grant")
	s.post("/auth/login", object("email", email, "password", password), "").expectProblem(http.StatusUnauthorized, "invalid_credentials")
	s.post("/auth/login", object("email", email, "password", other), "").expect(http.StatusOK)
}

type device struct {
	ID        string    `json:"id"`
	CreatedAt time.Time `json:"created_at"`
	UsedAt    time.Time `json:"used_at"`
	ExpiresAt time.Time `json:"expires_at"`
	Address   string    `json:"address"`
	UserAgent string    `json:"user_agent"`
	Strategy  string    `json:"strategy"`
	Current   bool      `json:"current"`
}

func (s *server) sessions(token string) []device {
	s.t.Helper()
	var list struct {
		Sessions []device `json:"sessions"`
	}
	s.get("/auth/sessions", token).expect(http.StatusOK).decode(&list)
	if list.Sessions == nil {
		s.t.Error("sessions is null")
	}
	return list.Sessions
}

func TestSessions(t *testing.T) {
	t.Parallel()
	s := start(t)
	first := s.signUp()
	s.auth.Advance(time.Second)
	second := s.send(request{
		method: http.MethodPost, path: "/auth/login", body: object("email", email, "password", password),
		header: http.Header{"User-Agent": {"Second/2.0"}},
	}).expect(http.StatusOK).tokens()
	list := s.sessions(second.AccessToken)
	if len(list) != 2 || list[0].ID != second.SessionID || list[1].ID != first.SessionID {
		t.Fatalf("sessions %+v", list)
	}
	now := s.auth.Now()
	want := device{
		ID: second.SessionID, CreatedAt: now, UsedAt: now, ExpiresAt: now.Add(jeton.DefaultIdleTimeout),
		Address: "127.0.0.1", UserAgent: "Second/2.0", Strategy: "local", Current: true,
	}
	if list[0] != want {
		t.Errorf("session %+v, want %+v", list[0], want)
	}
	if list[1].Current {
		t.Error("two sessions are the current one")
	}

	eve := s.post("/auth/signup", object("email", "eve@example.com", "password", password), "").expect(http.StatusCreated).tokens()
	end := func(id, token string) answer {
		t.Helper()
		return s.send(request{method: http.MethodDelete, path: "/auth/sessions/" + id, token: token})
	}
	end(first.SessionID, eve.AccessToken).expectProblem(http.StatusNotFound, "not_found")
	end("nonsense%2F..", second.AccessToken).expectProblem(http.StatusNotFound, "not_found")
	s.get("/auth/me", first.AccessToken).expect(http.StatusOK)
	end(first.SessionID, second.AccessToken).expect(http.StatusNoContent)
	end(first.SessionID, second.AccessToken).expectProblem(http.StatusNotFound, "not_found")
	s.get("/auth/me", first.AccessToken).expectProblem(http.StatusUnauthorized, "invalid_token")
	if list := s.sessions(second.AccessToken); len(list) != 1 {
		t.Errorf("sessions left %+v", list)
	}
}
