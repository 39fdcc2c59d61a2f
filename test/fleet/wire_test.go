package fleet_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// giveUp is how long a client waits for an answer before it asks somebody else.
const giveUp = 5 * time.Second

// client is what sends all requests.
var client = &http.Client{
	Transport: &http.Transport{MaxIdleConns: 500, MaxIdleConnsPerHost: 100, IdleConnTimeout: time.Minute},
	Timeout:   giveUp,
}

// call is one request.
type call struct {
	method, path string
	token        string // an access token
	body         string // JSON
	form         url.Values
	user, secret string // of a service client
}

// answer is what came back, if anything did.
type answer struct {
	status       int
	header       http.Header
	text         string
	err          error // there is no answer
	began, ended time.Time
}

func (a answer) String() string {
	if a.err != nil {
		return a.err.Error()
	}
	return fmt.Sprintf("%d %.300s", a.status, a.text)
}

// unavailable reports that the server says it cannot now. Without saying when to ask again, it does not count.
func (a answer) unavailable() bool {
	return a.err == nil && a.status == http.StatusServiceUnavailable && a.header.Get("Retry-After") != ""
}

// decode fills in what the answer says.
func (a answer) decode(into any) error {
	if a.err != nil {
		return a.err
	}
	return json.Unmarshal([]byte(a.text), into)
}

// send sends a request to the server at an address.
func (c call) send(ctx context.Context, address string) (a answer) {
	a.began = time.Now()
	defer func() { a.ended = time.Now() }()
	if address == "" {
		a.err = errNotRunning
		return a
	}
	body, kind := c.body, "application/json"
	if c.form != nil {
		body, kind = c.form.Encode(), "application/x-www-form-urlencoded"
	}
	request, err := http.NewRequestWithContext(ctx, c.method, address+c.path, strings.NewReader(body))
	if err != nil {
		a.err = err
		return a
	}
	if body != "" {
		request.Header.Set("Content-Type", kind)
	}
	if c.token != "" {
		request.Header.Set("Authorization", "Bearer "+c.token)
	}
	if c.user != "" {
		request.SetBasicAuth(c.user, c.secret)
	}
	response, err := client.Do(request)
	if err != nil {
		a.err = err
		return a
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	a.status, a.header, a.text, a.err = response.StatusCode, response.Header, string(text), err
	return a
}

var errNotRunning = fmt.Errorf("it does not run")

// password is everybody's.
const password = "correct horse battery staple"

// grant is what signing up, signing in and refreshing give.
type grant struct {
	Access  string `json:"access_token"`
	Refresh string `json:"refresh_token"`
	Session string `json:"session_id"`
}

func post(path string, body map[string]string) call {
	text, _ := json.Marshal(body) // strings do not fail
	return call{method: http.MethodPost, path: path, body: string(text)}
}

func get(path, token string) call { return call{method: http.MethodGet, path: path, token: token} }

func signUp(email string) call {
	return post("/auth/signup", map[string]string{"email": email, "password": password})
}

func signIn(email string) call {
	return post("/auth/login", map[string]string{"email": email, "password": password})
}

func refresh(token string) call {
	return post("/auth/refresh", map[string]string{"refresh_token": token})
}

func signOutBy(refreshToken string) call {
	return post("/auth/logout", map[string]string{"refresh_token": refreshToken})
}

// verify is the protected operation that asks the least of the store: of a token's account and session, nothing.
func verify(access string) call { return get("/auth/verify", access) }
