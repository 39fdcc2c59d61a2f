package guardtest

import (
	"context"
	"fmt"
	"net/http"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/guard"
	"github.com/jetonauth/jeton/jwk"
	"github.com/jetonauth/jeton/revoke"
)

func failureScenarios() []scenario {
	return []scenario{
		{"keys that are away", (*scene).keysAway},
		{"revocations that are away", (*scene).revocationsAway},
		{"a store of users that is down", (*scene).usersDown},
		{"a verifier that is cut short", (*scene).cutShort},
		{"a defect of the verifier", (*scene).defectiveVerifier},
		{"a panic of the verifier", (*scene).verifierPanics},
		{"a panic of a source", (*scene).sourcePanics},
		{"a panic of the guard's policy", (*scene).guardPolicyPanics},
		{"a panic of a loader", (*scene).loaderPanics},
		{"a panic of a policy", (*scene).policyPanics},
		{"a panic of the answerer", (*scene).answererPanics},
		{"a panic that wants no answer", (*scene).aborts},
	}
}

// noKeys is where keys cannot be had.
type noKeys struct{}

func (noKeys) VerifyingKeys(context.Context) (*jwk.Set, error) { return nil, errSecret }

// What cannot be judged is never a bad token: a client would throw it away and sign in again.
func (s *scene) keysAway() {
	r := s.start(guard.Config{Verifier: s.issuer.verifier(s, func(c *jeton.VerifierConfig) { c.Keys = noKeys{} })})
	r.refuses(bearer(s.issuer.token(s, "ada")), unavailable)
	r.refuses(request{}, missing)
}

func (s *scene) revocationsAway() {
	away := revoke.CheckerFunc(func(context.Context, revoke.Token) (bool, error) { return false, errSecret })
	for _, optional := range []bool{false, true} {
		r := s.start(guard.Config{
			Verifier: s.issuer.verifier(s, func(c *jeton.VerifierConfig) { c.Revoked = away }), Optional: optional,
		})
		r.refuses(bearer(s.issuer.token(s, "ada")), unavailable)
		r.refuses(bearer("abc"), invalid)
	}
}

func (s *scene) usersDown() {
	r := s.start(guard.Config{}, func(v *Server) { v.Users = users() })
	r.refuses(bearer(s.issuer.token(s, "broken")), unavailable)
	r.refuses(bearer(s.issuer.token(s, "lost")), unavailable)
	r.admits(bearer(s.issuer.token(s, "ada")), foundOf("ada")+" User ada")
}

func (s *scene) cutShort() {
	for _, cause := range []error{context.Canceled, context.DeadlineExceeded} {
		r := s.start(guard.Config{Verifier: jeton.VerifierFunc(func(context.Context, string) (*jeton.Principal, error) {
			return nil, fmt.Errorf("%s: %w", secret, cause)
		})})
		r.refuses(bearer(s.issuer.token(s, "ada")), unavailable)
	}
}

func (s *scene) defectiveVerifier() {
	for _, result := range []error{errSecret, nil} {
		r := s.start(guard.Config{Verifier: jeton.VerifierFunc(func(context.Context, string) (*jeton.Principal, error) { return nil, result })})
		r.refuses(bearer(s.issuer.token(s, "ada")), internal)
	}
}

// After a panic of what the application gave the guard, the server goes on.
func (s *scene) verifierPanics() {
	sound := s.issuer.verifier(s)
	r := s.start(guard.Config{Verifier: jeton.VerifierFunc(func(ctx context.Context, token string) (*jeton.Principal, error) {
		p, err := sound.Verify(ctx, token)
		if err == nil {
			err = fate(p.Subject())
		}
		return p, err
	})})
	s.panics(r)
}

// panics wants a route to answer panics, for those subjects that cause them, and others afterwards.
func (s *scene) panics(r *route) {
	s.Helper()
	for _, subject := range []string{"panic", "nil"} {
		r.refuses(bearer(s.issuer.token(s, subject)), internal)
		r.admits(bearer(s.issuer.token(s, "ada")), r.foundOf("ada"))
	}
}

// foundOf is what the handler of a route finds, which may have a loader.
func (r *route) foundOf(subject string) string {
	if r.loads {
		return foundOf(subject) + " User " + subject
	}
	return foundOf(subject)
}

func (s *scene) sourcePanics() {
	source := guard.SourceFunc(func(c guard.Carrier) (string, error) {
		if len(c.Header("X-Panic")) > 0 {
			panic(secret)
		}
		return "", nil
	})
	r := s.start(guard.Config{Sources: []guard.Source{source, guard.Bearer()}})
	r.refuses(request{header: http.Header{"X-Panic": {"1"}}}, internal)
	r.admits(bearer(s.issuer.token(s, "ada")), foundOf("ada"))
}

func (s *scene) guardPolicyPanics() { s.panics(s.start(guard.Config{Policy: byName})) }

func (s *scene) loaderPanics() {
	r := s.start(guard.Config{}, func(v *Server) { v.Users = users() })
	s.panics(r)
	r.refuses(bearer(s.issuer.token(s, "none")), internal)
}

func (s *scene) policyPanics() {
	s.panics(s.start(guard.Config{}, func(v *Server) { v.Policy = byName }))
}

// Protocols other than HTTP need not ask the Answerer, but must refuse.
func (s *scene) answererPanics() {
	r := s.start(guard.Config{Answerer: guard.AnswererFunc(func(*guard.Refusal) guard.Answer { panic(secret) })})
	reply := r.ask(request{})
	if reply.Status < http.StatusBadRequest || r.url != "" && reply.Status != http.StatusInternalServerError {
		s.Errorf("answered %d %s", reply.Status, reply.Body)
	}
	r.leaksNothing(reply)
	r.admits(bearer(s.issuer.token(s, "ada")), foundOf("ada"))
}

// http.ErrAbortHandler says that nothing should be answered. Where that cannot be, it is at least no success, and not the server's end.
func (s *scene) aborts() {
	for _, r := range []*route{
		s.start(guard.Config{Policy: byName}),
		s.start(guard.Config{}, func(v *Server) { v.Users = users() }),
		s.start(guard.Config{}, func(v *Server) { v.Policy = byName }),
	} {
		reply, err := r.send(s.ctx, bearer(s.issuer.token(s, "abort")))
		if err == nil && reply.Status < http.StatusInternalServerError {
			s.Errorf("answered %d %s", reply.Status, reply.Body)
		}
		r.leaksNothing(reply)
		r.admits(bearer(s.issuer.token(s, "ada")), r.foundOf("ada"))
	}
}
