package server

import (
	"context"
	"errors"
	"fmt"
	"net"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/internal/settings"
)

// Service is the service without a listener, for commands that work beside a running server. What it
// changes takes effect there as it does between two servers over one store: within a second.
type Service struct {
	*foundation
	auth *jeton.Auth
}

// OpenService opens the service just as [Open] does, but for the port. Without cfg.MustExist it makes what is not there
// yet. A database of a newer version than this program is an error, and stays as it is.
func OpenService(ctx context.Context, cfg Config) (*Service, error) {
	s := &Service{foundation: newFoundation(cfg)}
	if err := s.open(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *Service) open(ctx context.Context) (err error) {
	switch {
	case s.cfg.MustExist:
		err = s.wantDatabase()
	case !s.cfg.shared():
		err = makeDirectory(s.cfg.Data)
	}
	if err != nil {
		return err
	}
	if err := s.foundation.open(ctx); err != nil {
		return err
	}
	cfg := s.cfg
	if cfg.Issuer, err = s.Issuer(); err != nil {
		cfg.Issuer = "http://" + cfg.Listen // for who signs nothing; who does asks Issuer before
	}
	if s.redis != nil {
		s.announce = s.publish
	}
	s.auth, err = s.newAuth(cfg)
	return err
}

// Auth is the service itself.
func (s *Service) Auth() *jeton.Auth { return s.auth }

// KeyRing is its signing keys.
func (s *Service) KeyRing() *jeton.KeyRing { return s.ring }

// Issuer is the issuer of the tokens that a server with the same settings makes. It is an error if only that server can know: if
// it listens on any free port, or on an address that others can reach.
func (s *Service) Issuer() (string, error) {
	if s.cfg.Issuer != "" {
		return s.cfg.Issuer, nil
	}
	if s.cfg.shared() {
		return "", &SettingError{Key: "issuer", Err: settings.NeedSharedIssuer()}
	}
	address, err := net.ResolveTCPAddr("tcp", s.cfg.Listen)
	if err != nil {
		return "", &SettingError{Key: "listen", Err: err}
	}
	if address.Port == 0 {
		return "", &SettingError{Key: "issuer", Err: fmt.Errorf("needed, since the server listens on any free port at %s", s.cfg.Listen)}
	}
	return issuerAt(address)
}

// Close closes the database.
func (s *Service) Close() error {
	if s.auth != nil {
		s.auth.Wait()
	}
	return s.close()
}
