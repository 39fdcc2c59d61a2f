package foal_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/dialect/foal"
	"github.com/jetonauth/jeton/guard"
	"github.com/jetonauth/jeton/jwk"
	"github.com/jetonauth/jeton/jwt"
	"github.com/jetonauth/jeton/revoke"
)

// settings are what a Foal configuration had. A program mostly leaves them out and sets SETTINGS_JWT_SECRET_OR_PUBLIC_KEY.
var settings = foal.Settings{Secret: "b3RoZXIgYnl0ZXMgZm9yIGV2ZXJ5IHRlc3QgaGVyZSE=", SecretEncoding: "base64"}

// tokenFor makes a token as a sign-in does.
func tokenFor(subject string) string {
	key, err := settings.SigningKey(jwk.HS256)
	if err != nil {
		panic(err)
	}
	token, err := jwt.Sign(key, "JWT", jwt.Claims{
		Subject: subject, ExpiresAt: time.Now().Add(time.Hour), Extra: map[string]any{"email": "mary@foalts.org"},
	})
	if err != nil {
		panic(err)
	}
	return token
}

// get asks h, with a token unless it is empty.
func get(h http.Handler, path, token string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, path, http.NoBody)
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func ExampleJWTRequired() {
	signedIn, err := foal.JWTRequired(foal.Options{Settings: settings})
	if err != nil {
		fmt.Println(err)
		return
	}
	// Around a mux it is what it was on a controller.
	api := http.NewServeMux()
	api.HandleFunc("GET /products", func(w http.ResponseWriter, r *http.Request) {
		me, _ := jeton.FromContext(r.Context()) // always there behind JWTRequired
		email, _ := me.StringClaim("email")
		fmt.Fprintf(w, "products of %s, %s", me.Subject(), email)
	})
	h := signedIn(api)

	fmt.Println(get(h, "/products", tokenFor("1")).Body)
	fmt.Println(get(h, "/products", "").Body)
	fmt.Println(get(h, "/products", "forged").Header().Get("WWW-Authenticate"))
	// Output:
	// products of 1, mary@foalts.org
	// {"code":"invalid_request","description":"Authorization header not found."}
	// error="invalid_token", error_description="jwt malformed"
}

func ExampleJWTOptional() {
	whoever, err := foal.JWTOptional(foal.Options{Settings: settings})
	if err != nil {
		fmt.Println(err)
		return
	}
	h := whoever(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, ok := jeton.FromContext(r.Context()); ok {
			fmt.Fprint(w, "somebody")
			return
		}
		fmt.Fprint(w, "anybody")
	}))
	fmt.Println(get(h, "/", tokenFor("1")).Body, get(h, "/", "").Body, get(h, "/", "forged").Code)
	// Output: somebody anybody 401
}

func ExampleUsers() {
	type User struct{ Name string }
	users := foal.UsersByNumber(func(_ context.Context, id int64) (*User, error) {
		if id == 1 {
			return &User{"Mary"}, nil
		}
		return nil, jeton.ErrNotFound
	})
	signedIn, err := foal.JWTRequired(foal.Options{Settings: settings, User: users})
	if err != nil {
		fmt.Println(err)
		return
	}
	h := signedIn(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		me, _ := users.From(r.Context()) // a *User
		fmt.Fprint(w, "hello, ", me.Name)
	}))
	fmt.Println(get(h, "/", tokenFor("1")).Body)
	fmt.Println(get(h, "/", tokenFor("2")).Body)
	// Output:
	// hello, Mary
	// {"code":"invalid_token","description":"The token subject does not match any user."}
}

func ExampleKeyFunc() {
	tenants := map[string]*jwk.Key{}
	find := func(_ context.Context, header jwt.Header, payload map[string]any) (*jwk.Key, error) {
		if header.Algorithm != jwk.RS256 {
			return nil, foal.InvalidToken("invalid algorithm")
		}
		issuer, _ := payload["iss"].(string)
		if key, ok := tenants[issuer]; ok {
			return key, nil
		}
		return nil, foal.InvalidToken("unknown tenant")
	}
	signedIn, err := foal.JWTRequired(foal.Options{SecretOrPublicKey: find})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(get(signedIn(http.NotFoundHandler()), "/", tokenFor("1")).Body)
	// Output: {"code":"invalid_token","description":"invalid algorithm"}
}

func ExampleOptions_blackList() {
	stolen := tokenFor("1")
	list := revoke.CheckerFunc(func(_ context.Context, token revoke.Token) (bool, error) { return token.Raw == stolen, nil })
	signedIn, err := foal.JWTRequired(foal.Options{Settings: settings, BlackList: list})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(get(signedIn(http.NotFoundHandler()), "/", stolen).Body)
	// Output: {"code":"invalid_token","description":"jwt revoked"}
}

func ExampleCookies() {
	cookies, err := foal.NewCookies(settings)
	if err != nil {
		fmt.Println(err)
		return
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /login", func(w http.ResponseWriter, _ *http.Request) {
		if err := cookies.Set(w, tokenFor("1")); err != nil {
			http.Error(w, "sign-in failed", http.StatusInternalServerError)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("POST /logout", func(w http.ResponseWriter, _ *http.Request) {
		cookies.Remove(w)
		w.WriteHeader(http.StatusNoContent)
	})
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/logout", http.NoBody))
	fmt.Println(w.Header().Get("Set-Cookie"))
	// Output: auth=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Lax
}

func ExampleSettings_WithEnvironment() {
	variables := map[string]string{"SETTINGS_JWT_COOKIE_NAME": "token"}
	s, err := settings.WithEnvironment(func(name string) (string, bool) { value, ok := variables[name]; return value, ok })
	fmt.Println(s.Cookie.Name, s.Secret, err)
	// Output: token REDACTED <nil>
}

func ExampleAnswers() {
	auth := jeton.VerifierFunc(func(context.Context, string) (*jeton.Principal, error) {
		return nil, &jwt.Refusal{Reason: jwt.ErrExpired}
	})
	g, err := guard.New(guard.Config{Verifier: auth, Answerer: foal.Answers{}, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(get(g.Wrap(http.NotFoundHandler()), "/", "a.b.c").Body)
	// Output: {"code":"invalid_token","description":"jwt expired"}
}
