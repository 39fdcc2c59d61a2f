// Package interop_test has jeton used by JavaScript libraries that other people wrote: its access tokens are read by jose, and by
// oauth4webapi's validation after RFC 9068; openid-client finds its metadata, refreshes, introspects and revokes. They do so as
// front ends and resource servers would, over HTTP.
package interop_test

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/api"
	"github.com/jetonauth/jeton/jwk"
	"github.com/jetonauth/jeton/store/memory"
)

// patience is how long a script or a request may take on a busy machine.
const patience = time.Minute

// scripts and what each must refuse, with the code by which the library says why.
var scripts = map[string]map[string]string{
	"jose.mjs": {
		"another signature": "ERR_JWS_SIGNATURE_VERIFICATION_FAILED",
		"another subject":   "ERR_JWS_SIGNATURE_VERIFICATION_FAILED",
		"another audience":  "ERR_JWT_CLAIM_VALIDATION_FAILED",
		"another issuer":    "ERR_JWT_CLAIM_VALIDATION_FAILED",
		"another type":      "ERR_JWT_CLAIM_VALIDATION_FAILED",
		"another algorithm": "ERR_JOSE_ALG_NOT_ALLOWED",
		"after it expired":  "ERR_JWT_EXPIRED",
	},
	"oauth4webapi.mjs": {
		"another signature": "OAUTH_INVALID_RESPONSE",
		"another subject":   "OAUTH_INVALID_RESPONSE",
		"another audience":  "OAUTH_JWT_CLAIM_COMPARISON_FAILED",
		"another issuer":    "OAUTH_JWT_CLAIM_COMPARISON_FAILED",
		"after it expired":  "OAUTH_JWT_TIMESTAMP_CHECK_FAILED",
	},
}

func TestTokensAreReadByOthers(t *testing.T) {
	t.Parallel()
	node := findNode(t)
	for _, algorithm := range []jwk.Algorithm{jwk.ES256, jwk.ES384, jwk.ES512, jwk.RS256, jwk.PS256, jwk.EdDSA} {
		t.Run(string(algorithm), func(t *testing.T) {
			t.Parallel()
			account := signUp(t, algorithm)
			for _, script := range slices.Sorted(maps.Keys(scripts)) {
				t.Run(script, func(t *testing.T) {
					t.Parallel()
					check(t, node, script, account)
				})
			}
		})
	}
}

// An account is somebody who signed up, and the token that this gave.
type account struct {
	issuer, subject, token string
	algorithm              jwk.Algorithm
}

// A report is what a script prints.
type report struct {
	Header struct {
		Algorithm jwk.Algorithm `json:"alg"`
		Type      string        `json:"typ"`
	} `json:"header"`
	Claims struct {
		Subject  string `json:"sub"`
		ClientID string `json:"client_id"`
	} `json:"claims"`
	Refused map[string]struct {
		Code    string `json:"code"`
		Message string `json:"message"`
	} `json:"refused"`
}

// check runs a script over an account's token, and compares what it says.
func check(t *testing.T, node, script string, a account) {
	t.Helper()
	got := run(t, node, script, a)
	if got.Claims.Subject != a.subject || got.Claims.ClientID == "" {
		t.Errorf("claims %+v, want sub %s and a client_id", got.Claims, a.subject)
	}
	if script == "jose.mjs" && (got.Header.Algorithm != a.algorithm || got.Header.Type != "at+jwt") {
		t.Errorf("header %+v, want alg %s and typ at+jwt", got.Header, a.algorithm)
	}
	for what, code := range scripts[script] {
		if refused := got.Refused[what]; refused.Code != code {
			t.Errorf("%s: refused with %q (%s), want %q", what, refused.Code, refused.Message, code)
		}
	}
	if len(got.Refused) != len(scripts[script]) {
		t.Errorf("%d refusals, want %d: %v", len(got.Refused), len(scripts[script]), got.Refused)
	}
}

func run(t *testing.T, node, script string, a account) (r report) {
	t.Helper()
	runScript(t, node, script, &r,
		"JETON_ISSUER="+a.issuer,
		"JETON_JWKS_URL="+a.issuer+"/.well-known/jwks.json",
		"JETON_AUDIENCE="+a.issuer,
		"JETON_TOKEN="+a.token,
	)
	return r
}

// runScript runs a script with these variables, and decodes what it prints.
func runScript(t *testing.T, node, script string, into any, variables ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	command := exec.CommandContext(ctx, node, script)
	command.WaitDelay = time.Second
	command.Env = append(os.Environ(), variables...)
	var problems bytes.Buffer
	command.Stderr = &problems
	out, err := command.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s", script, err, problems.Bytes())
	}
	if err := json.Unmarshal(out, into); err != nil {
		t.Fatalf("%s printed %q: %v", script, out, err)
	}
}

// findNode returns the node program. Without it, or without the libraries, the test is left out; not where nothing
// may be.
func findNode(t *testing.T) string {
	t.Helper()
	leaveOut := t.Skipf
	if os.Getenv("JETON_TEST_COMPLETE") == "1" {
		leaveOut = t.Fatalf
	}
	node, err := exec.LookPath("node")
	if err != nil {
		leaveOut("no Node.js: %v", err)
	}
	if _, err := os.Stat("node_modules/.package-lock.json"); err != nil {
		leaveOut("the libraries are not there; run `npm ci` in test/interop: %v", err)
	}
	return node
}

// signUp serves jeton's API, with keys of an algorithm, and signs somebody up.
func signUp(t *testing.T, algorithm jwk.Algorithm) account {
	t.Helper()
	issuer, _ := serve(t, algorithm, "")
	signedUp := postSignUp(t, issuer)
	return account{issuer: issuer, subject: signedUp.User.ID, token: signedUp.AccessToken, algorithm: algorithm}
}

// grant is what a sign-up gives.
type grant struct {
	AccessToken  string `json:"access_token"`
	RefreshToken string `json:"refresh_token"`
	SessionID    string `json:"session_id"`
	User         struct {
		ID string `json:"id"`
	} `json:"user"`
}

func postSignUp(t *testing.T, issuer string) (given grant) {
	t.Helper()
	body := `{"email":"ada@example.com","password":"correct horse battery staple"}`
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, issuer+"/auth/signup", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	client := http.Client{Timeout: patience}
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if err := json.NewDecoder(response.Body).Decode(&given); err != nil || response.StatusCode != http.StatusCreated {
		t.Fatalf("POST /auth/signup: %s, %v", response.Status, err)
	}
	return given
}

// serve mounts jeton's API on a free port of loopback until the test ends, and returns its issuer, which is its URL and path.
func serve(t *testing.T, algorithm jwk.Algorithm, path string) (issuer string, auth *jeton.Auth) {
	t.Helper()
	mux := http.NewServeMux()
	server := httptest.NewUnstartedServer(mux)
	t.Cleanup(server.Close)
	issuer = "http://" + server.Listener.Addr().String() + path

	key, err := jwk.Generate(algorithm)
	if err != nil {
		t.Fatal(err)
	}
	auth, err = jeton.New(jeton.Config{Issuer: issuer, Keys: jwk.Static(key), Store: memory.New()})
	if err != nil {
		t.Fatal(err)
	}
	operations := http.NewServeMux()
	api.Mount(operations, auth)
	mux.Handle(path+"/", http.StripPrefix(path, operations))
	if path != "" {
		mux.Handle("/.well-known/", operations)
	}
	server.Start()
	return issuer, auth
}
