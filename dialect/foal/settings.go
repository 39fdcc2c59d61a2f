package foal

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"strconv"

	"github.com/jetonauth/jeton/dialect/internal/jsonwebtoken"
	"github.com/jetonauth/jeton/jwk"
)

// The names of the cookies unless [Settings] have others.
const (
	DefaultCookieName     = "auth"
	DefaultCSRFCookieName = "XSRF-TOKEN"
)

// Settings are those of a Foal configuration below "settings.jwt", of every release: encoding/json reads them from config/default.json.
type Settings struct {
	// SecretOrPublicKey is the key of releases before 2: a secret, or a public key in PEM.
	SecretOrPublicKey Secret `json:"secretOrPublicKey"`
	// Secret is the key of later releases; if there is none, PublicKey verifies and PrivateKey signs, both in PEM.
	Secret     Secret `json:"secret"`
	PublicKey  string `json:"publicKey"`
	PrivateKey Secret `json:"privateKey"`
	// SecretEncoding is how the bytes of a secret are written, as Node.js names it: utf8, if empty, base64, base64url, hex, latin1, utf16le.
	SecretEncoding string `json:"secretEncoding"`
	// CookieName is that of releases before 2, Cookie.Name that of later ones.
	CookieName string         `json:"cookieName"`
	Cookie     CookieSettings `json:"cookie"`
	CSRF       CSRFSettings   `json:"csrf"`
}

// CookieSettings are those of the cookie with the token.
type CookieSettings struct {
	Name     string `json:"name"` // DefaultCookieName if empty
	Domain   string `json:"domain"`
	Path     string `json:"path"`     // "/" if empty
	SameSite string `json:"sameSite"` // "lax" if empty, "strict" or "none"
	// HTTPOnly keeps scripts from reading the cookie, and Secure keeps it out of plain HTTP: both unless they are false, which is
	// dangerous. Foal has neither by default.
	HTTPOnly *bool `json:"httpOnly"`
	Secure   *bool `json:"secure"`
}

// CSRFSettings are those of the protection that [Options.CSRF] describes.
type CSRFSettings struct {
	Enabled bool               `json:"enabled"`
	Cookie  CSRFCookieSettings `json:"cookie"`
}

// CSRFCookieSettings name the cookie with the CSRF token.
type CSRFCookieSettings struct {
	Name string `json:"name"` // DefaultCSRFCookieName if empty
}

// WithEnvironment returns the settings with what environment variables say in their place: SETTINGS_JWT_SECRET_OR_PUBLIC_KEY,
// SETTINGS_JWT_COOKIE_NAME, and so on for each setting. An empty variable is none. A nil lookup means os.LookupEnv. The error names the
// variable that is neither true nor false and should be.
func (s Settings) WithEnvironment(lookup func(name string) (value string, ok bool)) (Settings, error) {
	if lookup == nil {
		lookup = os.LookupEnv
	}
	env := environment{lookup: lookup}
	s.SecretOrPublicKey = Secret(env.text("SECRET_OR_PUBLIC_KEY", string(s.SecretOrPublicKey)))
	s.Secret = Secret(env.text("SECRET", string(s.Secret)))
	s.PublicKey = env.text("PUBLIC_KEY", s.PublicKey)
	s.PrivateKey = Secret(env.text("PRIVATE_KEY", string(s.PrivateKey)))
	s.SecretEncoding = env.text("SECRET_ENCODING", s.SecretEncoding)
	s.Cookie.Name = env.text("COOKIE_NAME", s.Cookie.Name)
	s.Cookie.Domain = env.text("COOKIE_DOMAIN", s.Cookie.Domain)
	s.Cookie.Path = env.text("COOKIE_PATH", s.Cookie.Path)
	s.Cookie.SameSite = env.text("COOKIE_SAME_SITE", s.Cookie.SameSite)
	s.Cookie.HTTPOnly = env.truth("COOKIE_HTTP_ONLY", s.Cookie.HTTPOnly)
	s.Cookie.Secure = env.truth("COOKIE_SECURE", s.Cookie.Secure)
	s.CSRF.Enabled = *env.truth("CSRF_ENABLED", &s.CSRF.Enabled)
	s.CSRF.Cookie.Name = env.text("CSRF_COOKIE_NAME", s.CSRF.Cookie.Name)
	return s, env.err
}

// environment reads the variables of the settings, and keeps what is wrong with them.
type environment struct {
	lookup func(name string) (string, bool)
	err    error
}

const prefix = "SETTINGS_JWT_"

func (e *environment) text(name, otherwise string) string {
	value, _ := e.lookup(prefix + name)
	return cmp.Or(value, otherwise)
}

func (e *environment) truth(name string, otherwise *bool) *bool {
	text := e.text(name, "")
	switch text {
	case "":
		return otherwise
	case "true", "false":
		truth := text == "true"
		return &truth
	}
	e.err = errors.Join(e.err, fmt.Errorf("foal: %s: is %s; it must be true or false", prefix+name, strconv.Quote(text)))
	return otherwise
}

func (s *Settings) cookieName() string {
	return cmp.Or(s.Cookie.Name, s.CookieName, DefaultCookieName)
}

func (s *Settings) csrfCookieName() string {
	return cmp.Or(s.CSRF.Cookie.Name, DefaultCSRFCookieName)
}

// VerifyingKey returns the key that verifies, for one algorithm, as Foal's getSecretOrPublicKey does: the secret, if there is one, else the
// public key. An empty algorithm is the first that suits it. No key at all is [ErrNoKey].
func (s Settings) VerifyingKey(algorithm jwk.Algorithm) (*jwk.Key, error) {
	material, err := s.verifying()
	return keyFor(algorithm, material, err)
}

// SigningKey returns the key that signs, for one algorithm, as Foal's getSecretOrPrivateKey does: the secret, if there is one, else the
// private key. An empty algorithm is the first that suits it. No key at all is [ErrNoKey].
func (s Settings) SigningKey(algorithm jwk.Algorithm) (*jwk.Key, error) {
	material, err := s.signing()
	return keyFor(algorithm, material, err)
}

// ErrNoKey is for settings without a key.
var ErrNoKey = errors.New("foal: there is no key: Settings need SecretOrPublicKey (SETTINGS_JWT_SECRET_OR_PUBLIC_KEY), " +
	"Secret (SETTINGS_JWT_SECRET), or PublicKey and PrivateKey (SETTINGS_JWT_PUBLIC_KEY, SETTINGS_JWT_PRIVATE_KEY)")

func keyFor(algorithm jwk.Algorithm, material []byte, err error) (*jwk.Key, error) {
	if err != nil {
		return nil, err
	}
	var algorithms []jwk.Algorithm
	if algorithm != "" {
		algorithms = []jwk.Algorithm{algorithm}
	}
	keys, err := jsonwebtoken.ParseKeys(material, algorithms)
	if err != nil {
		return nil, fmt.Errorf("foal: Settings: the key: %w", err)
	}
	return keys[0], nil
}

func (s *Settings) verifying() ([]byte, error) { return s.material(s.PublicKey) }

func (s *Settings) signing() ([]byte, error) { return s.material(string(s.PrivateKey)) }

// material is the secret, the half of a key pair that is given, or what a release before 2 had for both.
func (s *Settings) material(half string) ([]byte, error) {
	switch {
	case s.Secret != "":
		return s.decode(s.Secret)
	case half != "":
		return []byte(half), nil
	case s.SecretOrPublicKey == "":
		return nil, ErrNoKey
	case jsonwebtoken.IsPEM([]byte(s.SecretOrPublicKey)):
		return []byte(s.SecretOrPublicKey), nil
	default:
		return s.decode(s.SecretOrPublicKey)
	}
}

func (s *Settings) decode(secret Secret) ([]byte, error) {
	material, err := decodeSecret(string(secret), s.SecretEncoding)
	if err != nil {
		return nil, fmt.Errorf("foal: Settings.SecretEncoding: %w", err)
	}
	return material, nil
}
