package foal_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/jetonauth/jeton/dialect/foal"
	"github.com/jetonauth/jeton/revoke"
)

// The black list sees every token, also what is none, and before anything is known of it.
func TestBlackListIsAskedFirst(t *testing.T) {
	t.Parallel()
	var asked []revoke.Token
	o := options(func(o *foal.Options) {
		o.BlackList = revoke.CheckerFunc(func(_ context.Context, token revoke.Token) (bool, error) {
			asked = append(asked, token)
			return true, nil
		})
	})
	h := protect(t, o, true)
	named := sign(t, claims{"jti": "token-1", "sid": "session-1"})
	tokens := []string{"abc", sign(t, claims{"exp": 1}), signWith(t, newKey(t), jwtClaims()), named}
	for _, token := range tokens {
		ask(t, h, withBearer(token)).expect(t, unauthorized("jwt revoked"))
	}
	if len(asked) != len(tokens) {
		t.Fatalf("asked %d times for %d tokens", len(asked), len(tokens))
	}
	for i, token := range tokens {
		if asked[i].Raw != token {
			t.Errorf("asked about %q, want %q", asked[i].Raw, token)
		}
	}
	if got := asked[3]; got.ID != "token-1" || got.Session != "session-1" {
		t.Errorf("asked about the ids %q and %q", got.ID, got.Session)
	}
	ask(t, h, request{}).expect(t, letThrough("hello, stranger"))
}

func TestBlackListIsDown(t *testing.T) {
	t.Parallel()
	for name, list := range map[string]revoke.CheckerFunc{
		"error": func(context.Context, revoke.Token) (bool, error) { return false, errors.New("a secret") },
		"both":  func(context.Context, revoke.Token) (bool, error) { return true, errors.New("a secret") },
	} {
		for _, token := range []string{"abc", sign(t, nil)} {
			o := options(func(o *foal.Options) { o.BlackList = list })
			if got := ask(t, protect(t, o, true), withBearer(token)); got.status != 503 {
				t.Errorf("%s: %+v", name, got)
			}
		}
	}
}

// Foal's isInFile is revoke.NewFile.
func TestBlackListInFile(t *testing.T) {
	t.Parallel()
	good, listed, byID := sign(t, nil), sign(t, claims{"x": 1}), sign(t, claims{"jti": "token-1"})
	path := filepath.Join(t.TempDir(), "blacklist.txt")
	if err := os.WriteFile(path, []byte(listed+"\ntoken-1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	file, err := revoke.NewFile(revoke.FileConfig{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	h := protect(t, options(func(o *foal.Options) { o.BlackList = file }), false)
	ask(t, h, withBearer(good)).expect(t, letThrough("hello, 1"))
	ask(t, h, withBearer(listed)).expect(t, unauthorized("jwt revoked"))
	ask(t, h, withBearer(byID)).expect(t, unauthorized("jwt revoked"))
}
