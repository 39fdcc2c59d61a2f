package api

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"github.com/jetonauth/jeton"
)

// Client says where a request came from, as the operations find it out: with [Config.TrustedProxies]. It is for handlers of the application's own
// that sign people in.
func (a *API) Client(r *http.Request) jeton.Client {
	return jeton.Client{Address: a.address(r), UserAgent: r.UserAgent()}
}

// address is the peer's, or, if the peer is a trusted proxy, the right-most one of X-Forwarded-For that is not: what stands left of
// it was written by whoever sent the request. What is no address ends the search at the last proxy that was trusted.
func (a *API) address(r *http.Request) netip.Addr {
	peer, ok := parseAddress(r.RemoteAddr)
	if !ok || !a.isTrusted(peer) {
		return peer
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for _, hop := range slices.Backward(hops) {
		address, ok := parseAddress(strings.TrimSpace(hop))
		if !ok {
			return peer
		}
		peer = address
		if !a.isTrusted(peer) {
			return peer
		}
	}
	return peer
}

func (a *API) isTrusted(address netip.Addr) bool {
	return slices.ContainsFunc(a.trusted, func(p netip.Prefix) bool { return p.Contains(address) })
}

// parseAddress reads an address with or without a port. A zone, which means something on one machine only and may be of any length, is left out.
func parseAddress(text string) (netip.Addr, bool) {
	if withPort, err := netip.ParseAddrPort(text); err == nil {
		return withPort.Addr().Unmap().WithZone(""), true
	}
	address, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(text, "["), "]"))
	return address.Unmap().WithZone(""), err == nil
}

// unmapped is the network of IPv4 addresses that p is, if it is written as one of IPv6 addresses.
func unmapped(p netip.Prefix) netip.Prefix {
	if p.Addr().Is4In6() && p.Bits() >= 96 {
		return netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96)
	}
	return p
}
