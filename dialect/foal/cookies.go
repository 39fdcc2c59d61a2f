package foal

import (
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/jetonauth/jeton/dialect/internal/jsonwebtoken"
	"github.com/jetonauth/jeton/jwk"
	"github.com/jetonauth/jeton/jwt"
)

// Cookies sets and removes the cookies that a hook with Options.Cookie reads: Foal's setAuthCookie and removeAuthCookie.
type Cookies struct {
	settings Settings
	sameSite http.SameSite
}

// NewCookies returns what sets cookies by settings, to which [Settings.WithEnvironment] adds the environment's. The error names the setting that
// is wrong. CSRF protection needs the key that signs.
func NewCookies(settings Settings) (*Cookies, error) {
	c := &Cookies{settings: settings}
	switch strings.ToLower(settings.Cookie.SameSite) {
	case "", "lax":
		c.sameSite = http.SameSiteLaxMode
	case "strict":
		c.sameSite = http.SameSiteStrictMode
	case "none":
		c.sameSite = http.SameSiteNoneMode
	default:
		return nil, fmt.Errorf("foal: Settings.Cookie.SameSite: is %q; it may be lax, strict or none", settings.Cookie.SameSite)
	}
	for _, cookie := range c.both("", "") {
		if err := cookie.Valid(); err != nil {
			return nil, fmt.Errorf("foal: Settings.Cookie: %w", err)
		}
	}
	if settings.CSRF.Enabled {
		if _, err := settings.SigningKey(""); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// Set puts token into its cookie, which lasts as long as the token does, and with CSRF protection a CSRF token for the same subject into
// another. The token is not verified: give it the one that was just made. Without a time in "exp" it is an error.
func (c *Cookies) Set(w http.ResponseWriter, token string) error {
	header, err := jwt.UnverifiedHeader(token)
	claims := jsonwebtoken.UnverifiedPayload(token)
	seconds, ok := claims["exp"].(float64)
	if err != nil || !ok {
		return errors.New("foal: the given token is not a valid JWT with an expiry")
	}
	subject, _ := claims["sub"].(string)
	expires := time.Unix(int64(seconds), 0)
	csrfToken := ""
	if c.settings.CSRF.Enabled {
		if csrfToken, err = c.csrfToken(header.Algorithm, subject, expires); err != nil {
			return err
		}
	}
	for _, cookie := range c.both(token, csrfToken) {
		cookie.Expires = expires
		http.SetCookie(w, cookie)
	}
	return nil
}

// Remove removes the cookies.
func (c *Cookies) Remove(w http.ResponseWriter) {
	for _, cookie := range c.both("", "") {
		cookie.MaxAge = -1
		http.SetCookie(w, cookie)
	}
}

// both returns the cookies, the second one with CSRF protection only.
func (c *Cookies) both(token, csrfToken string) []*http.Cookie {
	s := &c.settings.Cookie
	path := s.Path
	if path == "" {
		path = "/"
	}
	auth := &http.Cookie{ //nolint:gosec // HttpOnly and Secure unless the settings say otherwise
		Name: c.settings.cookieName(), Value: token, Domain: s.Domain, Path: path, SameSite: c.sameSite,
		HttpOnly: s.HTTPOnly == nil || *s.HTTPOnly, Secure: s.Secure == nil || *s.Secure,
	}
	if !c.settings.CSRF.Enabled {
		return []*http.Cookie{auth}
	}
	readable := *auth //nolint:gosec // scripts are to read it
	readable.Name, readable.Value, readable.HttpOnly = c.settings.csrfCookieName(), csrfToken, false
	return []*http.Cookie{auth, &readable}
}

func (c *Cookies) csrfToken(algorithm jwk.Algorithm, subject string, expires time.Time) (string, error) {
	key, err := c.settings.SigningKey(algorithm)
	if err != nil {
		return "", err
	}
	return jwt.Sign(key, "JWT", jwt.Claims{Subject: subject, ExpiresAt: expires, Extra: map[string]any{csrfClaim: rand.Text()}})
}
