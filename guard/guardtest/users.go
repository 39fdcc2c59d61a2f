package guardtest

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/guard"
)

func userScenarios() []scenario {
	return []scenario{
		{"a user", (*scene).user},
		{"a user who is gone", (*scene).goneUser},
		{"a user who may not", (*scene).blockedUser},
	}
}

var errSecret = errors.New(secret)

// users finds a user for every subject but some.
func users() *guard.Loader[*User] {
	return guard.Users(func(_ context.Context, subject string) (*User, error) {
		if err := fate(subject); err != nil {
			return nil, err
		}
		if subject == "none" {
			return nil, nil
		}
		return &User{Name: "User " + subject}, nil
	})
}

// byName is a policy that goes by the subject.
func byName(_ context.Context, p *jeton.Principal) (bool, error) {
	return p.Subject() != "denied", fate(p.Subject())
}

// fate is what happens where a subject is looked at.
func fate(subject string) error {
	switch subject {
	case "gone":
		return fmt.Errorf("%s: %w", secret, jeton.ErrNotFound)
	case "blocked":
		return &guard.Refusal{Code: guard.InsufficientScope, Err: errSecret, Description: "The account is blocked."}
	case "lost":
		return fmt.Errorf("%w: %w: %w", errSecret, jeton.ErrUnavailable, jeton.ErrNotFound)
	case "broken":
		return errSecret
	case "panic":
		panic(secret)
	case "nil":
		return errors.New(map[string]*User{}[subject].Name)
	case "abort":
		panic(http.ErrAbortHandler)
	default:
		return nil
	}
}

func (s *scene) user() {
	r := s.start(guard.Config{}, func(v *Server) { v.Users = users() })
	for _, subject := range []string{"ada", "bob"} {
		r.admits(bearer(s.issuer.token(s, subject)), foundOf(subject)+" User "+subject)
	}
	r.refuses(request{}, missing)
}

func (s *scene) goneUser() {
	r := s.start(guard.Config{}, func(v *Server) { v.Users = users() })
	r.refuses(bearer(s.issuer.token(s, "gone")), invalid)
	r.refuses(bearer(s.issuer.token(s, "")), invalid)
	r.admits(bearer(s.issuer.token(s, "ada")), foundOf("ada")+" User ada")
}

func (s *scene) blockedUser() {
	r := s.start(guard.Config{}, func(v *Server) { v.Users = users() })
	r.refuses(bearer(s.issuer.token(s, "blocked")), forbidden)
	r.admits(bearer(s.issuer.token(s, "ada")), foundOf("ada")+" User ada")
}
