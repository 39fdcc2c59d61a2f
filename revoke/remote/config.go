package remote

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"
)

const (
	// path is where a jeton has its feed, below the issuer.
	path           = "/auth/revocations"
	defaultTimeout = 5 * time.Second
)

// Config says which feed to read, and as whom. Name, Secret and one of Issuer and URL are needed.
type Config struct {
	// Issuer is the issuer, an https URL without query. Its feed is at /auth/revocations below it.
	Issuer string
	// URL is the address of the feed where it is not below the issuer, or is better reached by another way. If it is set, Issuer is not looked at.
	URL string
	// Name is the service client's.
	Name string
	// Secret is the service client's. No error and no log has it.
	Secret string `json:"-"`
	// Client sends the requests; a new http.Client if nil. It is copied. Its Timeout and its CheckRedirect are not used. For
	// [Feed.Watch] its transport must wait for an answer longer than 25 s, as the usual one does.
	Client *http.Client
	// Timeout bounds each request, in addition to the time for which it is to wait: 5 s.
	Timeout time.Duration
	// Logger is told when [Feed.Watch] cannot wait for news. Nil means slog.Default().
	Logger *slog.Logger
}

// String leaves out the secret.
func (cfg Config) String() string {
	return fmt.Sprintf("revocations at %s for the service client %s", cfg.place(), cfg.Name)
}

// GoString is the same as String.
func (cfg Config) GoString() string { return cfg.String() }

// LogValue is the same as String.
func (cfg Config) LogValue() slog.Value { return slog.StringValue(cfg.String()) }

// MarshalText is the same as String, so that in JSON, too, there is no secret.
func (cfg Config) MarshalText() ([]byte, error) { return []byte(cfg.String()), nil }

// place is the address of the feed, checked or not.
func (cfg Config) place() string {
	if cfg.URL != "" {
		return cfg.URL
	}
	return strings.TrimRight(cfg.Issuer, "/") + path
}

// New returns the feed that cfg describes. Nothing is asked yet: Sync of the follower does that, where a service wants to know at
// its start that name and secret are right. The error names the field of cfg that is wrong.
func New(cfg Config) (*Feed, error) {
	switch {
	case cfg.Issuer == "" && cfg.URL == "":
		return nil, errors.New("revoke/remote: Config.Issuer or Config.URL: needed, an https URL")
	case cfg.Name == "":
		return nil, errors.New("revoke/remote: Config.Name: needed, that of a service client with the scope revocations")
	case cfg.Secret == "":
		return nil, errors.New("revoke/remote: Config.Secret: needed, that of the service client")
	case cfg.Timeout < 0:
		return nil, fmt.Errorf("revoke/remote: Config.Timeout: %v, must not be negative", cfg.Timeout)
	}
	address := cfg.place()
	if err := checkAddress(address); err != nil {
		field := "Issuer"
		if cfg.URL != "" {
			field = "URL"
		}
		return nil, fmt.Errorf("revoke/remote: Config.%s: %w", field, err)
	}
	c := client{
		address: address, name: cfg.Name, timeout: cmp.Or(cfg.Timeout, defaultTimeout),
		authenticate: basic(cfg.Name, cfg.Secret),
	}
	if cfg.Client != nil {
		c.http = *cfg.Client
	}
	c.http.Timeout = 0 // it would end the long polls
	c.http.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	f := &Feed{client: c, log: cfg.Logger, changed: make(chan struct{})}
	if f.log == nil {
		f.log = slog.Default()
	}
	return f, nil
}

// basic sends name and secret as RFC 6749, section 2.3.1 has it. A function shows neither, however it is printed.
func basic(name, secret string) func(*http.Request) {
	return func(req *http.Request) { req.SetBasicAuth(url.QueryEscape(name), url.QueryEscape(secret)) }
}

var errAddress = errors.New("not an https URL (http for loopback hosts only) without user, query and fragment")

func checkAddress(address string) error {
	u, err := url.Parse(address)
	if err != nil {
		return errAddress // url's own error would repeat the address
	}
	secure := u.Scheme == "https" || u.Scheme == "http" && isLoopback(u.Hostname())
	if !secure || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" {
		return errAddress
	}
	return nil
}

// isLoopback reports whether host stays on this machine.
func isLoopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.Unmap().IsLoopback()
}
