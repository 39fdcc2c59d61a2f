package remote

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
)

// discover asks issuer where its keys are: as an authorization server (RFC 8414, section 3), then as an OpenID provider
// (OpenID Connect Discovery 1.0, section 4).
func (c *client) discover(ctx context.Context) (address string, err error) {
	authorizationServer, openID, err := discoveryAddresses(c.issuer)
	if err != nil {
		return "", err
	}
	address, err = c.readDiscovery(ctx, authorizationServer)
	if err == nil {
		return address, nil
	}
	address, openIDErr := c.readDiscovery(ctx, openID)
	if openIDErr != nil {
		return "", fmt.Errorf("discovery: %w; %w", err, openIDErr)
	}
	return address, nil
}

// discoveryAddresses are where the documents of both kinds are: one goes between host and path, the other behind the path.
func discoveryAddresses(issuer string) (authorizationServer, openID string, err error) {
	u, err := parseAddress(issuer)
	if err != nil {
		return "", "", err
	}
	path := strings.TrimSuffix(u.EscapedPath(), "/")
	origin := u.Scheme + "://" + u.Host
	return origin + "/.well-known/oauth-authorization-server" + path, origin + path + "/.well-known/openid-configuration", nil
}

// readDiscovery returns the "jwks_uri" of a document that is the issuer's own. The key set may be on another host, since
// the issuer says so.
func (c *client) readDiscovery(ctx context.Context, document string) (string, error) {
	a, err := c.get(ctx, document)
	if err != nil {
		return "", err
	}
	var members map[string]json.RawMessage // a struct would match names loosely
	if err := json.Unmarshal(a.body, &members); err != nil {
		return "", fmt.Errorf("%s: not a JSON object", document)
	}
	var issuer, address string
	if json.Unmarshal(members["issuer"], &issuer) != nil || issuer != c.issuer {
		return "", fmt.Errorf("%s is of the issuer %.200q, not %q", document, issuer, c.issuer)
	}
	if json.Unmarshal(members["jwks_uri"], &address) != nil || address == "" {
		return "", fmt.Errorf("%s has no \"jwks_uri\"", document)
	}
	if _, err := parseAddress(address); err != nil {
		return "", fmt.Errorf("%s: \"jwks_uri\": %w", document, err)
	}
	return address, nil
}
