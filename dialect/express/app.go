package express

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/dialect/internal/jsonwebtoken"
)

// Config says how an [App] works. Auth is needed, with the profile of its tokens and the claim "user" in them:
//
//	jeton.New(jeton.Config{
//		…
//		Profiles: []jeton.Profile{express.Profile(issuer, jwk.Static(secret))},
//		Claims:   express.UserClaim(express.ProfileName, nil),
//	})
type Config struct {
	Auth *jeton.Auth
	// Profile is the name of the profile that signs and accepts; ProfileName if empty.
	Profile string
	// Guard are the options of [App.Guard]. Its key and rules are the profile's: Secret, SecretFunc, Keys, Verifier, Verify and OnExpired
	// must be empty.
	Guard Options
	// Client says where a request to POST /token came from, for limits and the audit log. Nil means the connection's peer, which is
	// wrong behind a proxy.
	Client func(r *http.Request) jeton.Client
}

// App is POST /token, and the guard for what it lets in.
type App struct {
	auth     *jeton.Auth
	profile  string
	verifier jeton.Verifier
	guard    func(http.Handler) http.Handler
	client   func(r *http.Request) jeton.Client
	logger   *slog.Logger
}

// New returns an application's sign-in and guard. The error names the field of cfg that is missing or wrong.
func New(cfg Config) (*App, error) {
	if cfg.Auth == nil {
		return nil, errors.New("express: Config.Auth: needed, what jeton.New returns")
	}
	if g := cfg.Guard; len(g.Secret) > 0 || g.SecretFunc != nil || g.Keys != nil || g.Verifier != nil || jsonwebtoken.HasRules(g.Verify) || g.OnExpired != nil {
		return nil, errors.New("express: Config.Guard: must have neither keys nor rules for tokens, which are the profile's")
	}
	app := &App{
		auth: cfg.Auth, profile: cmp.Or(cfg.Profile, ProfileName), client: cfg.Client, logger: cfg.Guard.Logger,
	}
	own, err := cfg.Auth.Verifier(jeton.VerifyOptions{Profiles: []string{app.profile}})
	if err != nil {
		return nil, fmt.Errorf("express: Config.Profile: %w", err)
	}
	app.verifier = own
	cfg.Guard.Verifier = own
	if app.guard, err = JWT(cfg.Guard); err != nil {
		return nil, err
	}
	if app.client == nil {
		app.client = peer
	}
	return app, nil
}

// Mount registers POST /token.
func (a *App) Mount(mux *http.ServeMux) { mux.HandleFunc("POST /token", a.ServeToken) }

// Guard returns next behind the guard, which lets the tokens of POST /token through.
func (a *App) Guard(next http.Handler) http.Handler { return a.guard(next) }

// Verifier accepts the tokens of POST /token: for a guard with other options, or for what is no HTTP.
func (a *App) Verifier() jeton.Verifier { return a.verifier }

// peer is who is at the other end of the connection.
func peer(r *http.Request) jeton.Client {
	client := jeton.Client{UserAgent: r.UserAgent()}
	if address, err := netip.ParseAddrPort(r.RemoteAddr); err == nil {
		client.Address = address.Addr().Unmap()
	}
	return client
}
