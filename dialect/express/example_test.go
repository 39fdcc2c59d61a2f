package express_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/dialect/express"
	"github.com/jetonauth/jeton/guard"
	"github.com/jetonauth/jeton/jwk"
	"github.com/jetonauth/jeton/jwt"
	"github.com/jetonauth/jeton/store/memory"
)

// newService is an application's service, with one account.
func newService() *jeton.Auth {
	key, err := jwk.Generate(jwk.ES256)
	if err != nil {
		panic(err)
	}
	shared, err := jwk.Generate(jwk.HS256) // an application has jwk.FromSecret(jwk.HS256, …)
	if err != nil {
		panic(err)
	}
	auth, err := jeton.New(jeton.Config{
		Issuer: "https://api.example.com", Keys: jwk.Static(key), Store: memory.New(), Audit: func(context.Context, jeton.Event) {},
		Profiles: []jeton.Profile{express.Profile("https://api.example.com", jwk.Static(shared))},
		Claims:   express.UserClaim(express.ProfileName, nil),
	})
	if err != nil {
		panic(err)
	}
	_, err = auth.CreateUser(context.Background(), jeton.NewUser{Email: "ada@example.com", Password: "correct horse battery", Name: "Ada"})
	if err != nil {
		panic(err)
	}
	return auth
}

// send sends a request to h, with a token unless it is empty.
func send(h http.Handler, method, path, token, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func ExampleNew() {
	app, err := express.New(express.Config{Auth: newService()})
	if err != nil {
		fmt.Println(err)
		return
	}
	mux := http.NewServeMux()
	app.Mount(mux) // POST /token

	var got struct {
		User  express.User
		Token string
	}
	w := send(mux, http.MethodPost, "/token", "", `{"email":"ada@example.com","password":"correct horse battery"}`)
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(w.Code, got.User.Email, got.Token != "")
	w = send(mux, http.MethodPost, "/token", "", `{"email":"ada@example.com","password":"wrong"}`)
	fmt.Println(w.Code, w.Body)
	w = send(mux, http.MethodPost, "/token", "", `{"email":"ada@example.com"}`)
	fmt.Println(w.Code, w.Body)
	// Output:
	// 200 ada@example.com true
	// 401 {"status":"Invalid email or password."}
	// 400 {"status":"The field password is missing."}
}

func ExampleApp_Guard() {
	app, err := express.New(express.Config{Auth: newService()})
	if err != nil {
		fmt.Println(err)
		return
	}
	mux := http.NewServeMux()
	app.Mount(mux)
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "for everybody") })
	private := http.NewServeMux()
	private.HandleFunc("GET /me", func(w http.ResponseWriter, r *http.Request) {
		me, _ := express.UserOf[express.User](r.Context())
		fmt.Fprint(w, "for ", me.Name)
	})
	mux.Handle("/", app.Guard(private)) // whatever the mux has no other pattern for

	var got struct{ Token string }
	w := send(mux, http.MethodPost, "/token", "", `{"email":"ada@example.com","password":"correct horse battery"}`)
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(send(mux, http.MethodGet, "/", "", "").Body)
	fmt.Println(send(mux, http.MethodGet, "/me", got.Token, "").Body)
	fmt.Println(send(mux, http.MethodGet, "/me", "", "").Body)
	fmt.Println(send(mux, http.MethodGet, "/nowhere", "", "").Code, send(mux, http.MethodGet, "/nowhere", got.Token, "").Code)
	// Output:
	// for everybody
	// for Ada
	// {"status":"No authorization token was found"}
	// 401 404
}

// tokenOf is a token of another service that has the same secret.
func tokenOf(key *jwk.Key, extra map[string]any) string {
	token, err := jwt.Sign(key, "JWT", jwt.Claims{Subject: "1", ExpiresAt: time.Now().Add(time.Hour), Extra: extra})
	if err != nil {
		panic(err)
	}
	return token
}

func ExampleJWT() {
	const secret = "b3RoZXIgYnl0ZXMgZm9yIGV2ZXJ5IHRlc3QgaGVyZSE="
	signedIn, err := express.JWT(express.Options{
		Secret: express.Secret(secret),
		Verify: express.VerifyOptions{Algorithms: []jwk.Algorithm{jwk.HS256}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	h := signedIn(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if express.Claims(r.Context())["admin"] != true {
			w.WriteHeader(http.StatusForbidden)
		}
	}))
	key, err := jwk.FromSecret(jwk.HS256, []byte(secret))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(send(h, http.MethodGet, "/", tokenOf(key, map[string]any{"admin": true}), "").Code)
	fmt.Println(send(h, http.MethodGet, "/", tokenOf(key, nil), "").Code)
	fmt.Println(send(h, http.MethodGet, "/", "forged", "").Body)
	// Output:
	// 200
	// 403
	// {"status":"jwt malformed"}
}

func ExampleKeyFunc() {
	tenants := map[string]*jwk.Key{}
	signedIn, err := express.JWT(express.Options{
		SecretFunc: func(_ context.Context, _ jwt.Header, payload map[string]any) (*jwk.Key, error) {
			issuer, _ := payload["iss"].(string)
			if key, ok := tenants[issuer]; ok {
				return key, nil
			}
			return nil, &express.UnauthorizedError{Code: "missing_secret", Message: "There is no such tenant."}
		},
		Verify: express.VerifyOptions{Algorithms: []jwk.Algorithm{jwk.HS256}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	key, err := jwk.Generate(jwk.HS256)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(send(signedIn(http.NotFoundHandler()), http.MethodGet, "/", tokenOf(key, nil), "").Body)
	// Output: {"status":"There is no such tenant."}
}

func ExampleUnauthorizedError() {
	key, err := jwk.Generate(jwk.ES256)
	if err != nil {
		fmt.Println(err)
		return
	}
	signedIn, err := express.JWT(express.Options{
		SecretFunc: func(context.Context, jwt.Header, map[string]any) (*jwk.Key, error) { return key, nil },
		Verify:     express.VerifyOptions{Algorithms: []jwk.Algorithm{jwk.ES256}},
		Unauthorized: func(err *express.UnauthorizedError) guard.Answer {
			return guard.Answer{Status: http.StatusUnauthorized, Body: []byte("invalid token... " + err.Code)}
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(send(signedIn(http.NotFoundHandler()), http.MethodGet, "/", "", "").Body)
	// Output: invalid token... credentials_required
}

func ExampleClaims() {
	key, err := jwk.Generate(jwk.ES256)
	if err != nil {
		fmt.Println(err)
		return
	}
	whoever, err := express.JWT(express.Options{
		SecretFunc:          func(context.Context, jwt.Header, map[string]any) (*jwk.Key, error) { return key, nil },
		Verify:              express.VerifyOptions{Algorithms: []jwk.Algorithm{jwk.ES256}},
		CredentialsOptional: true,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	h := whoever(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, express.Claims(r.Context())["level"]) // nil without a token
	}))
	fmt.Println(send(h, http.MethodGet, "/", tokenOf(key, map[string]any{"level": 7}), "").Body)
	fmt.Println(send(h, http.MethodGet, "/", "", "").Body)
	// Output:
	// 7
	// <nil>
}
