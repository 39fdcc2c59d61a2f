package express

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/guard"
)

// maxBody bounds the body of POST /token, in bytes.
const maxBody = 16 << 10

// What POST /token says.
const (
	notSignedIn  = "Invalid email or password."
	furtherStep  = "A further step is needed to sign in."
	tooLarge     = "The request is too large."
	tooMany      = "Too many attempts. Try again later."
	busy         = "Try again later."
	cannotBeRead = "The request cannot be read."
)

// signedIn is the answer to a sign-in.
type signedIn struct {
	User  any    `json:"user"`
	Token string `json:"token"`
}

// ServeToken signs in with the fields email and password, in JSON or a form, and answers 200 with {user, token}: the token has the same user
// as a claim, is good as long as the profile says, and no longer than its session. A field that is missing is 400, what is not proved
// 401, too many attempts 429.
func (a *App) ServeToken(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	credentials, refusal := readCredentials(w, r)
	if refusal != nil {
		refusal.Write(w)
		return
	}
	ctx := r.Context()
	grant, err := a.auth.SignIn(ctx, jeton.SignInRequest{
		Credentials: credentials, Client: a.client(r), Profile: a.profile, Kind: jeton.AccessOnly,
	})
	if err != nil {
		a.failure(ctx, err).Write(w)
		return
	}
	user, err := a.userOf(ctx, grant.AccessToken)
	if err != nil {
		err = errors.Join(err, a.auth.SignOut(context.WithoutCancel(ctx), jeton.SignOutRequest{Token: grant.AccessToken}))
		a.failure(ctx, err).Write(w)
		return
	}
	answer(http.StatusOK, signedIn{user, grant.AccessToken}).Write(w)
}

var errNoUser = errors.New("express: the token has no claim \"user\": set jeton.Config.Claims to express.UserClaim")

// userOf reads the user out of the token, so that answer and token cannot differ.
func (a *App) userOf(ctx context.Context, token string) (any, error) {
	p, err := a.verifier.Verify(ctx, token)
	if err != nil {
		return nil, err
	}
	claims, err := jeton.ClaimsOf[map[string]json.RawMessage](p)
	if err != nil {
		return nil, err
	}
	user, ok := claims[userClaim]
	if !ok {
		return nil, errNoUser
	}
	return user, nil
}

// failure answers a sign-in that was not.
func (a *App) failure(ctx context.Context, err error) guard.Answer {
	limit, limited := errors.AsType[*jeton.LimitError](err)
	_, challenged := errors.AsType[*jeton.Challenge](err)
	switch {
	case limited && errors.Is(err, jeton.ErrRateLimited):
		answer := message(http.StatusTooManyRequests, tooMany)
		answer.Header.Set("Retry-After", seconds(limit.RetryAfter))
		return answer
	case limited:
		return later(busy, seconds(limit.RetryAfter))
	case errors.Is(err, jeton.ErrUnavailable), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		a.log(ctx, err)
		return later(busy, "1")
	case challenged:
		return message(http.StatusUnauthorized, furtherStep)
	case errors.Is(err, jeton.ErrInvalidCredentials):
		return message(http.StatusUnauthorized, notSignedIn)
	}
	if _, invalid := errors.AsType[*jeton.ValidationError](err); invalid {
		return message(http.StatusBadRequest, cannotBeRead)
	}
	a.log(ctx, err)
	return message(http.StatusInternalServerError, defect)
}

// seconds are the whole seconds of a wait, rounded up.
func seconds(wait time.Duration) string {
	return strconv.FormatInt(int64((wait+time.Second-1)/time.Second), 10)
}

func (a *App) log(ctx context.Context, err error) {
	logger := a.logger
	if logger == nil {
		logger = slog.Default()
	}
	level := slog.LevelError
	if errors.Is(ctx.Err(), context.Canceled) { // the client went away
		level = slog.LevelDebug
	}
	logger.LogAttrs(ctx, level, "express: sign-in could not be answered", slog.Any("error", err))
}

// readCredentials reads the two fields, or returns why it cannot.
func readCredentials(w http.ResponseWriter, r *http.Request) (*jeton.Credentials, *guard.Answer) {
	text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		return nil, refuse(http.StatusRequestEntityTooLarge, tooLarge)
	}
	if err != nil {
		return nil, refuse(http.StatusBadRequest, cannotBeRead)
	}
	field, err := parseFields(r.Header.Get("Content-Type"), text)
	if err != nil {
		return nil, refuse(http.StatusBadRequest, cannotBeRead)
	}
	c := &jeton.Credentials{}
	for _, f := range []struct {
		name string
		into *string
	}{{"email", &c.Email}, {"password", &c.Password}} {
		if *f.into = field(f.name); *f.into == "" {
			return nil, refuse(http.StatusBadRequest, "The field "+f.name+" is missing.")
		}
	}
	return c, nil
}

func refuse(status int, reason string) *guard.Answer {
	answer := message(status, reason)
	return &answer
}
