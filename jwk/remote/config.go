package remote

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"

	"github.com/jetonauth/jeton/jwk"
)

// ErrUnavailable is for keys that cannot be had now. It is wrapped with why, and never means that a token is bad.
var ErrUnavailable = errors.New("remote: keys unavailable")

// Config says whose keys to fetch. Issuer or URL is needed.
type Config struct {
	// Issuer is the issuer whose key set is to be discovered, an https URL without query, exactly as its tokens and its
	// discovery document have it. It is tried as an authorization server (RFC 8414), then as an OpenID provider.
	Issuer string
	// URL is the address of the JWK Set. If it is set, nothing is discovered, and Issuer is not looked at.
	URL string
	// Client sends the requests; a new http.Client if nil. It is copied. Its CheckRedirect is asked about redirects that
	// this package would follow.
	Client *http.Client
	// Logger is told of failed fetches, changed sets and keys that cannot be used. Nil means slog.Default().
	Logger *slog.Logger
}

// New returns the source that cfg describes, having fetched its keys. An error names the field of cfg that is wrong; or it
// is [ErrUnavailable], because the first fetch failed or ctx ended before; or [jwk.ErrNoKey], because no key that was
// published can be used. ctx has no part in later fetches.
func New(ctx context.Context, cfg Config) (*Source, error) {
	client, err := cfg.client()
	if err != nil {
		return nil, err
	}
	s := &Source{client: client, logger: cfg.Logger}
	if s.logger == nil {
		s.logger = slog.Default()
	}
	s.known.Store(&snapshot{})
	set, err := s.VerifyingKeys(ctx)
	if err != nil {
		return nil, err
	}
	if set.Len() == 0 {
		return nil, fmt.Errorf("remote: %w among those that are published", jwk.ErrNoKey)
	}
	return s, nil
}

// Discover returns the source of issuer's keys: [New] with nothing else said.
func Discover(ctx context.Context, issuer string) (*Source, error) {
	return New(ctx, Config{Issuer: issuer})
}

// client checks cfg and returns what sends its requests.
func (cfg Config) client() (*client, error) {
	c := &client{issuer: cfg.Issuer, url: cfg.URL}
	if cfg.Issuer == "" && cfg.URL == "" {
		return nil, errors.New("remote: Config.Issuer or Config.URL: needed, an https URL")
	}
	if cfg.URL == "" {
		if err := checkIssuer(cfg.Issuer); err != nil {
			return nil, fmt.Errorf("remote: Config.Issuer: %w", err)
		}
	}
	if cfg.URL != "" {
		if _, err := parseAddress(cfg.URL); err != nil {
			return nil, fmt.Errorf("remote: Config.URL: %w", err)
		}
	}
	if cfg.Client != nil {
		c.http = *cfg.Client
	}
	c.http.CheckRedirect = redirectPolicy(c.http.CheckRedirect)
	return c, nil
}
