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

func TestWalkIsBounded(t *testing.T) {
	t.Parallel()
	secret, err := newRefreshSecret([]byte("0123456789abcdefghijklmnopqrstuv"))
	if err != nil {
		t.Fatal(err)
	}
	token := refreshToken{session: newID(), generation: 10, tag: newTag()}
	step := secret.chain(token.session).next(token.tag, 11)
	if got, ok := secret.walk(token, 11); !ok || got != step {
		t.Error("one step of the walk is not one step of the chain")
	}
	if got, ok := secret.walk(token, 10); !ok || got != token.tag {
		t.Error("no step changes the tag")
	}
	if _, ok := secret.walk(token, 10+maxWalk); !ok {
		t.Error("the longest walk was refused")
	}
	for _, generation := range []uint32{9, 0, 10 + maxWalk + 1, 1<<32 - 1} {
		if _, ok := secret.walk(token, generation); ok {
			t.Errorf("walked from 10 to %d", generation)
		}
	}
}

func BenchmarkLongestWalk(b *testing.B) {
	secret, err := newRefreshSecret([]byte("0123456789abcdefghijklmnopqrstuv"))
	if err != nil {
		b.Fatal(err)
	}
	token := refreshToken{session: newID(), tag: newTag()}
	for b.Loop() {
		secret.walk(token, maxWalk)
	}
}
