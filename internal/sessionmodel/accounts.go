package sessionmodel

import (
	"pgregory.net/rapid"

	"github.com/jetonauth/jeton"
)

// changePassword changes the password of whom an access token proves. At the moment when the new one is to be written, somebody may sign
// in with the old one, or may want to go on with a session, which has ended by then.
func (r *run) changePassword(n *node) bool {
	a, p := r.principal(n)
	if a == nil {
		return false
	}
	u, now, next := a.user, r.pickPassword(a.user), r.newPassword()
	r.say(n, "change the password of %s by %s, from %q to %q", u.name, a.name, now, next)
	if rapid.IntRange(0, 3).Draw(r.t, "disturbed") == 3 {
		other, late := r.pickNode(), r.rotating(func(s *session) bool { return s.user == u && s != a.session })
		n.store.beforePassword = func() {
			r.t.Logf("  at that moment:")
			r.endAll(u, a.session)
			if len(late) > 0 && rapid.Bool().Draw(r.t, "go on") {
				s := pick(r.t, "session", late)
				r.refreshThis(other, s, s.generation(), r.places[0])
			} else {
				r.signInWith(other, u)
			}
		}
	}
	err := n.auth.ChangePassword(r.t.Context(), p, jeton.ChangePasswordRequest{Current: now, New: next, Client: r.places[0].client})
	r.done(n)
	var want error
	switch {
	case u.deleted:
		want = jeton.ErrNotFound
	case u.disabled, now != u.password:
		want = jeton.ErrInvalidCredentials
	}
	if r.same(n, "change the password", err, want) {
		u.password = next
		r.endAll(u, a.session)
	}
	return true
}

// signInWith signs somebody in with the right password.
func (r *run) signInWith(n *node, u *user) {
	r.say(n, "sign in %s", u.name)
	grant, err := n.auth.SignIn(r.t.Context(), jeton.SignInRequest{
		Credentials: &jeton.Credentials{Email: u.email, Password: u.password}, Client: r.places[0].client,
	})
	r.same(n, "sign in", err, nil)
	r.signedIn(n, "sign in", grant, r.begin(u, jeton.Rotating, r.places[0]))
}

func (r *run) setPassword(n *node) bool {
	r.setPasswordThis(n, pick(r.t, "user", r.users))
	return true
}

// operated compares the answer to an operator, who may name an account that is gone, and reports whether it is there.
func (r *run) operated(n *node, what string, there bool, err error) bool {
	var want error
	if !there {
		want = jeton.ErrNotFound
	}
	return r.same(n, what, err, want)
}

// latecomer lets a session of an account be refreshed once the account is changed and before its sessions are ended.
func (r *run) latecomer(n *node, u *user, change func()) {
	own := r.rotating(func(s *session) bool { return s.user == u })
	if len(own) == 0 || rapid.IntRange(0, 3).Draw(r.t, "disturbed") < 3 {
		return
	}
	other, s := r.pickNode(), pick(r.t, "session", own)
	n.store.beforeEnd = func() {
		r.t.Logf("  at that moment:")
		change()
		r.refreshThis(other, s, s.generation(), r.places[0])
	}
}

func (r *run) setPasswordThis(n *node, u *user) {
	next := r.newPassword()
	r.say(n, "set the password of %s to %q", u.name, next)
	if r.operated(n, "set the password", !u.deleted, n.auth.SetPassword(r.t.Context(), u.id, next)) {
		u.password = next
		r.endAll(u, nil)
	}
}

func (r *run) setDisabled(n *node) bool {
	u, disabled := pick(r.t, "user", r.users), !rapid.Bool().Draw(r.t, "enable")
	r.latecomer(n, u, func() { u.disabled = disabled })
	r.setDisabledThis(n, u, disabled)
	r.done(n)
	return true
}

func (r *run) setDisabledThis(n *node, u *user, disabled bool) {
	r.say(n, "%s is disabled: %t", u.name, disabled)
	there := !u.deleted
	if !r.operated(n, "disable", there, n.auth.SetDisabled(r.t.Context(), u.id, disabled)) {
		return
	}
	if u.disabled = disabled; disabled {
		r.endAll(u, nil)
	}
}

func (r *run) setRoles(n *node) bool {
	u := pick(r.t, "user", r.users)
	roles := rapid.SampledFrom([][]string{{"admin"}, nil, {"editor", "admin"}}).Draw(r.t, "roles")
	r.say(n, "%s has roles %q", u.name, roles)
	if r.operated(n, "set roles", !u.deleted, n.auth.SetRoles(r.t.Context(), u.id, roles)) {
		u.roles = roles
		r.endAll(u, nil)
	}
	return true
}

func (r *run) removeUser(n *node) bool {
	u := pick(r.t, "user", r.users)
	r.latecomer(n, u, func() { u.deleted = true })
	r.removeThis(n, u)
	r.done(n)
	return true
}

func (r *run) removeThis(n *node, u *user) {
	r.say(n, "remove %s", u.name)
	there := !u.deleted
	if r.operated(n, "remove", there, n.auth.RemoveUser(r.t.Context(), u.id)) {
		r.removed(u)
	}
}

func (r *run) removed(u *user) {
	u.deleted = true
	r.endAll(u, nil)
}

// deleteAccount deletes the account of whom an access token proves.
func (r *run) deleteAccount(n *node) bool {
	a, p := r.principal(n)
	if a == nil {
		return false
	}
	password := r.pickPassword(a.user)
	r.fiveMinutesAfter(p.AuthTime())
	r.say(n, "delete %s by %s, password %q", a.user.name, a.name, password)
	err := n.auth.DeleteAccount(r.t.Context(), p, jeton.DeletionRequest{CurrentPassword: password, Client: r.places[0].client})
	want := r.confirm(a.user, p.AuthTime(), password)
	if want == nil && a.user.deleted {
		want = jeton.ErrNotFound
	}
	if r.same(n, "delete", err, want) {
		r.removed(a.user)
	}
	return true
}
