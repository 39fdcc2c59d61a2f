package main

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// decode reads a JSON object.
func decode(t *testing.T, text string) map[string]any {
	t.Helper()
	var object map[string]any
	if err := json.Unmarshal([]byte(text), &object); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return object
}

// claims reads the claims of a token, unchecked.
func claims(t *testing.T, token string) map[string]any {
	t.Helper()
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		t.Fatalf("%q is no token", token)
	}
	text, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		t.Fatal(err)
	}
	return decode(t, string(text))
}

func TestTheEnvironmentIsDone(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "data")
	p := launchWith(t, []string{
		"JETON_LISTEN=127.0.0.1:0", "JETON_DATA=" + data, "JETON_ISSUER=https://auth.example.com", "JETON_ACCESS_TTL=7m",
		"JETON_REUSE_INTERVAL=0s", "JETON_LIMITS=off", "JETON_TRUSTED_PROXIES=10.0.0.0/8,127.0.0.0/8",
		"JETON_MASTER_KEY=" + hex.EncodeToString([]byte("0123456789abcdefghijklmnopqrstuv")),
	})
	defer p.kill()
	if strings.HasSuffix(p.url, ":8080") {
		t.Error("JETON_LISTEN: it listens on the default port")
	}
	if _, err := os.Stat(filepath.Join(data, "jeton.db")); err != nil {
		t.Errorf("JETON_DATA: %v", err)
	}
	if _, err := os.Stat(filepath.Join(data, "master.key")); err == nil {
		t.Error("JETON_MASTER_KEY: a master key was made although one was given")
	}
	for range 11 {
		if status, text := p.post("/auth/login", account); status != http.StatusUnauthorized {
			t.Fatalf("JETON_LIMITS: sign in: %d %s", status, text)
		}
	}
	forwarded := http.Header{"Content-Type": {"application/json"}, "X-Forwarded-For": {"203.0.113.5, 10.1.2.3"}}
	status, text := p.send(http.MethodPost, "/auth/signup", forwarded, account)
	if status != http.StatusCreated {
		t.Fatalf("sign up: %d %s", status, text)
	}
	up := decode(t, text)
	if up["expires_in"] != 420.0 {
		t.Errorf("JETON_ACCESS_TTL: expires_in is %v, want 420", up["expires_in"])
	}
	access, _ := up["access_token"].(string)
	if got := claims(t, access)["iss"]; got != "https://auth.example.com" {
		t.Errorf("JETON_ISSUER: the token's issuer is %v", got)
	}
	_, text = p.send(http.MethodGet, "/auth/sessions", http.Header{"Authorization": {"Bearer " + access}}, "")
	if !strings.Contains(text, `"address":"203.0.113.5"`) {
		t.Errorf("JETON_TRUSTED_PROXIES: the sessions are %s", text)
	}
	refresh, _ := up["refresh_token"].(string)
	again := `{"refresh_token":"` + refresh + `"}`
	if status, text = p.post("/auth/refresh", again); status != http.StatusOK {
		t.Errorf("refresh: %d %s", status, text)
	}
	if status, text = p.post("/auth/refresh", again); status != http.StatusBadRequest {
		t.Errorf("JETON_REUSE_INTERVAL: a token that was used at once again: %d %s", status, text)
	}
}

func TestAFlagWinsOverItsVariable(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "flag")
	p := launchWith(t,
		[]string{"JETON_DATA=variable", "JETON_ISSUER=https://variable.example.com", "JETON_ACCESS_TTL=7m", "JETON_LISTEN=127.0.0.1:0"},
		"--data", data, "--issuer", "https://flag.example.com", "--access-ttl", "3m")
	defer p.kill()
	status, text := p.post("/auth/signup", account)
	if status != http.StatusCreated {
		t.Fatalf("sign up: %d %s", status, text)
	}
	up := decode(t, text)
	access, _ := up["access_token"].(string)
	if got := claims(t, access)["iss"]; got != "https://flag.example.com" || up["expires_in"] != 180.0 {
		t.Errorf("issuer %v, expires_in %v; want what the flags say", got, up["expires_in"])
	}
	if _, err := os.Stat(filepath.Join(data, "jeton.db")); err != nil {
		t.Error(err)
	}
}
