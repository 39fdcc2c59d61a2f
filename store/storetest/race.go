package storetest

import (
	"errors"
	"sync"
	"testing"
)

// race makes n calls at the same moment and returns their errors.
func race(n int, call func(i int) error) []error {
	errs := make([]error, n)
	begin := make(chan struct{})
	var calls sync.WaitGroup
	for i := range n {
		calls.Go(func() {
			<-begin
			errs[i] = call(i)
		})
	}
	close(begin)
	calls.Wait()
	return errs
}

// winner returns the number of the only call that succeeded, and ends the test if there is not exactly one or if another
// failed with anything but lost.
func winner(t *testing.T, errs []error, lost error) int {
	t.Helper()
	won := -1
	for i, err := range errs {
		switch {
		case err == nil && won >= 0:
			t.Fatalf("calls %d and %d of %d both succeeded", won, i, len(errs))
		case err == nil:
			won = i
		case !errors.Is(err, lost):
			t.Fatalf("call %d of %d: error is %v, want %v", i, len(errs), err, lost)
		}
	}
	if won < 0 {
		t.Fatalf("none of %d calls succeeded", len(errs))
	}
	return won
}

// all ends the test unless every call succeeded.
func all(t *testing.T, errs []error) {
	t.Helper()
	for i, err := range errs {
		if err != nil {
			t.Fatalf("call %d of %d: %v", i, len(errs), err)
		}
	}
}
