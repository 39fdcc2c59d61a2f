package main

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

const account = `{"email": "ada@example.com", "password": "correct horse battery"}`

// tokens is what the answers to a sign-up, a sign-in and a refresh have in common.
type tokens struct {
	Access  string `json:"access_token"`
	Refresh string `json:"refresh_token"`
}

// start runs what main runs, on a port of its own.
func start(t *testing.T) (url string) {
	t.Helper()
	server := httptest.NewUnstartedServer(nil)
	url = "http://" + server.Listener.Addr().String()
	routes, err := handler(url)
	if err != nil {
		t.Fatal(err)
	}
	server.Config.Handler = routes
	server.Start()
	t.Cleanup(server.Close)
	return url
}

// call sends a request, fails the test unless the answer has this status, and returns the answer.
func call(t *testing.T, method, url, token, body string, status int) (http.Header, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	client := http.Client{Timeout: 30 * time.Second}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode != status {
		t.Fatalf("%s %s: %d %s, want %d", method, url, resp.StatusCode, text, status)
	}
	return resp.Header, string(text)
}

func decode[T any](t *testing.T, text string) (value T) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return value
}

func TestQuickstart(t *testing.T) {
	t.Parallel()
	url := start(t)
	header, _ := call(t, "GET", url+"/news", "", "", http.StatusUnauthorized)
	if got := header.Get("WWW-Authenticate"); got != `Bearer realm="api"` {
		t.Errorf("WWW-Authenticate: %q", got)
	}

	_, text := call(t, "POST", url+"/auth/signup", "", account, http.StatusCreated)
	signedUp := decode[struct {
		tokens
		User struct{ ID string } `json:"user"`
	}](t, text)
	payload, err := base64.RawURLEncoding.DecodeString(strings.Split(signedUp.Access, ".")[1])
	if err != nil || !strings.Contains(string(payload), `"iss":"`+url+`"`) {
		t.Errorf("claims are %s, %v", payload, err)
	}
	_, news := call(t, "GET", url+"/news", signedUp.Access, "", http.StatusOK)
	if want := "No news for " + signedUp.User.ID + ".\n"; news != want {
		t.Errorf("news are %q, want %q", news, want)
	}

	call(t, "POST", url+"/auth/login", "", `{"email": "ada@example.com", "password": "wrong horse battery"}`, http.StatusUnauthorized)
	_, text = call(t, "POST", url+"/auth/login", "", account, http.StatusOK)
	signedIn := decode[tokens](t, text)
	call(t, "GET", url+"/news", signedIn.Access, "", http.StatusOK)

	_, text = call(t, "POST", url+"/auth/refresh", "", `{"refresh_token": "`+signedIn.Refresh+`"}`, http.StatusOK)
	refreshed := decode[tokens](t, text)
	if refreshed.Refresh == signedIn.Refresh || refreshed.Access == signedIn.Access {
		t.Error("refreshing gave the same tokens")
	}
	call(t, "GET", url+"/news", refreshed.Access, "", http.StatusOK)

	call(t, "POST", url+"/auth/logout", refreshed.Access, "", http.StatusNoContent)
	header, text = call(t, "GET", url+"/news", refreshed.Access, "", http.StatusUnauthorized)
	if got := header.Get("WWW-Authenticate"); !strings.Contains(got, `error="invalid_token"`) || !strings.Contains(text, "invalid_token") {
		t.Errorf("after signing out: %q, %s", got, text)
	}
	call(t, "POST", url+"/auth/refresh", "", `{"refresh_token": "`+refreshed.Refresh+`"}`, http.StatusBadRequest)
	call(t, "GET", url+"/news", signedUp.Access, "", http.StatusOK) // another session
}

func TestTamperedToken(t *testing.T) {
	t.Parallel()
	url := start(t)
	_, text := call(t, "POST", url+"/auth/signup", "", account, http.StatusCreated)
	token := decode[tokens](t, text).Access
	header, payload, _ := strings.Cut(token, ".")
	payload, signature, _ := strings.Cut(payload, ".")
	_, another := call(t, "POST", url+"/auth/signup", "", strings.Replace(account, "ada", "bob", 1), http.StatusCreated)
	bobs := strings.Split(decode[tokens](t, another).Access, ".")
	for name, bad := range map[string]string{
		"cut off":            token[:len(token)-1],
		"somebody else's":    header + "." + bobs[1] + "." + signature,
		"no signature":       header + "." + payload + ".",
		"the algorithm none": "eyJhbGciOiJub25lIn0." + payload + ".",
		"no token":           "x",
	} {
		if _, text := call(t, "GET", url+"/news", bad, "", http.StatusUnauthorized); !strings.Contains(text, "invalid_token") {
			t.Errorf("%s: %s", name, text)
		}
	}
}
