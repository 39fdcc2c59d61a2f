package jwt_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jetonauth/jeton/jwk"
	"github.com/jetonauth/jeton/jwt"
)

// foreignTokens have the shapes that other issuers' documentation shows. %d is the time of issue, %s the key's id.
var foreignTokens = []struct {
	name            string
	header, payload string
	unnamed         bool // keys without "alg"
	issuer          string
	audience        []string // none: the issuer writes none into its access tokens
	check           func(*testing.T, *jwt.Token)
}{
	{
		name:   "Auth0",
		header: `{"alg":"RS256","typ":"JWT","kid":"%s"}`,
		payload: `{"iss":"https://tenant.eu.auth0.com/","sub":"auth0|5f7c8ec7c33c6c004bbafe82",
			"aud":["https://api.example","https://tenant.eu.auth0.com/userinfo"],"iat":%[1]d,"exp":%[2]d,
			"azp":"my_client_id","scope":"openid profile read:news","permissions":["read:news"]}`,
		issuer:   "https://tenant.eu.auth0.com/",
		audience: []string{"https://api.example"},
		check: func(t *testing.T, got *jwt.Token) {
			t.Helper()
			wantString(t, got, "azp", "my_client_id")
			wantString(t, got, "scope", "openid profile read:news")
			if permissions, ok := got.StringsClaim("permissions"); !ok || !slices.Equal(permissions, []string{"read:news"}) {
				t.Errorf("permissions %q, %v", permissions, ok)
			}
			if len(got.Audience()) != 2 {
				t.Errorf("aud %q", got.Audience())
			}
		},
	},
	{
		name:   "Keycloak",
		header: `{"alg":"RS256","typ" : "JWT","kid" : "%s"}`,
		payload: `{"exp":%[2]d,"iat":%[1]d,"auth_time":%[1]d,"jti":"onrtac:7d4b","iss":"https://sso.example/realms/demo","aud":"account",
			"sub":"f:1:alice","typ":"Bearer","azp":"web","sid":"a1","acr":"1","allowed-origins":["https://app.example"],
			"realm_access":{"roles":["offline_access","user"]},"resource_access":{"account":{"roles":["view-profile"]}},
			"scope":"openid email","email_verified":false,"preferred_username":"alice"}`,
		issuer:   "https://sso.example/realms/demo",
		audience: []string{"account"},
		check: func(t *testing.T, got *jwt.Token) {
			t.Helper()
			var claims struct {
				RealmAccess struct {
					Roles []string `json:"roles"`
				} `json:"realm_access"`
			}
			if err := got.Claims(&claims); err != nil || !slices.Equal(claims.RealmAccess.Roles, []string{"offline_access", "user"}) {
				t.Errorf("realm_access %+v, %v", claims, err)
			}
			wantString(t, got, "typ", "Bearer") // a claim, not the header's
		},
	},
	{
		name:   "Cognito access token",
		header: `{"kid":"%s","alg":"RS256"}`,
		payload: `{"sub":"aaaaaaaa-bbbb-cccc-dddd-example","device_key":"d","cognito:groups":["testgroup"],"token_use":"access",
			"scope":"aws.cognito.signin.user.admin","auth_time":%[1]d,"iss":"https://cognito-idp.us-east-1.amazonaws.com/us-east-1_example",
			"exp":%[2]d,"iat":%[1]d,"version":2,"jti":"j","client_id":"57cbishk4j24pabc1234567890","username":"janedoe@example.com"}`,
		issuer: "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_example",
		check: func(t *testing.T, got *jwt.Token) {
			t.Helper()
			wantString(t, got, "client_id", "57cbishk4j24pabc1234567890")
			wantString(t, got, "token_use", "access")
			if groups, ok := got.StringsClaim("cognito:groups"); !ok || len(groups) != 1 {
				t.Errorf("groups %q, %v", groups, ok)
			}
			if got.Audience() != nil {
				t.Errorf("aud %q", got.Audience())
			}
		},
	},
	{
		name:   "Entra v2",
		header: `{"typ":"JWT","alg":"RS256","x5t":"nOo3ZDrODXEK1jKWhXslHR_KXEg","kid":"%s"}`,
		payload: `{"aud":"6e74172b-be56-4843-9ff4-e66a39bb12e3","iss":"https://login.microsoftonline.com/72f988bf/v2.0","iat":%[1]d,
			"nbf":%[1]d,"exp":%[2]d,"aio":"AXQAi/8IAAAA","azp":"6e74172b","azpacr":"0","name":"Abe Lincoln","oid":"690222be",
			"preferred_username":"abeli@example.com","rh":"I","scp":"access_as_user","sub":"HKZpfaHyWadeOouYlitjrI","tid":"72f988bf",
			"uti":"fqiBqXLPj0eQa82S-IYFAA","ver":"2.0"}`,
		unnamed:  true,
		issuer:   "https://login.microsoftonline.com/72f988bf/v2.0",
		audience: []string{"6e74172b-be56-4843-9ff4-e66a39bb12e3"},
		check: func(t *testing.T, got *jwt.Token) {
			t.Helper()
			wantString(t, got, "scp", "access_as_user")
			wantString(t, got, "tid", "72f988bf")
		},
	},
	{
		name:   "Firebase",
		header: `{"alg":"RS256","kid":"%s","typ":"JWT"}`,
		payload: `{"name":"Ann","iss":"https://securetoken.google.com/my-project","aud":"my-project","auth_time":%[1]d,"user_id":"u1",
			"sub":"u1","iat":%[1]d,"exp":%[2]d,"email":"ann@example.com","email_verified":true,
			"firebase":{"identities":{"email":["ann@example.com"]},"sign_in_provider":"password"}}`,
		issuer:   "https://securetoken.google.com/my-project",
		audience: []string{"my-project"},
		check: func(t *testing.T, got *jwt.Token) {
			t.Helper()
			if at, ok := got.TimeClaim("auth_time"); !ok || !at.Equal(noon) {
				t.Errorf("auth_time %v, %v", at, ok)
			}
			if _, ok := got.StringClaim("firebase.sign_in_provider"); ok {
				t.Error("a dot was taken for a path")
			}
		},
	},
}

func wantString(t *testing.T, got *jwt.Token, name, want string) {
	t.Helper()
	if value, ok := got.StringClaim(name); !ok || value != want {
		t.Errorf("%s is %q, %v, want %q", name, value, ok, want)
	}
}

func TestForeignTokens(t *testing.T) {
	t.Parallel()
	for _, foreign := range foreignTokens {
		t.Run(foreign.name, func(t *testing.T) {
			t.Parallel()
			k := key(t, jwk.RS256)
			public := k.Public()
			if foreign.unnamed {
				public = withoutAlgorithm(t, k)
			}
			keys := newSet(t, key(t, jwk.ES256).Public(), public)
			payload := fmt.Sprintf(foreign.payload, noon.Unix(), noon.Add(time.Hour).Unix())
			token := forge(t, k, fmt.Sprintf(foreign.header, public.ID()), payload)
			cfg := jwt.VerifierConfig{Issuer: foreign.issuer, Audience: foreign.audience, AnyAudience: foreign.audience == nil, Now: clock}
			got, err := newVerifier(t, cfg).Verify(token, keys)
			if err != nil {
				t.Fatal(err)
			}
			foreign.check(t, got)

			cfg.Audience, cfg.AnyAudience = []string{"not this one"}, false
			refused(t, newVerifier(t, cfg), token, keys, jwt.ErrWrongAudience)
			cfg.Issuer = strings.TrimSuffix(foreign.issuer, "/") + "x"
			refused(t, newVerifier(t, cfg), token, keys, jwt.ErrWrongIssuer)
			cfg.Now = func() time.Time { return noon.Add(2 * time.Hour) }
			refused(t, newVerifier(t, cfg), token, keys, jwt.ErrExpired)
		})
	}
}

// TestMissingSlash has the commonest mistake with Auth0's issuer, which the refusal points out.
func TestMissingSlash(t *testing.T) {
	t.Parallel()
	k := key(t, jwk.HS256)
	token := sign(t, k, "", jwt.Claims{Issuer: issuer + "/", Audience: []string{audience}, ExpiresAt: noon.Add(time.Hour)})
	refusal := refused(t, newVerifier(t, strictConfig()), token, newSet(t, k), jwt.ErrWrongIssuer)
	if !strings.Contains(refusal.Error(), "slash") {
		t.Error(refusal)
	}
}
