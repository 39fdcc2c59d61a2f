package foal_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"testing"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/dialect/foal"
	"github.com/jetonauth/jeton/guard"
)

func TestUsersByNumber(t *testing.T) {
	t.Parallel()
	users := foal.UsersByNumber(func(_ context.Context, id int64) (*account, error) {
		switch id {
		case 1, -7:
			return &account{"number " + strconv.FormatInt(id, 10)}, nil
		case 3:
			return nil, errors.New("a secret")
		default:
			return nil, jeton.ErrNotFound
		}
	})
	hook, err := foal.JWTOptional(options(func(o *foal.Options) { o.User = users }))
	if err != nil {
		t.Fatal(err)
	}
	h := hook(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, ok := users.From(r.Context())
		if !ok {
			user = &account{"nobody"}
		}
		fmt.Fprint(w, user.name)
	}))
	none := unauthorized("The token subject does not match any user.")
	for subject, want := range map[string]reply{
		"1": letThrough("number 1"), "-7": letThrough("number -7"), "2": none, "3": unavailable(),
		"abc": none, "1abc": none, "01": none, "+1": none, "1.0": none, "99999999999999999999": none,
		"": unauthorized("The token must include a subject which is the id of the user."),
	} {
		ask(t, h, withBearer(sign(t, claims{"sub": subject}))).expect(t, want)
	}
	ask(t, h, request{}).expect(t, letThrough("nobody"))
}

// What cannot be found out about a user is no refusal of the token.
func TestUserCannotBeLoaded(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		load func(ctx context.Context, id string) (*account, error)
		want reply
	}{
		"error":   {func(context.Context, string) (*account, error) { return nil, errors.New("a secret") }, unavailable()},
		"panic":   {func(context.Context, string) (*account, error) { panic("a secret") }, internal()},
		"nil":     {func(context.Context, string) (*account, error) { return nil, nil }, internal()},
		"nothing": {nil, internal()},
		"refusal": {
			func(context.Context, string) (*account, error) {
				return nil, &guard.Refusal{Code: guard.InvalidToken, Description: "Your account is closed."}
			},
			unauthorized("Your account is closed."),
		},
		"may not": {
			func(context.Context, string) (*account, error) {
				return nil, &guard.Refusal{Code: guard.InsufficientScope}
			},
			reply{status: http.StatusForbidden, mediaType: jsonType, body: `{"code":"insufficient_scope","description":"The token does not allow this."}`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := options(func(o *foal.Options) { o.User = foal.Users(tt.load) })
			got := ask(t, protect(t, o, true), withBearer(sign(t, nil)))
			got.expect(t, tt.want)
			if retry := got.header.Get("Retry-After"); (retry == "1") != (got.status == http.StatusServiceUnavailable) {
				t.Errorf("Retry-After %q at %d", retry, got.status)
			}
		})
	}
	none := options(func(o *foal.Options) { o.User = foal.UsersByNumber[*account](nil) })
	ask(t, protect(t, none, false), withBearer(sign(t, nil))).expect(t, internal())
}

// Further permissions are answered in the same form, wherever in the routes they are.
func TestPermissionsInside(t *testing.T) {
	t.Parallel()
	hook, err := foal.JWTOptional(options())
	if err != nil {
		t.Fatal(err)
	}
	h := hook(guard.Roles("admin")(http.HandlerFunc(hello)))
	ask(t, h, request{}).expect(t, badRequest("Authorization header not found."))
	ask(t, h, withBearer(sign(t, nil))).expect(t, reply{
		status: http.StatusForbidden, mediaType: jsonType, body: `{"code":"insufficient_scope","description":"The token does not allow this."}`,
	})
	ask(t, h, withBearer(sign(t, claims{"roles": []string{"admin"}}))).expect(t, letThrough("hello, 1"))
}
