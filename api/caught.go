package api

import (
	"context"
	"fmt"
	"net/http"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/guard"
)

// catchTokens makes the guards that take a token from a request and do not check it, for operations that a token need not be good for.
func (a *API) catchTokens() (err error) {
	catch := func(s guard.Source) *guard.Guard {
		cfg := guard.Config{Verifier: tokenCatcher{}, Optional: true, Sources: []guard.Source{s}, CSRF: guard.CSRF{Off: true}, Logger: a.log}
		g, wrong := guard.New(cfg)
		if wrong != nil {
			err = fmt.Errorf("api: %w", wrong)
		}
		return g
	}
	a.bearer = catch(guard.Bearer())
	if c := a.cookies; c.areThere() {
		c.accessCookie, c.refreshCookie = catch(guard.Cookie(c.access.name)), catch(guard.Cookie(c.refresh.name))
	}
	return err
}

// caught takes the token from a request as a guard of catchTokens does. It is empty if there is none, or no guard.
func caught(g *guard.Guard, r *http.Request) (string, error) {
	if g == nil {
		return "", nil
	}
	var token string
	_, refusal := g.Check(context.WithValue(r.Context(), tokenCatcher{}, &token), guard.FromRequest(r))
	if refusal != nil {
		return "", refusal
	}
	return token, nil
}

// tokenCatcher is a verifier that proves nothing: it puts the token where its key in the context points to. It is its own key.
type tokenCatcher struct{}

// Verify keeps the token.
func (c tokenCatcher) Verify(ctx context.Context, token string) (*jeton.Principal, error) {
	caught, ok := ctx.Value(c).(*string)
	if !ok {
		return nil, jeton.ErrUnavailable
	}
	*caught = token
	return &jeton.Principal{}, nil
}
