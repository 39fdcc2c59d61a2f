package storetest_test

import (
	"testing"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/store/memory"
	"github.com/jetonauth/jeton/store/storetest"
)

// A store's test. Those that keep their data give the other fields of the harness, too.
func ExampleRun() {
	test := func(t *testing.T) { // func TestStore(t *testing.T)
		t.Helper()
		storetest.Run(t, func(*testing.T) storetest.Harness {
			return storetest.Harness{Store: memory.New()}
		})
	}
	_ = test
}

// An application that keeps users in its own table proves that part alone.
func ExampleRunUsers() {
	test := func(t *testing.T) { // func TestUsers(t *testing.T)
		t.Helper()
		storetest.RunUsers(t, func(*testing.T) jeton.UserStore {
			return memory.New() // app.Users{DB: emptyDatabase(t)}
		})
	}
	_ = test
}
