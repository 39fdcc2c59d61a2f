package interop_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/jwk"
)

// clientReport is what openid-client.mjs prints.
type clientReport struct {
	Metadata []struct {
		Issuer        string `json:"issuer"`
		Token         string `json:"token_endpoint"`
		Introspection string `json:"introspection_endpoint"`
		Revocation    string `json:"revocation_endpoint"`
		Keys          string `json:"jwks_uri"`
	} `json:"metadata"`
	Tokens []struct {
		AccessToken  string  `json:"access_token"`
		RefreshToken string  `json:"refresh_token"`
		Type         string  `json:"token_type"`
		ExpiresIn    int     `json:"expires_in"`
		Scope        *string `json:"scope"`
	} `json:"tokens"`
	Active struct {
		Active    bool     `json:"active"`
		Issuer    string   `json:"iss"`
		Subject   string   `json:"sub"`
		Session   string   `json:"sid"`
		ClientID  string   `json:"client_id"`
		Audience  []string `json:"aud"`
		ExpiresAt int64    `json:"exp"`
		IssuedAt  int64    `json:"iat"`
	} `json:"active"`
	Refresh struct {
		Active   bool   `json:"active"`
		Type     string `json:"token_type"`
		Subject  string `json:"sub"`
		Session  string `json:"sid"`
		ClientID string `json:"client_id"`
	} `json:"refresh"`
	Inactive []json.RawMessage `json:"inactive"`
	Refused  map[string]struct {
		Code    string `json:"code"`
		Message string `json:"message"`
		Error   string `json:"error"`
		Status  int    `json:"status"`
	} `json:"refused"`
}

// A ready-made client is given the issuer's URL, whether it has a path or not, and finds its way.
func TestReadyMadeClient(t *testing.T) {
	t.Parallel()
	node := findNode(t)
	for name, path := range map[string]string{"an issuer without a path": "", "an issuer with a path": "/auth-server"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			issuer, auth := serve(t, jwk.ES256, path)
			secret, err := auth.AddServiceClient(t.Context(), "news", []string{jeton.ScopeIntrospect})
			if err != nil {
				t.Fatal(err)
			}
			signedUp := postSignUp(t, issuer)
			var got clientReport
			runScript(t, node, "openid-client.mjs", &got,
				"JETON_ISSUER="+issuer, "JETON_REFRESH_TOKEN="+signedUp.RefreshToken, "JETON_CLIENT=news", "JETON_SECRET="+secret)
			got.checkMetadata(t, issuer)
			got.checkTokens(t, signedUp)
			got.checkIntrospection(t, issuer, signedUp)
			got.checkRefusals(t)
		})
	}
}

func (r clientReport) checkMetadata(t *testing.T, issuer string) {
	t.Helper()
	if len(r.Metadata) != 2 {
		t.Fatalf("%d documents", len(r.Metadata))
	}
	for _, m := range r.Metadata {
		if m.Issuer != issuer || m.Token != issuer+"/oauth/token" || m.Introspection != issuer+"/oauth/introspect" ||
			m.Revocation != issuer+"/oauth/revoke" || m.Keys != issuer+"/.well-known/jwks.json" {
			t.Errorf("metadata %+v", m)
		}
	}
}

func (r clientReport) checkTokens(t *testing.T, signedUp grant) {
	t.Helper()
	if len(r.Tokens) != 3 {
		t.Fatalf("%d token responses", len(r.Tokens))
	}
	before := signedUp.RefreshToken
	for i, tokens := range r.Tokens {
		if tokens.RefreshToken == before || tokens.AccessToken == "" || !strings.EqualFold(tokens.Type, "Bearer") || tokens.ExpiresIn != 900 {
			t.Errorf("token response %d: %+v", i, tokens)
		}
		before = tokens.RefreshToken
	}
}

func (r clientReport) checkIntrospection(t *testing.T, issuer string, signedUp grant) {
	t.Helper()
	a := r.Active
	if !a.Active || a.Issuer != issuer || a.Subject != signedUp.User.ID || a.Session != signedUp.SessionID || a.ClientID == "" ||
		len(a.Audience) != 1 || a.Audience[0] != issuer || a.ExpiresAt != a.IssuedAt+900 {
		t.Errorf("introspected %+v", a)
	}
	if b := r.Refresh; !b.Active || b.Type != "refresh_token" || b.Subject != signedUp.User.ID || b.Session != signedUp.SessionID || b.ClientID == "" {
		t.Errorf("introspected the refresh token as %+v", b)
	}
	if len(r.Inactive) != 2 {
		t.Fatalf("%d inactive ones", len(r.Inactive))
	}
	for _, text := range r.Inactive {
		if string(text) != `{"active":false}` {
			t.Errorf("introspected %s", text)
		}
	}
}

func (r clientReport) checkRefusals(t *testing.T) {
	t.Helper()
	want := map[string]struct {
		code, problem string
		status        int
	}{
		"introspection by a stranger":    {"OAUTH_WWW_AUTHENTICATE_CHALLENGE", "", http.StatusUnauthorized},
		"refresh with a secret":          {"OAUTH_WWW_AUTHENTICATE_CHALLENGE", "", http.StatusUnauthorized},
		"refresh for more than there is": {"OAUTH_RESPONSE_BODY_ERROR", "invalid_scope", http.StatusBadRequest},
		"refresh after revocation":       {"OAUTH_RESPONSE_BODY_ERROR", "invalid_grant", http.StatusBadRequest},
	}
	for what, w := range want {
		if got := r.Refused[what]; got.Code != w.code || got.Error != w.problem || got.Status != w.status {
			t.Errorf("%s: refused with %+v, want %+v", what, got, w)
		}
	}
	if len(r.Refused) != len(want) {
		t.Errorf("%d refusals, want %d", len(r.Refused), len(want))
	}
}
