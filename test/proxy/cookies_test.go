package proxy_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
)

// A browser's cookies are judged by what the proxy says of the request.
func TestCookies(t *testing.T) {
	t.Parallel()
	eachProxy(t, "", func(s *site) {
		cookies, csrf := s.signUpWithCookies()
		send := func(method string, namesAndValues ...string) answer {
			header := http.Header{"Cookie": {cookies}}
			for i := 0; i+1 < len(namesAndValues); i += 2 {
				header.Add(namesAndValues[i], namesAndValues[i+1])
			}
			return s.send(method, "/", "", header)
		}
		own, value := "http://"+s.address, "X-Csrf-Token"
		for _, a := range []answer{
			send(http.MethodGet),
			send(http.MethodGet, "Sec-Fetch-Site", "cross-site", "X-Forwarded-Host", "evil.example.com"),
			send(http.MethodPost, value, csrf),
			send(http.MethodPut, value, csrf, "Origin", own),
			send(http.MethodDelete, value, csrf, "Origin", own, "Sec-Fetch-Site", "same-origin"),
		} {
			if a.status != http.StatusOK {
				s.t.Errorf("status %d: %.300s", a.status, a.text)
			}
		}
		reached := s.reached.Load()
		for _, a := range []answer{
			send(http.MethodPost),
			send(http.MethodPost, value, "other"),
			send(http.MethodPost, "Origin", own),
			send(http.MethodPost, value, csrf, "Origin", "https://evil.example.com"),
			send(http.MethodPost, value, csrf, "Sec-Fetch-Site", "cross-site"),
			// Who can say such things is no browser, and is believed as little.
			send(http.MethodPost, "X-Forwarded-Method", "GET"),
			send(http.MethodPost, "X-Original-Method", "GET"),
			send(http.MethodPost, value, csrf, "Origin", "https://evil.example.com", "X-Forwarded-Host", "evil.example.com"),
		} {
			a.expectRefused(http.StatusForbidden, "")
		}
		cookie := "Cookie: " + cookies + "\r\n"
		for _, header := range []string{cookie, cookie + "Origin: https://evil.example.com\r\n"} {
			if status, _ := s.upgrade(header); status != http.StatusForbidden {
				s.t.Errorf("a handshake from another site: %d", status)
			}
		}
		if n := s.reached.Load(); n != reached {
			s.t.Errorf("%d forged requests reached the application", n-reached)
		}
		if status, _ := s.upgrade(cookie + "Origin: " + own + "\r\n"); status != http.StatusSwitchingProtocols {
			s.t.Errorf("a handshake: %d", status)
		}
	})
}

// signUpWithCookies returns the cookies that a browser sends, and the value that its pages repeat.
func (s *site) signUpWithCookies() (cookies, csrf string) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), patience)
	defer cancel()
	body := `{"email":"ada@example.com","password":"correct horse battery","cookies":true}`
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.jeton.URL+"/auth/signup", strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	response, err := s.jeton.Client().Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer response.Body.Close()
	if text, err := io.ReadAll(response.Body); err != nil || response.StatusCode != http.StatusCreated {
		s.t.Fatalf("status %d: %s, %v", response.StatusCode, text, err)
	}
	var pairs []string
	for _, c := range response.Cookies() {
		if c.Path == "/" {
			pairs = append(pairs, c.Name+"="+c.Value)
		}
		if c.Name == "__Host-jeton-csrf" {
			csrf = c.Value
		}
	}
	s.asked.forget()
	return strings.Join(pairs, "; "), csrf
}
