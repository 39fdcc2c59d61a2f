package conformance_test

import (
	"errors"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/jwk"
	"github.com/jetonauth/jeton/jwt"
	"github.com/jetonauth/jeton/store/mongo"
)

// TestSignOutAgain: a node was killed when it had marked a session ended and not yet revoked it, so that nobody was told. Who signs out again and is
// told so can rely on it.
func TestSignOutAgain(t *testing.T) {
	name := newDatabase()
	open(t, name)
	store := mongo.New(connect(t, name, nil))
	key, err := jwk.Generate(jwk.ES256)
	if err != nil {
		t.Fatal(err)
	}
	node := func() *jeton.Auth {
		auth, err := jeton.New(jeton.Config{
			Issuer: "https://auth.example.com", Keys: jwk.Static(key), Store: store, Secret: []byte("6f7ce07ab4b52a8f8b1b1f0b6b1bd9b0"),
			Limits: jeton.Limits{Off: true},
		})
		if err != nil {
			t.Fatal(err)
		}
		return auth
	}
	for what, again := range map[string]func(auth *jeton.Auth, g *jeton.Grant) error{
		"by the access token": func(a *jeton.Auth, g *jeton.Grant) error {
			return a.SignOut(t.Context(), jeton.SignOutRequest{Token: g.AccessToken})
		},
		"by the refresh token": func(a *jeton.Auth, g *jeton.Grant) error {
			return a.SignOut(t.Context(), jeton.SignOutRequest{Token: g.RefreshToken})
		},
		"from the list": func(a *jeton.Auth, g *jeton.Grant) error {
			if err := a.EndSession(t.Context(), g.User.ID, g.Session.ID, jeton.Client{}); !errors.Is(err, jeton.ErrNotFound) {
				return errors.New("a session that has ended is in the list")
			}
			return nil
		},
	} {
		auth := node()
		g, err := auth.SignUp(t.Context(), jeton.SignUpRequest{Email: newDatabase() + "@example.com", Password: "correct horse battery staple"})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := store.Database().Collection("jeton_sessions").UpdateOne(t.Context(), bson.M{"_id": g.Session.ID}, bson.M{"$set": bson.M{
			"ended_at": time.Now(), "end_reason": "sign_out", "revoke_for": (5 * time.Minute).Milliseconds(), "ending": "x", "unrevoked": true,
		}}); err != nil {
			t.Fatal(err)
		}
		if err := again(auth, g); err != nil {
			t.Errorf("%s: %v", what, err)
		}
		for _, a := range []*jeton.Auth{auth, node()} {
			if _, err := a.Verify(t.Context(), g.AccessToken); !errors.Is(err, jwt.ErrRevoked) {
				t.Errorf("%s: then the access token is judged %v, want that it is revoked", what, err)
			}
		}
	}
}
