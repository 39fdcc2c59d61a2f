package jeton_test

import (
	"fmt"
	"testing"

	"github.com/jetonauth/jeton"
)

func TestListUsers(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	const total = jeton.DefaultUserPage + 5
	for i := range total {
		if _, err := s.CreateUser(t.Context(), jeton.NewUser{Email: fmt.Sprintf("u%d@example.com", i)}); err != nil {
			t.Fatal(err)
		}
	}
	seen, after := map[string]bool{}, ""
	for _, want := range []int{100, 5, 0} {
		page, err := s.ListUsers(t.Context(), after, 0)
		if err != nil || len(page) != want {
			t.Fatalf("%d users after %q, want %d (%v)", len(page), after, want, err)
		}
		for _, u := range page {
			if u.ID <= after || seen[u.ID] {
				t.Errorf("%v comes after %q", u, after)
			}
			seen[u.ID], after = true, u.ID
		}
	}
	for limit, want := range map[int]int{1: 1, 7: 7, jeton.MaxUserPage: total} {
		if page, err := s.ListUsers(t.Context(), "", limit); err != nil || len(page) != want {
			t.Errorf("limit %d: %d users, error %v", limit, len(page), err)
		}
	}
	for _, limit := range []int{-1, jeton.MaxUserPage + 1} {
		if _, err := s.ListUsers(t.Context(), "", limit); err == nil {
			t.Errorf("limit %d is no error", limit)
		}
	}
}

func TestAccountByEmail(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	id := s.signUp("Ada@Exämple.com").User.ID
	for _, email := range []string{"ada@exämple.com", " ADA@EXÄMPLE.COM ", "ada@xn--exmple-cua.com"} {
		u, err := s.AccountByEmail(t.Context(), email)
		if err != nil || u.ID != id || u.Email != "Ada@Exämple.com" {
			t.Errorf("%q: %v, error %v", email, u, err)
		}
	}
	for _, email := range []string{"bob@example.com", "", "@", "no address", "ada@exämple.com\x00"} {
		_, err := s.AccountByEmail(t.Context(), email)
		wantErr(t, email, err, jeton.ErrNotFound)
	}
}
