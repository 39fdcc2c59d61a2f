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

// A store that counts for several nodes proves that it counts right when all of them ask at once.
func ExampleRunLimits() {
	test := func(t *testing.T) { // func TestLimits(t *testing.T)
		t.Helper()
		storetest.RunLimits(t, func(*testing.T) jeton.LimitStore { return jeton.NewMemoryLimits(0) })
	}
	_ = test
}
