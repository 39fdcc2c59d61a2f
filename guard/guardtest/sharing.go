package guardtest

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/guard"
)

func sharingScenarios() []scenario {
	return []scenario{
		{"100 requests at once", (*scene).manyAtOnce},
		{"a remembered token is its own", (*scene).rememberedToken},
		{"each finds what came before it", (*scene).foundFurtherIn},
	}
}

const (
	crowd = 100
	// stall is how long a scenario waits for what should come at once.
	stall = 3 * time.Second
)

// manyAtOnce has all requests that are let through in their handlers at the same time, and others refused meanwhile.
func (s *scene) manyAtOnce() {
	inside, loader := make(chan struct{}), users()
	var arrived atomic.Int64
	r := s.start(guard.Config{Optional: true}, func(v *Server) {
		v.Users = loader
		v.handle = func(ctx context.Context) string {
			before := found(ctx, loader)
			if arrived.Add(1) == crowd {
				close(inside)
			}
			select {
			case <-inside:
			case <-time.After(stall):
				return "the others do not come"
			}
			if after := found(ctx, loader); after != before {
				return fmt.Sprintf("first %s, then %s", before, after)
			}
			return before
		}
	})
	r.let = crowd
	var wait sync.WaitGroup
	for i := range crowd {
		rq, want := request{}, nobody
		if i%4 != 0 {
			subject := fmt.Sprint("user-", i)
			rq, want = bearer(s.issuer.token(s, subject)), foundOf(subject)+" User "+subject
		}
		wait.Go(func() { r.sees(rq, want) })
	}
	for range crowd / 4 {
		wait.Go(func() { r.isRefused(bearer("abc"), invalid) })
	}
	wait.Wait()
}

// sees is [route.admits] for goroutines.
func (r *route) sees(rq request, want string) {
	if reply, err := r.send(r.ctx, rq); err != nil || reply.Body != want {
		r.Errorf("answered %d %s (%v), want %s", reply.Status, reply.Body, err, want)
	}
}

// isRefused is [route.refuses] for goroutines.
func (r *route) isRefused(rq request, want refusal) {
	reply, err := r.send(r.ctx, rq)
	if err != nil {
		r.Errorf("no answer: %v", err)
		return
	}
	r.tells(reply, want)
	r.leaksNothing(reply)
}

// A guard gives the token to a cache, which keeps it. Where a request's text is in a buffer that the next request of the connection
// overwrites, that has to be a copy: otherwise the next token reads like the one that was remembered, and is taken for it.
func (s *scene) rememberedToken() {
	cache := jeton.NewTokenCache(1) // every token has the same place in it
	r := s.start(guard.Config{Verifier: s.issuer.verifier(s, func(c *jeton.VerifierConfig) { c.Cache = cache })})
	eve, bob := s.issuer.token(s, "eve"), s.issuer.token(s, "bob")
	forged := eve[:strings.LastIndex(eve, ".")] + bob[strings.LastIndex(bob, "."):]
	for _, subject := range []string{"ada", "bob", "eve", "ada", "bob", "eve"} {
		r.admits(bearer(s.issuer.token(s, subject)), foundOf(subject))
		r.refuses(bearer(forged), invalid)
	}
}

// foundFurtherIn has a loader find the principal, a policy the user, and the handler both.
func (s *scene) foundFurtherIn() {
	loader := guard.Users(func(ctx context.Context, subject string) (*User, error) {
		if p, ok := jeton.FromContext(ctx); !ok || p.Subject() != subject {
			return nil, fmt.Errorf("the loader's context has the principal %v", p)
		}
		return &User{Name: "User " + subject}, nil
	})
	r := s.start(guard.Config{}, func(v *Server) {
		v.Users = loader
		v.Policy = func(ctx context.Context, p *jeton.Principal) (bool, error) {
			user, ok := loader.From(ctx)
			return ok && user.Name == "User "+p.Subject(), nil
		}
	})
	r.admits(bearer(s.issuer.token(s, "ada")), foundOf("ada")+" User ada")
}

// goneClient has a client go away while its token is verified. The handler is not called for nobody.
func (s *scene) goneClient() {
	verifying, verified := make(chan struct{}), make(chan error, 1)
	sound := s.issuer.verifier(s)
	r := s.start(guard.Config{Verifier: jeton.VerifierFunc(func(ctx context.Context, token string) (*jeton.Principal, error) {
		p, err := sound.Verify(ctx, token)
		if err != nil || p.Subject() != "gone" {
			return p, err
		}
		close(verifying)
		select {
		case <-ctx.Done():
		case <-time.After(stall):
		}
		verified <- ctx.Err()
		return p, ctx.Err()
	})})
	ctx, leave := context.WithCancel(s.ctx)
	defer leave()
	answered := make(chan struct{})
	go func() {
		defer close(answered)
		_, _ = r.send(ctx, bearer(s.issuer.token(s, "gone"))) // nobody waits for an answer
	}()
	select {
	case <-verifying:
	case <-s.ctx.Done():
		s.Fatal("the verifier was not asked")
	}
	leave()
	<-answered
	if err := <-verified; err == nil {
		s.Error("the verifier's context did not end when the client went away")
	}
	r.admits(bearer(s.issuer.token(s, "ada")), foundOf("ada"))
}
