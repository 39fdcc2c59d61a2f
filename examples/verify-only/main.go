// Command verify-only is a service without accounts of its own: it checks tokens that somebody else issues, by the keys that
// the issuer publishes. To try it with the tokens of examples/quickstart:
//
//	go run ./examples/verify-only -issuer http://127.0.0.1:8080 -audience http://127.0.0.1:8080 \
//		-jwks http://127.0.0.1:8080/.well-known/jwks.json
//
// So a token is good until it expires. Where the issuer is a jeton, a service client lets it see what is revoked, and a token that is
// signed out is refused within a second. To try that beside "jeton serve":
//
//	export CLIENT_SECRET=$(jeton client add verify-only --scope revocations)
//	go run ./examples/verify-only -issuer http://127.0.0.1:8080 -audience http://127.0.0.1:8080 -client verify-only
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/guard"
	"github.com/jetonauth/jeton/jwk/remote"
	"github.com/jetonauth/jeton/revoke"
	revocations "github.com/jetonauth/jeton/revoke/remote"
)

func main() {
	issuer := flag.String("issuer", "", "`URL` of the issuer, exactly as its tokens have it (needed)")
	audience := flag.String("audience", "", "`name` of this service, which tokens must be for (needed)")
	jwks := flag.String("jwks", "", "`URL` of the issuer's JWK Set; empty to discover it")
	client := flag.String("client", "", "`name` of a service client at the issuer, whose secret is in CLIENT_SECRET; empty to follow no revocations")
	address := flag.String("listen", "127.0.0.1:8081", "`address` to listen on")
	flag.Parse()
	if *issuer == "" || *audience == "" {
		flag.Usage()
		os.Exit(2)
	}
	ctx := context.Background()
	var revoked revoke.Checker // nil: nothing is
	if *client != "" {
		var err error
		if revoked, err = follow(ctx, *issuer, *client, os.Getenv("CLIENT_SECRET")); err != nil {
			log.Fatal(err)
		}
	}
	routes, err := handler(ctx, *issuer, *audience, *jwks, revoked)
	if err != nil {
		log.Fatal(err)
	}
	listener, err := net.Listen("tcp", *address)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("Try: curl http://%s/whoami -H \"Authorization: Bearer $TOKEN\"\n", listener.Addr())
	server := &http.Server{Handler: routes, ReadHeaderTimeout: 10 * time.Second}
	log.Fatal(server.Serve(listener))
}

// handler fetches the issuer's keys once, so that a service without them does not start. From then on they are kept fresh by
// themselves: new keys are found when the first token names one, and an issuer that is away does no harm for a day.
func handler(ctx context.Context, issuer, audience, jwks string, revoked revoke.Checker) (http.Handler, error) {
	keys, err := remote.New(ctx, remote.Config{Issuer: issuer, URL: jwks, Logger: slog.Default()})
	if err != nil {
		return nil, fmt.Errorf("keys of %s: %w", issuer, err)
	}
	verifier, err := jeton.NewVerifier(jeton.VerifierConfig{
		Issuer:   issuer,
		Audience: []string{audience}, // otherwise tokens for the issuer's other services would be good here, too
		Keys:     keys,
		Revoked:  revoked,
	})
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("GET /whoami", guard.Require(verifier)(http.HandlerFunc(whoAmI)))
	return mux, nil
}

// follow reads what the issuer has revoked once, so that a wrong secret is noticed at the start. From then on it is read whenever a token is checked
// and what is known is older than some tenths of a second. An issuer that is away for longer than 10 s makes the service answer 503.
func follow(ctx context.Context, issuer, client, secret string) (revoke.Checker, error) {
	feed, err := revocations.New(revocations.Config{Issuer: issuer, Name: client, Secret: secret})
	if err != nil {
		return nil, err
	}
	follower, err := revoke.NewFollower(revoke.FollowerConfig{Feed: feed})
	if err != nil {
		return nil, err
	}
	if err := follower.Sync(ctx); err != nil {
		return nil, err
	}
	return follower, nil
}

func whoAmI(w http.ResponseWriter, r *http.Request) {
	caller, _ := jeton.FromContext(r.Context()) // always there behind guard.Require
	fmt.Fprintf(w, "subject: %s\nscopes: %s\n", caller.Subject(), strings.Join(caller.Scopes(), " "))
}
