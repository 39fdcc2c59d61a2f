package guard_test

import (
	"context"
	"reflect"
	"testing"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/guard"
)

func TestDescribe(t *testing.T) {
	t.Parallel()
	v := new(seen)
	bearer := guard.SourceDescription{Place: guard.PlaceHeader, Name: "Authorization", Schemes: []string{"Bearer"}}
	cookie := guard.SourceDescription{Place: guard.PlaceCookie, Name: "auth"}
	sources := []guard.Source{guard.Cookie("auth"), guard.Bearer()}
	allow := func(context.Context, *jeton.Principal) (bool, error) { return true, nil }
	for name, tt := range map[string]struct {
		cfg  guard.Config
		want guard.Description
	}{
		"bearer":   {guard.Config{}, guard.Description{Sources: []guard.SourceDescription{bearer}}},
		"optional": {guard.Config{Optional: true}, guard.Description{Optional: true, Sources: []guard.SourceDescription{bearer}}},
		"cookie": {
			guard.Config{Sources: sources},
			guard.Description{Sources: []guard.SourceDescription{bearer, cookie}, CSRFHeaders: []string{"X-Csrf-Token"}, Forbids: true},
		},
		"cookie, by origin": {
			guard.Config{Sources: sources, CSRF: guard.CSRF{OriginOnly: true}},
			guard.Description{Sources: []guard.SourceDescription{bearer, cookie}, Forbids: true},
		},
		"cookie, unprotected": {
			guard.Config{Sources: sources, CSRF: guard.CSRF{Off: true}}, guard.Description{Sources: []guard.SourceDescription{bearer, cookie}},
		},
		"scopes": {
			guard.Config{Scopes: []string{"a"}}, guard.Description{Sources: []guard.SourceDescription{bearer}, Scopes: []string{"a"}, Forbids: true},
		},
		"roles": {
			guard.Config{Roles: []string{"a"}}, guard.Description{Sources: []guard.SourceDescription{bearer}, Roles: []string{"a"}, Forbids: true},
		},
		"policy": {guard.Config{Policy: allow}, guard.Description{Sources: []guard.SourceDescription{bearer}, Forbids: true}},
		"every place": {
			guard.Config{Sources: []guard.Source{
				guard.Query("q"), guard.Subprotocol("p."), guard.Header("x-a"), guard.SourceFunc(func(guard.Carrier) (string, error) { return "", nil }),
			}},
			guard.Description{Sources: []guard.SourceDescription{
				{Place: guard.PlaceHeader, Name: "X-A"}, {Place: guard.PlaceSubprotocol, Name: "p."}, {Place: guard.PlaceQuery, Name: "q"}, {Place: guard.PlaceFunc},
			}},
		},
	} {
		tt.cfg.Verifier = v
		if got := newGuard(t, tt.cfg).Describe(); !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s: %+v, want %+v", name, got, tt.want)
		}
	}
}

func TestDescriptionIsACopy(t *testing.T) {
	t.Parallel()
	schemes, headers := []string{"JWT"}, []string{"x-a"}
	g := newGuard(t, guard.Config{
		Verifier: new(seen), Scopes: []string{"a"}, Roles: []string{"b"}, CSRF: guard.CSRF{Headers: headers},
		Sources: []guard.Source{guard.Header("Authorization", schemes...), guard.Cookie("auth")},
	})
	want := guard.Description{
		Scopes: []string{"a"}, Roles: []string{"b"}, CSRFHeaders: []string{"X-A"}, Forbids: true,
		Sources: []guard.SourceDescription{
			{Place: guard.PlaceHeader, Name: "Authorization", Schemes: []string{"JWT"}}, {Place: guard.PlaceCookie, Name: "auth"},
		},
	}
	d := g.Describe()
	for _, list := range [][]string{schemes, headers, d.Scopes, d.Roles, d.CSRFHeaders, d.Sources[0].Schemes} {
		list[0] = "changed"
	}
	if got := g.Describe(); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
}
