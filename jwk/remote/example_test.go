package remote_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/jetonauth/jeton/jwk"
	"github.com/jetonauth/jeton/jwk/remote"
)

// startIssuer starts what stands for an issuer elsewhere, with one key.
func startIssuer() (*httptest.Server, error) {
	key, err := jwk.Generate(jwk.ES256)
	if err != nil {
		return nil, err
	}
	if key, err = key.WithID("2026-11"); err != nil {
		return nil, err
	}
	set, err := jwk.NewSet(key)
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	server := httptest.NewServer(mux) // on a loopback address, where http will do
	mux.HandleFunc("/.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(map[string]string{"issuer": server.URL, "jwks_uri": server.URL + "/jwks"})
	})
	mux.HandleFunc("/jwks", func(w http.ResponseWriter, _ *http.Request) { _ = json.NewEncoder(w).Encode(set) })
	return server, nil
}

func ExampleDiscover() {
	issuer, err := startIssuer()
	if err != nil {
		log.Fatal(err)
	}
	defer issuer.Close()

	keys, err := remote.Discover(context.Background(), issuer.URL)
	if err != nil {
		fmt.Println(err)
		return
	}
	set, err := keys.VerifyingKeys(context.Background())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(set)
	// Output: set of 1 key, public ES256 key "2026-11"
}

func ExampleNew() {
	issuer, err := startIssuer()
	if err != nil {
		log.Fatal(err)
	}
	defer issuer.Close()

	keys, err := remote.New(context.Background(), remote.Config{
		URL:    issuer.URL + "/jwks",
		Client: &http.Client{Timeout: 5 * time.Second},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	set, err := keys.RefreshKeys(context.Background(), "2026-12") // asked for a key that a token names
	if err != nil {
		fmt.Println(err)
		return
	}
	_, found := set.Find("2026-12")
	fmt.Println(set.Len(), found)
	// Output: 1 false
}
