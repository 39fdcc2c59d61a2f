package remote_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/api"
	"github.com/jetonauth/jeton/jwk"
	"github.com/jetonauth/jeton/jwt"
	"github.com/jetonauth/jeton/revoke"
	"github.com/jetonauth/jeton/revoke/remote"
	"github.com/jetonauth/jeton/store/memory"
)

// startJeton starts what stands for the service with the accounts, and makes a service client there.
func startJeton(ctx context.Context) (server *httptest.Server, auth *jeton.Auth, secret string, err error) {
	key, err := jwk.Generate(jwk.ES256)
	if err != nil {
		return nil, nil, "", err
	}
	auth, err = jeton.New(jeton.Config{Issuer: "https://auth.example.com", Keys: jwk.Static(key), Store: memory.New(), Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return nil, nil, "", err
	}
	secret, err = auth.AddServiceClient(ctx, "news", []string{jeton.ScopeRevocations}) // jeton client add news --scope revocations
	mux := http.NewServeMux()
	api.Mount(mux, auth)
	return httptest.NewServer(mux), auth, secret, err
}

func ExampleNew() {
	ctx := context.Background()
	server, auth, secret, err := startJeton(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer server.Close()

	feed, err := remote.New(remote.Config{
		URL:  server.URL + "/auth/revocations", // elsewhere Issuer is enough
		Name: "news", Secret: secret,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	follower, err := revoke.NewFollower(revoke.FollowerConfig{Feed: feed})
	if err != nil {
		fmt.Println(err)
		return
	}
	keys, err := auth.PublicKeys(ctx) // elsewhere package jwk/remote fetches them
	if err != nil {
		fmt.Println(err)
		return
	}
	verifier, err := jeton.NewVerifier(jeton.VerifierConfig{
		Issuer: "https://auth.example.com", Audience: []string{"https://auth.example.com"}, Keys: keys, Revoked: follower,
	})
	if err != nil {
		fmt.Println(err)
		return
	}

	grant, err := auth.SignUp(ctx, jeton.SignUpRequest{Email: "ada@example.com", Password: "correct horse battery"})
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = verifier.Verify(ctx, grant.AccessToken)
	fmt.Println("signed in:", err)
	if err := auth.SignOut(ctx, jeton.SignOutRequest{Token: grant.AccessToken}); err != nil {
		fmt.Println(err)
		return
	}
	if err := follower.Sync(ctx); err != nil { // without it, some tenths of a second later
		fmt.Println(err)
		return
	}
	_, err = verifier.Verify(ctx, grant.AccessToken)
	fmt.Println("signed out:", errors.Is(err, jwt.ErrRevoked))
	// Output:
	// signed in: <nil>
	// signed out: true
}

func ExampleFeed_Watch() {
	feed, err := remote.New(remote.Config{Issuer: "https://auth.example.com", Name: "news", Secret: os.Getenv("NEWS_SECRET")})
	if err != nil {
		fmt.Println(err)
		return
	}
	follower, err := revoke.NewFollower(revoke.FollowerConfig{Feed: feed})
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop() // when the service ends
	go func() { _ = feed.Watch(ctx, follower.Hint) }()
	cancel := follower.Subscribe(func(e revoke.Entry) { fmt.Printf("close the connections of %x\n", e.ID) })
	defer cancel()
	<-ctx.Done() // the service serves
}
