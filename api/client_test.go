package api_test

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/api"
)

func TestClientAddress(t *testing.T) {
	t.Parallel()
	trusted := []netip.Prefix{
		netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("2001:db8:1::/48"), netip.MustParsePrefix("::ffff:192.168.0.0/112"),
		netip.MustParsePrefix("2001:db8:2::/112"),
	}
	everyIPv4 := []netip.Prefix{netip.MustParsePrefix("::ffff:0:0/96")}
	tests := []struct {
		name    string
		peer    string
		forward []string
		trusted []netip.Prefix
		want    string
	}{
		{"peer", "192.0.2.1:1234", nil, trusted, "192.0.2.1"},
		{"peer, IPv6", "[2001:db8::1]:1234", nil, trusted, "2001:db8::1"},
		{"peer, mapped", "[::ffff:192.0.2.1]:1234", nil, trusted, "192.0.2.1"},
		{"nobody is trusted", "10.0.0.1:1234", []string{"192.0.2.7"}, nil, "10.0.0.1"},
		{"not from a proxy", "192.0.2.1:1234", []string{"192.0.2.7"}, trusted, "192.0.2.1"},
		{"one proxy", "10.0.0.1:1234", []string{"192.0.2.7"}, trusted, "192.0.2.7"},
		{"a proxy of an IPv6 network", "[2001:db8:1::5]:1234", []string{"192.0.2.7"}, trusted, "192.0.2.7"},
		{"a proxy of a mapped network", "192.168.0.3:1234", []string{"192.0.2.7"}, trusted, "192.0.2.7"},
		{"a proxy of a small network", "[2001:db8:2::5]:1234", []string{"192.0.2.7"}, trusted, "192.0.2.7"},
		{"not from that network", "[2001:db8:2::1:5]:1234", []string{"192.0.2.7"}, trusted, "2001:db8:2::1:5"},
		{"all of IPv4, mapped", "192.0.2.1:1234", []string{"2001:db8::7"}, everyIPv4, "2001:db8::7"},
		{"none of IPv6", "[2001:db8::1]:1234", []string{"2001:db8::7"}, everyIPv4, "2001:db8::1"},
		{"forged", "10.0.0.1:1234", []string{"8.8.8.8, 192.0.2.7"}, trusted, "192.0.2.7"},
		{"forged in a header of its own", "10.0.0.1:1234", []string{"8.8.8.8", "192.0.2.7"}, trusted, "192.0.2.7"},
		{"two proxies", "10.0.0.1:1234", []string{"8.8.8.8,192.0.2.7 , 10.0.0.2"}, trusted, "192.0.2.7"},
		{"proxies only", "10.0.0.1:1234", []string{"10.0.0.3, 10.0.0.2"}, trusted, "10.0.0.3"},
		{"no header", "10.0.0.1:1234", nil, trusted, "10.0.0.1"},
		{"nonsense", "10.0.0.1:1234", []string{"192.0.2.7, unknown"}, trusted, "10.0.0.1"},
		{"nonsense behind a proxy", "10.0.0.1:1234", []string{"192.0.2.7, , 10.0.0.2"}, trusted, "10.0.0.2"},
		{"with a port", "10.0.0.1:1234", []string{"192.0.2.7:80"}, trusted, "192.0.2.7"},
		{"IPv6", "10.0.0.1:1234", []string{"2001:db8::7"}, trusted, "2001:db8::7"},
		{"IPv6 with a port", "10.0.0.1:1234", []string{"[2001:db8::7]:80"}, trusted, "2001:db8::7"},
		{"IPv6 with a zone", "10.0.0.1:1234", []string{"fe80::1%" + strings.Repeat("z", 5000)}, trusted, "fe80::1"},
		{"a peer with a zone", "[fe80::1%eth0]:80", nil, trusted, "fe80::1"},
		{"no peer", "@", []string{"192.0.2.7"}, trusted, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := start(t, func(_ *jeton.Config, c *api.Config) { c.TrustedProxies = tt.trusted })
			mux := http.NewServeMux()
			s.api.Mount(mux)
			body := strings.NewReader(object("email", email, "password", password))
			r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/auth/signup", body)
			r.RemoteAddr = tt.peer
			r.Header = http.Header{"Content-Type": {"application/json"}, "X-Forwarded-For": tt.forward}
			w := httptest.NewRecorder()
			mux.ServeHTTP(w, r)
			a := answer{t: t, status: w.Code, text: w.Body.String()}.expect(http.StatusCreated)
			if got := s.sessions(a.tokens().AccessToken)[0].Address; got != tt.want {
				t.Errorf("address %q, want %q", got, tt.want)
			}
		})
	}
}
