package jeton

import (
	"log/slog"
	"net/netip"
)

// Client says where a request came from, as far as that is known. It is used for limits, for telling a retry from a
// stolen token, for the list of signed-in devices and in audit events.
type Client struct {
	Address   netip.Addr // the peer, or what a trusted proxy says
	UserAgent string     // cut to 256 bytes before it is stored
}

// LogValue groups the fields for slog.
func (c Client) LogValue() slog.Value {
	return slog.GroupValue(slog.String("address", c.address()), slog.String("user_agent", c.UserAgent))
}

func (c Client) address() string {
	if !c.Address.IsValid() {
		return ""
	}
	return c.Address.String()
}

// prefix is the network that limits and comparisons count as one place: an IPv4 address, or the /64 of an IPv6 one.
func (c Client) prefix() netip.Prefix {
	addr := c.Address.Unmap().WithZone("")
	if !addr.IsValid() {
		return netip.Prefix{}
	}
	bits := addr.BitLen()
	if addr.Is6() {
		bits = 64
	}
	prefix, _ := addr.Prefix(bits) // only fails for a length that the address cannot have
	return prefix
}
