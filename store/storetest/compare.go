package storetest

import (
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/jetonauth/jeton/revoke"
)

// same fails the test for each field in which got and want, both pointers to structs, differ. Times must be in UTC and
// the same to the millisecond; an empty slice is the same as none.
func same[T any](t *testing.T, got, want *T) {
	t.Helper()
	for _, difference := range differences(got, want) {
		t.Errorf("%T: %s", got, difference)
	}
}

func differences[T any](got, want *T) []string {
	if got == nil || want == nil {
		if got == want {
			return nil
		}
		return []string{fmt.Sprintf("is nil: %t, want %t", got == nil, want == nil)}
	}
	var found []string
	g, w := reflect.ValueOf(got).Elem(), reflect.ValueOf(want).Elem()
	for i := range g.NumField() {
		a, b := g.Field(i), w.Field(i)
		if !sameValue(a, b) {
			found = append(found, fmt.Sprintf("%s is %#v, want %#v", g.Type().Field(i).Name, a, b))
		}
	}
	return found
}

func sameValue(got, want reflect.Value) bool {
	if got.Kind() == reflect.Slice {
		if got.Len() != want.Len() {
			return false
		}
		for i := range got.Len() {
			if !sameValue(got.Index(i), want.Index(i)) {
				return false
			}
		}
		return true
	}
	if at, ok := reflect.TypeAssert[time.Time](got); ok {
		wanted, _ := reflect.TypeAssert[time.Time](want)
		return sameTime(at, wanted)
	}
	return reflect.DeepEqual(got.Interface(), want.Interface())
}

// sameTime reports whether got is want as a store gives it back.
func sameTime(got, want time.Time) bool {
	if want.IsZero() {
		return got.IsZero()
	}
	return got.Location() == time.UTC && got.Truncate(time.Millisecond).Equal(want.Truncate(time.Millisecond))
}

// sameEntry reports whether got is want, whatever their numbers.
func sameEntry(got, want revoke.Entry) bool {
	return got.ID == want.ID && sameTime(got.ExpiresAt, want.ExpiresAt)
}

// wantError fails the test unless err is, or wraps, want; nil wants no error.
func wantError(t *testing.T, what string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s: error is %v, want %v", what, err, want)
	}
}

// must ends the test unless err is nil.
func must(t *testing.T, what string, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
}
