// Command quickstart is an API with accounts, sessions and one protected route. Accounts live as long as the process.
//
//	go run ./examples/quickstart
package main

import (
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/api"
	"github.com/jetonauth/jeton/guard"
	"github.com/jetonauth/jeton/jwk"
	"github.com/jetonauth/jeton/store/memory"
)

func main() {
	address := flag.String("listen", "127.0.0.1:8080", "address to listen on")
	flag.Parse()
	listener, err := net.Listen("tcp", *address)
	if err != nil {
		log.Fatal(err)
	}
	url := "http://" + listener.Addr().String()
	routes, err := handler(url)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf(tryIt, url)
	server := &http.Server{Handler: routes, ReadHeaderTimeout: 10 * time.Second}
	log.Fatal(server.Serve(listener))
}

// handler is the whole API. The issuer is its own URL: it is in every token, and checked in every token.
func handler(issuer string) (http.Handler, error) {
	key, err := jwk.Generate(jwk.ES256) // a key that outlives the process: jwk.LoadOrCreate("key.pem")
	if err != nil {
		return nil, err
	}
	auth, err := jeton.New(jeton.Config{
		Issuer: issuer,
		Keys:   jwk.Static(key),
		Store:  memory.New(), // a durable store needs Config.Secret, too
	})
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	api.Mount(mux, auth) // sign-up, sign-in and the rest, under /auth/
	mux.Handle("GET /news", guard.Require(auth)(http.HandlerFunc(listNews)))
	return mux, nil
}

func listNews(w http.ResponseWriter, r *http.Request) {
	me, _ := jeton.FromContext(r.Context()) // always there behind guard.Require
	fmt.Fprintf(w, "No news for %s.\n", me.Subject())
}

const tryIt = `Listening on %[1]s. Sign up, and take the access_token of the answer to the news:

  curl %[1]s/auth/signup --json '{"email": "ada@example.com", "password": "correct horse battery"}'
  curl %[1]s/news -H "Authorization: Bearer $TOKEN"

`
