package api_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/api"
	"github.com/jetonauth/jeton/jetontest"
)

func TestConfig(t *testing.T) {
	t.Parallel()
	auth := jetontest.New(t).Auth
	for want, cfg := range map[string]api.Config{
		"Config.Auth":           {},
		"Config.MaxBody":        {Auth: auth, MaxBody: -1},
		"Config.TrustedProxies": {Auth: auth, TrustedProxies: []netip.Prefix{{}}},
	} {
		a, err := api.New(cfg)
		if a != nil || err == nil || !strings.HasPrefix(err.Error(), "api: "+want+": ") {
			t.Errorf("%s: %v", want, err)
		}
	}
}

func TestMountWithoutAuth(t *testing.T) {
	t.Parallel()
	defer func() {
		if reason := fmt.Sprint(recover()); !strings.Contains(reason, "Config.Auth") {
			t.Errorf("panic: %v", reason)
		}
	}()
	api.Mount(http.NewServeMux(), nil)
}

func TestMaxBody(t *testing.T) {
	t.Parallel()
	body := object("email", email, "password", password)
	s := start(t, func(_ *jeton.Config, c *api.Config) { c.MaxBody = int64(len(body)) })
	s.post("/auth/signup", body+" ", "").expectProblem(http.StatusRequestEntityTooLarge, "body_too_large")
	s.post("/auth/signup", body, "").expect(http.StatusCreated)
}

// What holds a password or a token shows it to nobody.
func TestRedaction(t *testing.T) {
	t.Parallel()
	const hidden = "hunter2hunter2"
	var logged strings.Builder
	logger := slog.New(slog.NewJSONHandler(&logged, nil))
	for _, value := range []any{
		api.Secret(hidden),
		api.SignUpBody{Password: hidden},
		&api.SignUpBody{Password: hidden},
		api.TokenBody{RefreshToken: hidden, ClientSecret: hidden},
		api.RevocationBody{Token: hidden},
		&api.IntrospectionBody{Token: hidden},
		[]api.Secret{hidden},
		api.Tokens{AccessToken: hidden, RefreshToken: hidden},
		&api.Tokens{AccessToken: hidden},
		api.CookieGrant{CSRFToken: hidden},
		&api.CookieGrant{CSRFToken: hidden},
		api.GrantedTokens(api.Tokens{AccessToken: hidden, RefreshToken: hidden}),
		api.GrantedCookies(api.CookieGrant{CSRFToken: hidden}),
	} {
		text := fmt.Sprintf("%v %+v %#v %s", value, value, value, value)
		logger.Info("a value", "value", value)
		inJSON, err := json.Marshal(value)
		if err == nil && !strings.Contains(string(inJSON), `"session_id"`) { // an answer is written to the client
			text += string(inJSON)
		}
		if text += logged.String(); strings.Contains(text, hidden) {
			t.Errorf("%T: %s", value, text)
		}
	}
}
