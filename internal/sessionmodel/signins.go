package sessionmodel

import (
	"fmt"

	"pgregory.net/rapid"

	"github.com/jetonauth/jeton"
)

func (r *run) signUpAny(n *node) bool {
	r.signUp(n, rapid.SampledFrom(emails[:]).Draw(r.t, "email"), r.pickPlace())
	return true
}

// signUp makes an account and a session, unless the address has an account.
func (r *run) signUp(n *node, email string, from place) {
	password := r.newPassword()
	r.say(n, "sign up %s with %s", email, password)
	grant, err := n.auth.SignUp(r.t.Context(), jeton.SignUpRequest{Email: email, Password: password, Client: from.client})
	for _, u := range r.users {
		if u.email == email && !u.deleted {
			r.same(n, "sign up", err, jeton.ErrEmailTaken)
			return
		}
	}
	r.same(n, "sign up", err, nil)
	u := &user{name: fmt.Sprint("user ", len(r.users)+1), email: email, password: password, id: grant.User.ID}
	r.users = append(r.users, u)
	r.signedIn(n, "sign up", grant, r.begin(u, jeton.Rotating, from))
}

// signedIn keeps what a session begins with.
func (r *run) signedIn(n *node, what string, grant *jeton.Grant, s *session) {
	if s.kind == jeton.Rotating {
		s.tokens = []string{grant.RefreshToken}
	}
	r.granted(n, what, grant, s)
}

// signInLocal signs somebody in by a password. At the moment when it was found to be right, something else may happen.
func (r *run) signInLocal(n *node) bool {
	u := pick(r.t, "user", r.users)
	password := u.password
	if rapid.IntRange(0, 4).Draw(r.t, "wrong password") == 4 {
		password = "wrong"
	}
	r.signIn(n, u, jeton.SignInRequest{Credentials: &jeton.Credentials{Email: u.email, Password: password}}, func() bool {
		now := r.holder(u.email)
		return now != nil && !now.disabled && now.password == password
	}, func() *user { return r.holder(u.email) })
	return true
}

// signInCard signs somebody in whom only the card has proved: what the account is like is found out afterwards.
func (r *run) signInCard(n *node) bool {
	u := pick(r.t, "user", r.users)
	r.signIn(n, u, jeton.SignInRequest{Strategy: cardStrategy, Credentials: &card{u.id}}, func() bool {
		return !u.disabled && !u.deleted
	}, func() *user { return u })
	return true
}

// holder is whose account an address is now.
func (r *run) holder(email string) *user {
	for _, u := range r.users {
		if u.email == email && !u.deleted {
			return u
		}
	}
	return nil
}

// signIn compares a sign-in with what proves it, which is asked when it is over.
func (r *run) signIn(n *node, u *user, req jeton.SignInRequest, proved func() bool, who func() *user) {
	from := r.pickPlace()
	req.Client = from.client
	req.Kind = rapid.SampledFrom([]jeton.SessionKind{jeton.Rotating, jeton.AccessOnly}).Draw(r.t, "kind")
	r.say(n, "sign in %s, %s, %T", u.name, req.Kind, req.Credentials)
	if rapid.IntRange(0, 3).Draw(r.t, "disturbed") == 3 {
		n.store.beforeCreate = r.disturbance(u)
	}
	grant, err := n.auth.SignIn(r.t.Context(), req)
	r.done(n)
	if !proved() {
		r.same(n, "sign in", err, jeton.ErrInvalidCredentials)
		return
	}
	r.same(n, "sign in", err, nil)
	r.signedIn(n, "sign in", grant, r.begin(who(), req.Kind, from))
}

// disturbance draws what happens to an account while somebody is about to get a session of it, or to go on with one.
func (r *run) disturbance(u *user) func() {
	n := r.pickNode()
	do := pick(r.t, "disturbance", []func(){
		func() { r.removeThis(n, u) },
		func() { r.setDisabledThis(n, u, true) },
		func() { r.setPasswordThis(n, u) },
	})
	return func() {
		r.t.Logf("  at that moment:")
		do()
		r.compareTokens(n)
	}
}
