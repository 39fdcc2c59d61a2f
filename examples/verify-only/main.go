// Command verify-only is a service without accounts of its own: it checks tokens that somebody else issues, by the keys that
// the issuer publishes. To try it with the tokens of examples/quickstart:
//
//	go run ./examples/verify-only -issuer http://127.0.0.1:8080 -audience http://127.0.0.1:8080 \
//		-jwks http://127.0.0.1:8080/.well-known/jwks.json
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
)

func main() {
	issuer := flag.String("issuer", "", "`URL` of the issuer, exactly as its tokens have it (needed)")
	audience := flag.String("audience", "", "`name` of this service, which tokens must be for (needed)")
	jwks := flag.String("jwks", "", "`URL` of the issuer's JWK Set; empty to discover it")
	address := flag.String("listen", "127.0.0.1:8081", "`address` to listen on")
	flag.Parse()
	if *issuer == "" || *audience == "" {
		flag.Usage()
		os.Exit(2)
	}
	routes, err := handler(context.Background(), *issuer, *audience, *jwks)
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
func handler(ctx context.Context, issuer, audience, jwks string) (http.Handler, error) {
	keys, err := remote.New(ctx, remote.Config{Issuer: issuer, URL: jwks, Logger: slog.Default()})
	if err != nil {
		return nil, fmt.Errorf("keys of %s: %w", issuer, err)
	}
	verifier, err := jeton.NewVerifier(jeton.VerifierConfig{
		Issuer:   issuer,
		Audience: []string{audience}, // otherwise tokens for the issuer's other services would be good here, too
		Keys:     keys,
	})
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("GET /whoami", guard.Require(verifier)(http.HandlerFunc(whoAmI)))
	return mux, nil
}

func whoAmI(w http.ResponseWriter, r *http.Request) {
	caller, _ := jeton.FromContext(r.Context()) // always there behind guard.Require
	fmt.Fprintf(w, "subject: %s\nscopes: %s\n", caller.Subject(), strings.Join(caller.Scopes(), " "))
}
