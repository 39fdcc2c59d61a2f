package api

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/guard"
)

// DefaultMaxBody bounds request bodies, in bytes, unless [Config.MaxBody] says otherwise.
const DefaultMaxBody = 64 << 10

// Config says how an [API] works. Auth is needed.
type Config struct {
	// Auth is the service that the operations belong to.
	Auth *jeton.Auth
	// TrustedProxies are the networks of proxies whose X-Forwarded-For is believed; none by default. The client is then the
	// right-most address that is not in one of them.
	TrustedProxies []netip.Prefix
	// MaxBody bounds request bodies, in bytes: [DefaultMaxBody]. A longer one is answered with 413.
	MaxBody int64
	// Title and Version are those of the OpenAPI document: "jeton" and "dev".
	Title, Version string
	// VerifyLoadUser has GET /auth/verify look the account up for each request that a proxy asks about. It then answers with the e-mail
	// address, and refuses tokens whose subject is no account.
	VerifyLoadUser bool
	// Cookies says how browsers may keep their tokens in cookies: they may if the issuer is https.
	Cookies Cookies
	// Stopping is closed by a server that is about to shut down, so that requests which wait for news are answered. Without it they are when they
	// hear of [http.Server.Shutdown], which the first of them does not if it comes at the very moment.
	Stopping <-chan struct{}
	// Logger is told of defects and of what was unavailable, with the id of the request: slog.Default().
	Logger *slog.Logger
}

func (c Config) withDefaults() (Config, error) {
	if c.Auth == nil {
		return c, errors.New("api: Config.Auth: needed, what jeton.New returns")
	}
	if c.MaxBody < 0 {
		return c, fmt.Errorf("api: Config.MaxBody: %d, must be positive", c.MaxBody)
	}
	trusted := make([]netip.Prefix, 0, len(c.TrustedProxies))
	for _, p := range c.TrustedProxies {
		if !p.IsValid() {
			return c, errors.New("api: Config.TrustedProxies: there is an invalid prefix, want such as netip.MustParsePrefix(\"10.0.0.0/8\")")
		}
		trusted = append(trusted, unmapped(p))
	}
	c.TrustedProxies = trusted
	c.MaxBody = cmp.Or(c.MaxBody, DefaultMaxBody)
	c.Title = cmp.Or(c.Title, "jeton")
	c.Version = cmp.Or(c.Version, "dev")
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	return c, nil
}

// API is the HTTP operations of one service. It is immutable and safe for concurrent use.
type API struct {
	auth           *jeton.Auth
	log            *slog.Logger
	maxBody        int64
	trusted        []netip.Prefix
	verifyLoadUser bool
	guard          *guard.Guard
	bearer         *guard.Guard // takes the token from a request's header, and does not check it
	cookies        *cookies
	waiters        *waiters
	document       *huma.OpenAPI
	json           []byte // the document
	endpoints      []*endpoint
}

// New returns the operations of a service. The error names the field of cfg that is missing or wrong, or the strategy whose
// credentials cannot be described.
func New(cfg Config) (*API, error) { return newAPI(cfg, guard.Config{}) }

// newAPI is [New] with what the guard of the operations is to ask beside a token of the service.
func newAPI(cfg Config, protection guard.Config) (*API, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	a := &API{
		auth: cfg.Auth, log: cfg.Logger, maxBody: cfg.MaxBody, trusted: cfg.TrustedProxies,
		document: newDocument(cfg.Title, cfg.Version), verifyLoadUser: cfg.VerifyLoadUser,
		waiters: newWaiters(cfg.Auth, cfg.Stopping),
	}
	if a.cookies, err = newCookies(cfg.Cookies, cfg.Auth.Issuer()); err != nil {
		return nil, err
	}
	protection.Verifier, protection.Logger = cfg.Auth, cfg.Logger
	if a.guard, err = a.Guard(protection); err != nil {
		return nil, fmt.Errorf("api: %w", err)
	}
	if err := a.catchTokens(); err != nil {
		return nil, err
	}
	if err := a.describe(); err != nil {
		return nil, err
	}
	if a.json, err = json.Marshal(a.document); err != nil {
		return nil, fmt.Errorf("api: the OpenAPI document cannot be written: %w", err)
	}
	return a, nil
}

// describe makes the endpoints. What strategies bring is described last, so that its schemas get names that are left.
func (a *API) describe() error {
	a.addAccount()
	a.addSessions()
	a.addVerify()
	a.addRevocations()
	a.addOAuth()
	a.addPublished()
	return a.addAccess()
}

func (a *API) registry() huma.Registry { return a.document.Components.Schemas }

// OpenAPI returns the OpenAPI 3.1 document of the operations, as JSON.
func (a *API) OpenAPI() []byte { return append([]byte(nil), a.json...) }

// Mount adds the operations to mux: everything under /auth/, /oauth/token, /oauth/revoke and /oauth/introspect, /openapi.json, and
// under /.well-known/ jwks.json and the metadata. Every pattern names a method, so that they live beside an application's "GET /".
// An application's pattern that conflicts with one of them makes mux panic, as it does for any two.
//
// If the issuer has a path, mux is to be served below it, without it (as by [http.StripPrefix]): the URLs in the metadata begin with
// the issuer. Of such an issuer mux also has the metadata where RFC 8414, section 3.1 puts it, which is at the root of the host:
// /.well-known/oauth-authorization-server and the issuer's path. An issuer that is no URL has no metadata.
func (a *API) Mount(mux *http.ServeMux) {
	adapter := humago.NewAdapter(mux, "")
	for _, e := range a.endpoints {
		adapter.Handle(&e.op, a.handler(e))
		for _, path := range e.also {
			op := e.op
			op.Path = path
			adapter.Handle(&op, a.handler(e))
		}
	}
	a.mountRefusals(mux)
}

// Mount adds the operations of a service to mux, with the defaults of [Config]. It panics if auth is nil, or one of its strategies
// has credentials that cannot be described; [New] returns that as an error.
func Mount(mux *http.ServeMux, auth *jeton.Auth) {
	a, err := New(Config{Auth: auth})
	if err != nil {
		panic(err)
	}
	a.Mount(mux)
}
