package storecopy_test

import (
	"errors"
	"fmt"
	"iter"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/internal/storecopy"
	"github.com/jetonauth/jeton/revoke"
	"github.com/jetonauth/jeton/store/memory"
)

// TestEveryFieldCounts changes each field of each row in the target, and wants it to be noticed.
func TestEveryFieldCounts(t *testing.T) {
	t.Parallel()
	noticed := func(path, table string, add func(s storecopy.Store) error, addChanged func(s storecopy.Store) error) {
		a, b := memory.New(), memory.New()
		must(t, add(a))
		must(t, addChanged(b))
		_, err := storecopy.Copy(t.Context(), a, b, storecopy.Options{})
		refused, ok := errors.AsType[*storecopy.TargetError](err)
		if !ok || refused.Table != table || refused.Kind != storecopy.Different {
			t.Errorf("%s %s: error %v", table, path, err)
		}
	}
	for path, u := range changes(t, *user(1), "ID") {
		noticed(path, storecopy.Accounts, func(s storecopy.Store) error { return s.CreateUser(t.Context(), user(1)) },
			func(s storecopy.Store) error { return s.CreateUser(t.Context(), &u) })
	}
	for path, u := range changes(t, *session(1), "ID") {
		noticed(path, storecopy.Sessions, func(s storecopy.Store) error { return s.CreateSession(t.Context(), session(1)) },
			func(s storecopy.Store) error { return s.CreateSession(t.Context(), &u) })
	}
	for path, e := range changes(t, entry(7), "Number") {
		noticed(path, storecopy.Revocations,
			func(s storecopy.Store) error { return s.AddRevocations(t.Context(), []revoke.Entry{entry(7)}, 7) },
			func(s storecopy.Store) error { return s.AddRevocations(t.Context(), []revoke.Entry{e}, 7) })
	}
	for path, c := range changes(t, *client(1), "Name") {
		noticed(path, storecopy.ServiceClients, func(s storecopy.Store) error { return s.AddServiceClient(t.Context(), client(1)) },
			func(s storecopy.Store) error { return s.AddServiceClient(t.Context(), &c) })
	}
	for path, k := range changes(t, *key(1), "Number") {
		noticed(path, storecopy.SigningKeys, func(s storecopy.Store) error { return s.AddKey(t.Context(), key(1)) },
			func(s storecopy.Store) error { return s.AddKey(t.Context(), &k) })
	}
}

// changes yields row with another value in one of its fields, one field after the other, those within fields too, and what has changed.
func changes[R any](t *testing.T, row R, except string) iter.Seq2[string, R] {
	t.Helper()
	return func(yield func(string, R) bool) {
		for _, field := range reflect.VisibleFields(reflect.TypeFor[R]()) {
			if field.Name == except {
				continue
			}
			n := 1
			if field.Type == reflect.TypeFor[jeton.Client]() {
				n = field.Type.NumField()
			}
			for i := range n {
				changed := row
				value := reflect.ValueOf(&changed).Elem().FieldByIndex(field.Index)
				path := field.Name
				if n > 1 {
					path += "." + value.Type().Field(i).Name
					value = value.Field(i)
				}
				if before := fmt.Sprintf("%#v", value.Interface()); !change(value) || fmt.Sprintf("%#v", value.Interface()) == before {
					t.Errorf("no other value for %s of type %s", path, value.Type())
				} else if !yield(path, changed) {
					return
				}
			}
		}
	}
}

// change gives a field another value, in memory that nobody else has.
func change(v reflect.Value) bool {
	switch old := v.Interface().(type) {
	case time.Time:
		v.Set(reflect.ValueOf(old.Add(time.Millisecond)))
	case []string:
		letters := strings.Join(old, "") // the same ones
		if v.Set(reflect.ValueOf([]string{letters})); len(old) == 1 {
			v.Set(reflect.ValueOf([]string{letters[:1], letters[1:]}))
		}
	case []byte:
		v.Set(reflect.ValueOf(append(slices.Clone(old), 0)))
	case []time.Time:
		v.Set(reflect.ValueOf(old[:1]))
	case [32]byte:
		old[31]++
		v.Set(reflect.ValueOf(old))
	case bool:
		v.SetBool(!old)
	default:
		switch {
		case v.Kind() == reflect.String:
			v.SetString(v.String() + " ")
		case v.CanUint():
			v.SetUint(v.Uint() + 1)
		case v.Kind() == reflect.Array: // such as of a revocation
			v.Index(0).SetUint(v.Index(0).Uint() ^ 1)
		case v.Type().String() == "netip.Addr":
			v.SetZero()
		default:
			return false
		}
	}
	return true
}
