package remote

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	maxBody         = 1 << 20 // bytes
	minLifetime     = time.Minute
	maxLifetime     = time.Hour
	defaultLifetime = 15 * time.Minute
	// discoveryLifetime is how long an issuer is taken to publish its keys at one address. A failed fetch ends it.
	discoveryLifetime = 24 * time.Hour
)

// client fetches key sets. It is used by one fetch at a time.
type client struct {
	http         http.Client
	issuer       string
	url          string // configured, or empty
	discovered   string // otherwise, or empty
	discoveredAt time.Time
}

// answer is a key set as it was published, and how long it may be used.
type answer struct {
	body     []byte
	lifetime time.Duration
}

// keySet fetches the key set, after discovering where it is if need be.
func (c *client) keySet(ctx context.Context) (answer, error) {
	address := c.url
	if address == "" {
		if c.discovered == "" || time.Since(c.discoveredAt) >= discoveryLifetime {
			found, err := c.discover(ctx)
			if err != nil {
				c.discovered = ""
				return answer{}, err
			}
			c.discovered, c.discoveredAt = found, time.Now()
		}
		address = c.discovered
	}
	a, err := c.get(ctx, address)
	if err != nil {
		c.discovered = "" // it may have moved
	}
	return a, err
}

// get fetches one document. That it is JSON is for its reader to see: key sets are served as application/json,
// application/jwk-set+json, and by file servers as anything.
func (c *client) get(ctx context.Context, address string) (a answer, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return a, err
	}
	req.Header.Set("Accept", "application/json, application/jwk-set+json")
	req.Header.Set("User-Agent", "jeton")
	resp, err := c.http.Do(req)
	if err != nil {
		return a, err // it names the address
	}
	defer func() { err = errors.Join(err, resp.Body.Close()) }()
	if resp.StatusCode != http.StatusOK {
		return a, fmt.Errorf("%s answered %d", address, resp.StatusCode)
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxBody+1))
	if err != nil {
		return a, fmt.Errorf("%s: %w", address, err)
	}
	if len(body) > maxBody {
		return a, fmt.Errorf("%s answered more than %d bytes", address, maxBody)
	}
	return answer{body: body, lifetime: lifetime(resp.Header)}, nil
}

// lifetime reads "Cache-Control" (RFC 9111, section 5.2.2), within the bounds of this package.
func lifetime(h http.Header) time.Duration {
	for directive := range strings.SplitSeq(strings.Join(h.Values("Cache-Control"), ","), ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(directive), "=")
		switch strings.ToLower(name) {
		case "no-store", "no-cache":
			return minLifetime
		case "max-age":
			seconds, err := strconv.ParseUint(strings.Trim(value, `"`), 10, 32)
			if err != nil {
				return defaultLifetime
			}
			return min(max(time.Duration(seconds)*time.Second, minLifetime), maxLifetime)
		}
	}
	return defaultLifetime
}
