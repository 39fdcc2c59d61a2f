package jeton

import (
	"strings"
	"testing"
)

func TestRefreshTokenRoundTrip(t *testing.T) {
	t.Parallel()
	for _, want := range []refreshToken{
		{secretID: 1, session: newID(), generation: 0, tag: newTag()},
		{secretID: 1<<32 - 1, session: newID(), generation: 1<<32 - 1, tag: newTag()},
	} {
		s, err := want.encode()
		if err != nil {
			t.Fatal(err)
		}
		got, ok := decodeRefreshToken(s)
		if !ok || got != want {
			t.Errorf("%s: %+v, %v; want %+v", s, got, ok, want)
		}
	}
	for _, id := range []string{"", "short", strings.Repeat("A", 26), newID() + "a"} {
		if s, err := (refreshToken{session: id}).encode(); err == nil {
			t.Errorf("session %q: encoded as %s", id, s)
		}
	}
}

func TestEveryTypingErrorIsNoticed(t *testing.T) {
	t.Parallel()
	s, err := refreshToken{session: newID(), tag: newTag()}.encode()
	if err != nil {
		t.Fatal(err)
	}
	for i := range s {
		for _, c := range "AB_" {
			wrong := s[:i] + string(c) + s[i+1:]
			if _, ok := decodeRefreshToken(wrong); ok && wrong != s {
				t.Fatalf("%s was read although character %d is wrong", wrong, i)
			}
		}
	}
}

func FuzzDecodeRefreshToken(f *testing.F) {
	for range 3 {
		s, err := refreshToken{secretID: 7, session: newID(), generation: 3, tag: newTag()}.encode()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(s)
		f.Add(s[:20])
		f.Add(s + "=")
	}
	f.Add("")
	f.Add("jrt_")
	f.Fuzz(func(t *testing.T, s string) {
		token, ok := decodeRefreshToken(s)
		if !ok {
			return
		}
		again, err := token.encode()
		if err != nil || again != s {
			t.Errorf("%q was read, but is written as %q, %v", s, again, err)
		}
	})
}

func TestWalk(t *testing.T) {
	t.Parallel()
	secret, err := newRefreshSecret([]byte("0123456789abcdefghijklmnopqrstuv"))
	if err != nil {
		t.Fatal(err)
	}
	token := refreshToken{session: newID(), generation: 10, tag: newTag()}
	one := secret.chain(token.session).next(token.tag, 11)
	two := secret.chain(token.session).next(one, 12)
	for generation, want := range map[uint32]tag{10: token.tag, 11: one, 12: two} {
		if got := secret.walk(token, generation); got != want {
			t.Errorf("generation %d is not that many steps of the chain", generation)
		}
	}
	if other := secret.chain(newID()).next(token.tag, 11); other == one {
		t.Error("the chain does not depend on the session")
	}
}

func TestSealIsOverEverything(t *testing.T) {
	t.Parallel()
	secret, err := newRefreshSecret([]byte("0123456789abcdefghijklmnopqrstuv"))
	if err != nil {
		t.Fatal(err)
	}
	text, err := secret.issue(newID(), 3, newTag())
	if err != nil {
		t.Fatal(err)
	}
	good, ok := decodeRefreshToken(text)
	if !ok || !secret.sealed(good) {
		t.Fatalf("%s is not sealed, %v", text, ok)
	}
	for name, change := range map[string]func(*refreshToken){
		"secret":     func(t *refreshToken) { t.secretID++ },
		"session":    func(t *refreshToken) { t.session = newID() },
		"generation": func(t *refreshToken) { t.generation-- },
		"tag":        func(t *refreshToken) { t.tag[31] ^= 1 },
		"seal":       func(t *refreshToken) { t.seal[7] ^= 1 },
	} {
		bad := good
		change(&bad)
		if secret.sealed(bad) {
			t.Errorf("the seal holds although the %s is another one", name)
		}
	}
}
