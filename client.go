package jeton

import "log/slog"
import "net/netip"

// Client says where a request came from, as far as that is known. It is used for limits, for telling a retry from a
// stolen token, for the list of signed-in devices and in audit events.
type Client struct {
	Address   netip.Addr // the peer, or what a trusted proxy says
	UserAgent string     // cut to 256 bytes when stored
}

// LogValue groups the fields for slog.
func (c Client) LogValue() slog.Value { panic("declared") }
