package bench

import (
	"context"
	"net/http"
	"strings"

	jwtmiddleware "github.com/auth0/go-jwt-middleware/v2"
	"github.com/auth0/go-jwt-middleware/v2/validator"
	"github.com/go-chi/chi/v5"
	"github.com/go-chi/jwtauth/v5"
	"github.com/golang-jwt/jwt/v5"
	echojwt "github.com/labstack/echo-jwt/v4"
	"github.com/labstack/echo/v4"
	jwxv2 "github.com/lestrrat-go/jwx/v2/jwt"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/guard"
)

// Path is where every protected handler is.
const Path = "/notes"

// Protection is a way to protect an HTTP handler. The handler answers with the token's subject.
type Protection struct {
	// Name is what the tables call it.
	Name string
	// Bare is the name of the same stack without it.
	Bare string
	// New returns the protected handler, which takes the tokens of one key.
	New func(Key) (http.Handler, error)
}

// Protections returns those that are compared, jeton's first.
func Protections() []Protection {
	return []Protection{
		{"jeton", NetHTTP, func(k Key) (http.Handler, error) { return protectJeton(k, 0) }},
		{"jeton, cache", NetHTTP, func(k Key) (http.Handler, error) { return protectJeton(k, CacheEntries) }},
		{"golang-jwt by hand", NetHTTP, protectGolangJWT},
		{"auth0", NetHTTP, protectAuth0},
		{"echo-jwt", Echo, protectEcho},
		{"jwtauth", Chi, protectChi},
	}
}

// The names of the stacks without protection.
const (
	NetHTTP = "bare net/http"
	Echo    = "bare echo"
	Chi     = "bare chi"
)

// BareHandlers returns the stacks without protection, by name. They answer with the same bytes as protected ones.
func BareHandlers(subject string) map[string]http.Handler {
	answer := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { answerSubject(w, subject, nil) })
	e := echo.New()
	e.GET(Path, func(c echo.Context) error {
		answerSubject(c.Response(), subject, nil)
		return nil
	})
	c := chi.NewRouter()
	c.Get(Path, answer)
	return map[string]http.Handler{NetHTTP: answer, Echo: e, Chi: c}
}

// answerSubject answers a request whose token was good, unless its subject is missing, which no protection lets happen.
func answerSubject(w http.ResponseWriter, subject string, err error) {
	if err != nil || subject == "" {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	w.Write([]byte(subject)) //nolint:gosec // a subject of this package, and no page
}

func protectJeton(k Key, cacheEntries int) (http.Handler, error) {
	verifier, err := NewVerifier(k, cacheEntries)
	if err != nil {
		return nil, err
	}
	return guard.Require(verifier)(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		me, ok := jeton.FromContext(r.Context())
		if !ok {
			answerSubject(w, "", errNoClaims)
			return
		}
		answerSubject(w, me.Subject(), nil)
	})), nil
}

// claimsKey is where the middleware by hand puts the claims.
type claimsKey struct{}

// protectGolangJWT is the middleware that is usually written around golang-jwt: a parser with its options, made once.
func protectGolangJWT(k Key) (http.Handler, error) {
	parser := newGolangParser(k)
	next := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		claims, ok := r.Context().Value(claimsKey{}).(*jwt.RegisteredClaims)
		if !ok {
			answerSubject(w, "", errNoClaims)
			return
		}
		answerSubject(w, claims.Subject, nil)
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		if !ok {
			http.Error(w, "unauthorized", http.StatusUnauthorized)
			return
		}
		claims := new(jwt.RegisteredClaims)
		if _, err := parser.ParseWithClaims(token, claims, k.golangKey); err != nil {
			http.Error(w, "unauthorized", http.StatusUnauthorized)
			return
		}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), claimsKey{}, claims)))
	}), nil
}

func protectAuth0(k Key) (http.Handler, error) {
	keyOf := func(context.Context) (any, error) { return k.Public, nil }
	check, err := validator.New(keyOf, validator.SignatureAlgorithm(k.Algorithm), Issuer, []string{Audience},
		validator.WithAllowedClockSkew(Leeway))
	if err != nil {
		return nil, err
	}
	return jwtmiddleware.New(check.ValidateToken).CheckJWT(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		claims, ok := r.Context().Value(jwtmiddleware.ContextKey{}).(*validator.ValidatedClaims)
		if !ok {
			answerSubject(w, "", errNoClaims)
			return
		}
		answerSubject(w, claims.RegisteredClaims.Subject, nil)
	})), nil
}

// protectEcho gives echo-jwt a function that parses with the options it has no fields for.
func protectEcho(k Key) (http.Handler, error) {
	parser := newGolangParser(k)
	protect, err := echojwt.Config{
		ParseTokenFunc: func(_ echo.Context, token string) (any, error) {
			return parser.ParseWithClaims(token, new(jwt.RegisteredClaims), k.golangKey)
		},
	}.ToMiddleware()
	if err != nil {
		return nil, err
	}
	e := echo.New()
	e.GET(Path, func(c echo.Context) error {
		token, ok := c.Get("user").(*jwt.Token)
		if !ok {
			return errNoClaims
		}
		subject, err := token.Claims.GetSubject()
		answerSubject(c.Response(), subject, err)
		return nil
	}, protect)
	return e, nil
}

func protectChi(k Key) (http.Handler, error) {
	auth := jwtauth.New(string(k.Algorithm), nil, k.Public,
		jwxv2.WithIssuer(Issuer),
		jwxv2.WithAudience(Audience),
		jwxv2.WithRequiredClaim(jwxv2.ExpirationKey),
		jwxv2.WithAcceptableSkew(Leeway),
	)
	router := chi.NewRouter()
	router.Use(jwtauth.Verifier(auth), jwtauth.Authenticator(auth))
	router.Get(Path, func(w http.ResponseWriter, r *http.Request) {
		token, ok := r.Context().Value(jwtauth.TokenCtxKey).(jwxv2.Token)
		if !ok {
			answerSubject(w, "", errNoClaims)
			return
		}
		answerSubject(w, token.Subject(), nil)
	})
	return router, nil
}
