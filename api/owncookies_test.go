package api_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/api"
	"github.com/jetonauth/jeton/guard"
)

// A form that works without scripts: the application's own handler signs in.
func ExampleAPI_SetCookies() {
	auth, err := newAuth()
	if err != nil {
		fmt.Println(err)
		return
	}
	operations, err := api.New(api.Config{Auth: auth})
	if err != nil {
		fmt.Println(err)
		return
	}
	signIn := func(w http.ResponseWriter, r *http.Request) {
		grant, err := auth.SignIn(r.Context(), jeton.SignInRequest{
			Credentials: &jeton.Credentials{Email: r.PostFormValue("email"), Password: r.PostFormValue("password")},
			Client:      operations.Client(r), Cookies: true,
		})
		if err != nil {
			http.Error(w, "That did not work.", http.StatusUnauthorized) // errors.Is tells limits and trouble from a wrong password
			return
		}
		if err := operations.SetCookies(w, r, grant); err != nil {
			http.Error(w, "Please use the form of this site.", http.StatusForbidden)
			return
		}
		http.Redirect(w, r, "/news", http.StatusSeeOther)
	}

	if _, err := auth.SignUp(httptest.NewRequest(http.MethodGet, "/", nil).Context(), jeton.SignUpRequest{
		Email: "ada@example.com", Password: "correct horse battery",
	}); err != nil {
		fmt.Println(err)
		return
	}
	form := url.Values{"email": {"ada@example.com"}, "password": {"correct horse battery"}}.Encode()
	for _, from := range []string{"same-origin", "cross-site"} {
		r := httptest.NewRequest(http.MethodPost, "https://api.example.com/login", strings.NewReader(form))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", from)
		w := httptest.NewRecorder()
		signIn(w, r)
		fmt.Println(from, w.Code, len(w.Result().Cookies()), "cookies")
	}
	// Output:
	// same-origin 303 3 cookies
	// cross-site 403 0 cookies
}

// The cookies of an application's own handler are as good as those of the operations.
func TestCookiesOfOnesOwn(t *testing.T) {
	t.Parallel()
	s := start(t)
	b := s.browse()
	b.signUp()
	grant, err := b.auth.SignIn(t.Context(), jeton.SignInRequest{
		Credentials: &jeton.Credentials{Email: email, Password: password}, Cookies: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	if err := s.api.SetCookies(w, httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", http.NoBody), grant); err != nil {
		t.Fatal(err)
	}
	given := w.Result()
	defer given.Body.Close()
	for _, cookie := range given.Cookies() {
		b.setCookie(cookie)
	}
	b.expectSignedIn(true)
	b.fetch(http.MethodPost, "/news", "").expect(http.StatusOK)
	b.fetch(http.MethodPost, "/auth/refresh", "").expectCookies(defaultCookies...).expect(http.StatusOK)

	w = httptest.NewRecorder()
	s.api.RemoveCookies(w)
	removed := w.Result()
	defer removed.Body.Close()
	for _, cookie := range removed.Cookies() {
		b.setCookie(cookie)
	}
	b.expectSignedIn(false)
}

func TestCookiesThatCannotBeSet(t *testing.T) {
	t.Parallel()
	s := start(t)
	without, err := s.auth.Auth.SignUp(t.Context(), jeton.SignUpRequest{Email: "b@example.com", Password: password})
	if err != nil {
		t.Fatal(err)
	}
	grant, err := s.auth.Auth.SignUp(t.Context(), jeton.SignUpRequest{Email: "c@example.com", Password: password, Cookies: true})
	if err != nil {
		t.Fatal(err)
	}
	off, err := api.New(api.Config{Auth: s.auth.Auth, Cookies: api.Cookies{Off: true}})
	if err != nil {
		t.Fatal(err)
	}
	request := func(origin string) *http.Request {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/login", http.NoBody)
		if origin != "" {
			r.Header.Set("Origin", origin)
		}
		return r
	}
	with := func(refresh, csrf string, access int) *jeton.Grant {
		own := *grant
		own.RefreshToken, own.CSRF, own.AccessToken = refresh, csrf, strings.Repeat("a", access)
		return &own
	}
	room := 4096 - len("__Host-jeton") // as much as browsers keep
	for name, test := range map[string]struct {
		api     *api.API
		request *http.Request
		grant   *jeton.Grant
		is      func(error) bool
	}{
		"no cookies":     {off, request(""), grant, func(err error) bool { return errors.Is(err, errors.ErrUnsupported) }},
		"not for them":   {s.api, request(""), without, func(err error) bool { return err != nil }},
		"no refresh":     {s.api, request(""), with("", grant.CSRF, 9), func(err error) bool { return err != nil }},
		"no CSRF value":  {s.api, request(""), with(grant.RefreshToken, "", 9), func(err error) bool { return err != nil }},
		"as long as can": {s.api, request(""), with(grant.RefreshToken, grant.CSRF, room), func(err error) bool { return err == nil }},
		"too long":       {s.api, request(""), with(grant.RefreshToken, grant.CSRF, room+1), func(err error) bool { return err != nil }},
		"another site's": {s.api, request("https://evil.example"), grant, func(err error) bool { return errors.Is(err, guard.ErrOrigin) }},
		"a page of null": {s.api, request("null"), grant, func(err error) bool { return errors.Is(err, guard.ErrOrigin) }},
		"no other cause": {s.api, request(""), grant, func(err error) bool { return err == nil }},
	} {
		w := httptest.NewRecorder()
		err := test.api.SetCookies(w, test.request, test.grant)
		if !test.is(err) {
			t.Errorf("%s: the error is %v", name, err)
		}
		if n := len(w.Header().Values("Set-Cookie")); (n == 3) != (err == nil) || n != 0 && err != nil {
			t.Errorf("%s: %d cookies, and the error %v", name, n, err)
		}
	}
	w := httptest.NewRecorder()
	off.RemoveCookies(w)
	if len(w.Header()) != 0 {
		t.Errorf("without cookies %v is removed", w.Header())
	}
}
