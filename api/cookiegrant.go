package api

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"github.com/jetonauth/jeton"
)

// cookieGrant is the answer to a sign-up, sign-in or refresh whose tokens are in cookies.
type cookieGrant struct {
	_ struct{} `additionalProperties:"true"`

	CSRFToken string `json:"csrf_token" doc:"What requests that change something repeat in the header X-CSRF-Token. It is in a cookie that scripts can read, too, and stays the same as long as the session lasts."`
	ExpiresIn int64  `json:"expires_in" doc:"Seconds until the access token expires" example:"900"`
	SessionID string `json:"session_id" doc:"The session that the tokens belong to"`
	Scope     string `json:"scope,omitempty" doc:"The scopes of the access token, with spaces between them" example:"news:read"`
	User      *user  `json:"user,omitempty" doc:"The account, after a sign-up or sign-in"`
}

// granted is the answer to a sign-up, sign-in or refresh: one of the two.
type granted struct {
	tokens  *tokens
	cookies *cookieGrant
}

// give answers with a grant: with its tokens, or in cookies.
func (a *API) give(header http.Header, g *jeton.Grant, inCookies bool) (granted, error) {
	t := newTokens(g)
	if !inCookies {
		return granted{tokens: &t}, nil
	}
	if err := a.cookies.set(header, g); err != nil {
		return granted{}, err
	}
	return granted{cookies: &cookieGrant{CSRFToken: g.CSRF, ExpiresIn: t.ExpiresIn, SessionID: t.SessionID, Scope: t.Scope}}, nil
}

// giveFirst answers with the first grant of a session, and the account.
func (a *API) giveFirst(header http.Header, g *jeton.Grant, inCookies bool) (granted, error) {
	answer, err := a.give(header, g, inCookies)
	account := newUser(g.User)
	switch {
	case answer.tokens != nil:
		answer.tokens.User = &account
	case answer.cookies != nil:
		answer.cookies.User = &account
	}
	return answer, err
}

// MarshalJSON returns the one that it is.
func (g granted) MarshalJSON() ([]byte, error) {
	if g.cookies != nil {
		return json.Marshal(g.cookies)
	}
	return json.Marshal(g.tokens)
}

// Schema is that of tokens, as long as there are no cookies.
func (granted) Schema(r huma.Registry) *huma.Schema {
	return r.Schema(reflect.TypeFor[tokens](), true, "")
}

// String leaves the tokens out.
func (g granted) String() string {
	switch {
	case g.tokens != nil:
		return g.tokens.String()
	case g.cookies != nil:
		return g.cookies.String()
	default:
		return "nothing"
	}
}

// GoString is the same as String.
func (g granted) GoString() string { return g.String() }

// LogValue is the same as String.
func (g granted) LogValue() slog.Value { return slog.StringValue(g.String()) }

// String leaves the CSRF value out.
func (c cookieGrant) String() string { return "cookies of session " + c.SessionID }

// GoString is the same as String.
func (c cookieGrant) GoString() string { return c.String() }

// LogValue is the same as String.
func (c cookieGrant) LogValue() slog.Value { return slog.StringValue(c.String()) }
