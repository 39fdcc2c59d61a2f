package main

import (
	"encoding/base64"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// beside runs a command in a process of its own over the data directory of a running server.
func (p *process) beside(data, stdin string, args ...string) string {
	p.t.Helper()
	cmd := exec.CommandContext(p.t.Context(), os.Args[0], args...)
	cmd.Env = slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "JETON_") })
	cmd.Env = append(cmd.Env, asCommand+"=1", "JETON_DATA="+data, "JETON_ISSUER="+p.url)
	cmd.Dir, cmd.Stdin = p.t.TempDir(), strings.NewReader(stdin)
	var errs strings.Builder
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		p.t.Fatalf("jeton %s: %v\n%s", strings.Join(args, " "), err, &errs)
	}
	return string(out)
}

// becomes waits until a request has a status, and says how long that took since the command before has ended.
func (p *process) becomes(what string, status int, request func() int) {
	p.t.Helper()
	began := time.Now()
	const deadline = 10 * time.Second
	pause := time.NewTicker(5 * time.Millisecond)
	defer pause.Stop()
	got := 0
	for time.Since(began) < deadline {
		if got = request(); got == status {
			took := time.Since(began)
			p.t.Logf("%s: %v after the command", what, took.Round(time.Millisecond))
			if took > 5*time.Second { // a second is what is promised; this machine may be busy
				p.t.Errorf("%s took %v", what, took)
			}
			return
		}
		<-pause.C
	}
	p.t.Errorf("%s: status %d after %v, want %d", what, got, deadline, status)
}

func (p *process) me(token string) int {
	status, _ := p.send(http.MethodGet, "/auth/me", http.Header{"Authorization": {"Bearer " + token}}, "")
	return status
}

func (p *process) logIn() (token string, status int) {
	status, text := p.post("/auth/login", account)
	token, _ = decode(p.t, text)["access_token"].(string)
	return token, status
}

// signIn is logIn for who can.
func (p *process) signIn() string {
	p.t.Helper()
	token, status := p.logIn()
	if status != http.StatusOK || p.me(token) != http.StatusOK {
		p.t.Fatalf("sign in: %d", status)
	}
	return token
}

// TestCommandsBesideARunningServer has the server, in a process of its own, refuse what a command in another one has taken away.
func TestCommandsBesideARunningServer(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "data")
	p := launch(t, "--data", data, "--limits", "off")
	defer p.kill()

	p.beside(data, "correct horse battery\n", "user", "add", "ada@example.com", "--role", "clerk", "--password-stdin")
	token := p.signIn()
	if roles := claims(t, token)["roles"]; len(roles.([]any)) != 1 {
		t.Errorf("the roles are %v", roles)
	}

	p.beside(data, "", "user", "disable", "ada@example.com")
	p.becomes("user disable", http.StatusUnauthorized, func() int { return p.me(token) })
	if _, status := p.logIn(); status != http.StatusUnauthorized {
		t.Errorf("a disabled account signs in: %d", status)
	}
	p.beside(data, "", "user", "enable", "ada@example.com")
	token = p.signIn()

	p.beside(data, "", "user", "roles", "ada@example.com", "--add", "admin")
	p.becomes("user roles", http.StatusUnauthorized, func() int { return p.me(token) })
	if token = p.signIn(); len(claims(t, token)["roles"].([]any)) != 2 {
		t.Errorf("the new role is not there: %v", claims(t, token)["roles"])
	}
	if out := p.beside(data, "", "user", "show", "ada@example.com"); !strings.Contains(out, "SESSIONS  1, last used 2") {
		t.Error(out)
	}

	p.beside(data, "another horse battery\n", "user", "passwd", "ada@example.com", "--password-stdin")
	p.becomes("user passwd", http.StatusUnauthorized, func() int { return p.me(token) })
	if _, status := p.logIn(); status != http.StatusUnauthorized {
		t.Errorf("the old password signs in: %d", status)
	}
	p.beside(data, "correct horse battery\n", "user", "passwd", "ada@example.com", "--password-stdin")

	token = p.signIn()
	kid, _ := header(t, token)["kid"].(string)
	p.beside(data, "", "keys", "revoke", kid, "--yes")
	p.becomes("keys revoke", http.StatusUnauthorized, func() int { return p.me(token) })
	token = p.signIn()
	if header(t, token)["kid"] == kid {
		t.Error("the revoked key signs")
	}
	kid, _ = header(t, token)["kid"].(string)
	p.beside(data, "", "keys", "rotate", "--now")
	p.becomes("keys rotate --now", http.StatusOK, func() int {
		if next, status := p.logIn(); header(t, next)["kid"] != kid {
			return status
		}
		return 0
	})
	if status := p.me(token); status != http.StatusOK {
		t.Errorf("a token of the key that is replaced: %d", status)
	}

	p.beside(data, "", "user", "delete", "ada@example.com", "--yes")
	p.becomes("user delete", http.StatusUnauthorized, func() int { return p.me(token) })
}

func TestClientsBesideARunningServer(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "data")
	p := launch(t, "--data", data)
	defer p.kill()
	secret := strings.TrimSpace(p.beside(data, "", "client", "add", "billing", "--scope", "introspect"))
	token := strings.TrimSpace(p.beside(data, "", "token", "sign", "--subject", "reports", "--ttl", "1h"))
	introspect := func() (int, string) {
		return p.send(http.MethodPost, "/oauth/introspect", http.Header{
			"Authorization": {"Basic " + base64.StdEncoding.EncodeToString([]byte("billing:"+secret))},
			"Content-Type":  {"application/x-www-form-urlencoded"},
		}, "token="+token)
	}
	status, text := introspect()
	if status != http.StatusOK || decode(t, text)["active"] != true || decode(t, text)["sub"] != "reports" {
		t.Fatalf("introspect: %d %s", status, text)
	}
	p.beside(data, "", "client", "remove", "billing")
	p.becomes("client remove", http.StatusUnauthorized, func() int { status, _ := introspect(); return status })
}

// TestTokensOfARunningServer: a server is one issuer among others for whoever only checks.
func TestTokensOfARunningServer(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "data")
	p := launch(t, "--data", data)
	defer p.kill()
	status, text := p.post("/auth/signup", account)
	if status != http.StatusCreated {
		t.Fatalf("sign up: %d %s", status, text)
	}
	token, _ := decode(t, text)["access_token"].(string)
	elsewhere := filepath.Join(t.TempDir(), "elsewhere")
	out := p.beside(elsewhere, token, "token", "verify", "-", "--issuer", p.url, "--audience", p.url)
	if decode(t, out)["iss"] != p.url {
		t.Error(out)
	}
	for _, where := range []string{"--issuer=" + p.url, "--jwks=" + p.url + "/.well-known/jwks.json", "--data=" + data} {
		if out := p.beside(elsewhere, token+"\r\n", "token", "explain", "-", where); !strings.HasPrefix(out, "accepted: expires in 14 minutes\n") {
			t.Errorf("%s: %s", where, out)
		}
	}
	if _, err := os.Stat(elsewhere); err == nil {
		t.Error("a data directory was made")
	}
}

// header reads the header of a token, unchecked.
func header(t *testing.T, token string) map[string]any {
	t.Helper()
	text, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[0])
	if err != nil {
		t.Fatal(err)
	}
	return decode(t, string(text))
}
