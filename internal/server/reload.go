package server

import "context"

// Reload makes requests that come from now on be answered as cfg says; those that are being answered finish as they began. The
// store, the keys, the counts of the limits and what is remembered of tokens stay. So do Listen, Data, Database, Redis, Issuer,
// MasterKey, Version and Logger, whatever cfg says. After an error nothing has changed.
func (s *Server) Reload(ctx context.Context, cfg Config) error {
	next := s.cfg
	next.AccessTTL, next.ReuseInterval = cfg.AccessTTL, cfg.ReuseInterval
	next.MaxStaleness, next.AcceptStale = cfg.MaxStaleness, cfg.AcceptStale
	next.NoLimits, next.TrustedProxies, next.Explorer = cfg.NoLimits, cfg.TrustedProxies, cfg.Explorer
	next.VerifyLoadUser = cfg.VerifyLoadUser
	next.NoCookies, next.InsecureCookies, next.TrustedOrigins = cfg.NoCookies, cfg.InsecureCookies, cfg.TrustedOrigins
	prepared, err := s.prepare(next)
	if err != nil {
		return err
	}
	if err := prepared.auth.Ready(ctx); err != nil { // so that it knows from its first request on what is revoked
		return err
	}
	s.serving.Store(prepared)
	return nil
}
