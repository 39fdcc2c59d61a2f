package jetontest_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/guard"
	"github.com/jetonauth/jeton/jetontest"
)

func hello(w http.ResponseWriter, r *http.Request) {
	me, _ := jeton.FromContext(r.Context())
	fmt.Fprintf(w, "hello %s", me.Subject())
}

// A handler is tested with a principal and no token at all.
func ExampleContext() {
	ctx := jetontest.Context(context.Background(), "ada")
	r := httptest.NewRequestWithContext(ctx, http.MethodGet, "/", nil)
	w := httptest.NewRecorder()
	hello(w, r)
	fmt.Println(w.Body)
	// Output: hello ada
}

// A whole server is tested with real tokens, and time passes when the test says so.
func TestHello(t *testing.T) {
	a := jetontest.New(t)
	server := httptest.NewServer(guard.Require(a)(http.HandlerFunc(hello)))
	defer server.Close()
	get := func(token string) int {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+token)
		response, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		return response.StatusCode
	}
	token := a.Token("ada")
	if status := get(token); status != http.StatusOK {
		t.Errorf("status %d", status)
	}
	a.Advance(time.Hour)
	if status := get(token); status != http.StatusUnauthorized {
		t.Errorf("status %d after an hour", status)
	}
}
