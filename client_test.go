package jeton_test

import (
	"strings"
	"testing"

	"github.com/jetonauth/jeton"
)

// What a client says of itself is stored, listed and logged, and so is short and valid text, whatever was sent.
func TestUserAgentsAreCutWhereTheyAreStored(t *testing.T) {
	t.Parallel()
	letters := strings.Repeat("a", 300)
	for name, test := range map[string]struct{ agent, want string }{
		"short":                    {"browser", "browser"},
		"256 bytes":                {letters[:256], letters[:256]},
		"257 bytes":                {letters[:257], letters[:256]},
		"a terminal's sequences":   {"a\x1b[2Jb\x00c\nd\u009b31m", "a\uFFFD[2Jb\uFFFDc\uFFFDd\uFFFD31m"},
		"from right to left":       {"\u202efdp.exe", "\uFFFDfdp.exe"},
		"long":                     {strings.Repeat(letters, 100), letters[:256]},
		"ends with a rune":         {letters[:254] + "é" + letters, letters[:254] + "é"},
		"two-byte rune on the cut": {letters[:255] + "é" + letters, letters[:255]},
		"four-byte rune, one in":   {letters[:255] + "😀" + letters, letters[:255]},
		"four-byte rune, three in": {letters[:253] + "😀" + letters, letters[:253]},
		"invalid":                  {"a\xff\xfe\xc3b", "a\uFFFDb"},
		"invalid on the cut":       {letters[:255] + "\xff" + letters, letters[:255]},
		"grows by being mended":    {strings.Repeat("a\xff", 200), strings.Repeat("a\uFFFD", 64)},
		"half a rune at the end":   {"a\xe2\x82", "a\uFFFD"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newService(t, nil)
			sent, want := from(homeNet, test.agent), from(homeNet, test.want)
			check := func(step string, got jeton.Client) {
				t.Helper()
				if got != want {
					t.Errorf("%s: user agent %q of %d bytes, want %q", step, got.UserAgent, len(got.UserAgent), want.UserAgent)
				}
			}
			last := func() jeton.Event {
				s.mu.Lock()
				defer s.mu.Unlock()
				return s.events[len(s.events)-1]
			}
			s.signUp(ada)
			g, err := s.signIn(ada, good, sent)
			if err != nil {
				t.Fatal(err)
			}
			check("event of the sign-in", last().Client)
			session := s.stored(g)
			check("session", session.Client)
			check("session's beginning", session.CreatedBy)

			moved, err := s.signIn(ada, good, browser)
			if err != nil {
				t.Fatal(err)
			}
			next, err := s.refresh(moved.RefreshToken, sent)
			if err != nil {
				t.Fatal(err)
			}
			check("session in the answer", next.Session.Client)
			check("refreshed session", s.stored(moved).Client)
			if _, err := s.refresh(moved.RefreshToken, sent); err != nil { // the same client, so it is a replay
				t.Fatal(err)
			}
			check("event of a replay", last().Client)
			if previous := last().Previous; previous != nil {
				check("who came before", *previous)
			} else {
				t.Error("the event of a replay does not say who came before")
			}
			if err := s.EndSession(t.Context(), g.User.ID, g.Session.ID, sent); err != nil {
				t.Fatal(err)
			}
			check("event of an end", last().Client)
		})
	}
}

// stored is a grant's session as the store has it.
func (s *service) stored(g *jeton.Grant) *jeton.Session {
	s.t.Helper()
	session, err := s.store.SessionByID(s.t.Context(), g.Session.ID)
	if err != nil {
		s.t.Fatal(err)
	}
	return session
}

// A long user agent is the same one at the next refresh: what is compared is what was stored.
func TestALongUserAgentIsRecognised(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	agent := strings.Repeat("agent ", 100)
	g := s.signUp(ada)
	if _, err := s.refresh(g.RefreshToken, from(homeNet, agent)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.refresh(g.RefreshToken, from(otherNet, agent)); err != nil {
		t.Errorf("replay with the same long user agent from another network: %v", err)
	}
}
