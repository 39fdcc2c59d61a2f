package bench

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"time"
)

// What every token of the comparison says, and every library checks.
const (
	Issuer   = "https://id.example"
	Audience = "notes"
	Type     = "at+jwt"
	Leeway   = 30 * time.Second
)

// Claims are what a handler asks a checked token for. Each library has decoded them into its own usual type before; its audience, too.
type Claims struct {
	Issuer, Subject, ID string
	IssuedAt, ExpiresAt time.Time
}

// Content is the payload of a token, the claims being those of an access token of jeton, in the same order.
type Content struct {
	Issuer    string   `json:"iss,omitempty"`
	Subject   string   `json:"sub,omitempty"`
	Audience  string   `json:"aud,omitempty"`
	ExpiresAt int64    `json:"exp,omitempty"`
	NotBefore int64    `json:"nbf,omitempty"`
	IssuedAt  int64    `json:"iat,omitempty"`
	ID        string   `json:"jti,omitempty"`
	Methods   []string `json:"amr,omitempty"`
	AuthTime  int64    `json:"auth_time,omitempty"`
	ClientID  string   `json:"client_id,omitempty"`
	Session   string   `json:"sid,omitempty"`
}

// NewContent returns a good token's content, which is issued now and lives a day: longer than a comparison takes. Encoded it has 244
// bytes.
func NewContent(now time.Time) Content {
	issued := now.Unix()
	return Content{
		Issuer:    Issuer,
		Subject:   "t3uv4rezfeqq7mffojvh4yak44",
		Audience:  Audience,
		ExpiresAt: issued + int64(24*time.Hour/time.Second),
		IssuedAt:  issued,
		ID:        "4orlxhlnf4fgyk62ptlw7ypvtm",
		Methods:   []string{"pwd"},
		AuthTime:  issued,
		ClientID:  "first-party",
		Session:   "azsyu22qsllwi5omgu2cec2cgy",
	}
}

// Claims are what a library reads in c.
func (c Content) Claims() Claims {
	return Claims{
		Issuer:    c.Issuer,
		Subject:   c.Subject,
		ID:        c.ID,
		IssuedAt:  time.Unix(c.IssuedAt, 0).UTC(),
		ExpiresAt: time.Unix(c.ExpiresAt, 0).UTC(),
	}
}

// header is the protected header of a token, its members in jeton's order.
type header struct {
	Algorithm string `json:"alg"`
	KeyID     string `json:"kid,omitempty"`
	Type      string `json:"typ,omitempty"`
}

// Token returns a compact token with content c. It is made by the standard library alone.
func (k Key) Token(c Content) (string, error) {
	head, err := json.Marshal(header{string(k.Algorithm), k.ID, Type})
	if err != nil {
		return "", fmt.Errorf("bench: header: %w", err)
	}
	payload, err := json.Marshal(c)
	if err != nil {
		return "", fmt.Errorf("bench: payload: %w", err)
	}
	return k.Compact(head, payload)
}

// Compact signs any header and payload, whatever they hold.
func (k Key) Compact(header, payload []byte) (string, error) {
	return k.Seal(base64.RawURLEncoding.EncodeToString(header) + "." + base64.RawURLEncoding.EncodeToString(payload))
}

// Seal appends the signature over text, which is a token but for that.
func (k Key) Seal(text string) (string, error) {
	signature, err := k.Sign([]byte(text))
	if err != nil {
		return "", err
	}
	return text + "." + base64.RawURLEncoding.EncodeToString(signature), nil
}
