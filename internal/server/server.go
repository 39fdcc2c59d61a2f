package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/api"
	"github.com/jetonauth/jeton/internal/settings"
)

// Server is a listening server. Between [Open] and [Server.Run] it answers nothing yet.
type Server struct {
	*foundation
	publisher func(ctx context.Context) // nil without Redis
	stopping  chan struct{}             // closed when it is about to end
	outage    *outage                   // what the log holds back

	listener net.Listener
	http     *http.Server
	serving  atomic.Pointer[serving]
	unready  atomic.Bool // the last probe of /readyz was told so
}

// serving is what answers requests: all that [Server.Reload] replaces. It is immutable.
type serving struct {
	auth    *jeton.Auth
	handler http.Handler
}

// Open prepares everything: the data directory, the database in today's form, keys, and the port. What an operator can mend is an
// error of one line that says what is wrong and what to do; a [SettingError] where one setting is to blame.
func Open(ctx context.Context, cfg Config) (*Server, error) {
	s := &Server{foundation: newFoundation(cfg), stopping: make(chan struct{})}
	log := newOutageLog(s.log.Handler())
	s.log, s.outage = slog.New(log), log.outage
	if err := s.open(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *Server) open(ctx context.Context) (err error) {
	if !s.cfg.shared() {
		if err := makeDirectory(s.cfg.Data); err != nil {
			return err
		}
		s.warnOfOthers()
	}
	if s.cfg.shared() && s.cfg.Issuer == "" {
		return &SettingError{Key: "issuer", Err: settings.NeedSharedIssuer()}
	}
	if s.listener, err = listen(ctx, s.cfg.Listen); err != nil {
		return err
	}
	if s.cfg.Issuer == "" {
		if s.cfg.Issuer, err = issuerAt(s.listener.Addr()); err != nil {
			return err
		}
	}
	if err := s.foundation.open(ctx); err != nil {
		return err
	}
	if s.redis != nil {
		s.publisher = s.publishLater()
	}
	first, err := s.prepare(s.cfg)
	if err != nil {
		return err
	}
	s.serving.Store(first)
	s.http = &http.Server{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			s.serving.Load().handler.ServeHTTP(w, r)
		}),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      60 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelWarn),
	}
	return nil
}

// prepare makes what answers requests as cfg says.
func (s *Server) prepare(cfg Config) (*serving, error) {
	auth, err := s.newAuth(cfg)
	if err != nil {
		return nil, err
	}
	handler, err := s.routes(cfg, auth)
	if err != nil {
		return nil, err
	}
	return &serving{auth, handler}, nil
}

func (s *Server) routes(cfg Config, auth *jeton.Auth) (http.Handler, error) {
	operations, err := api.New(api.Config{
		Auth: auth, TrustedProxies: cfg.TrustedProxies, Version: cfg.Version, Logger: s.log,
		VerifyLoadUser: cfg.VerifyLoadUser, Stopping: s.stopping,
		Cookies: api.Cookies{Off: cfg.NoCookies, Insecure: cfg.InsecureCookies, TrustedOrigins: cfg.TrustedOrigins},
	})
	if errors.Is(err, api.ErrInsecureIssuer) {
		return nil, wrong("insecure_cookies", "%w, and not for %s", api.ErrInsecureIssuer, cfg.Issuer)
	}
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	operations.Mount(mux)
	if err := mountPages(mux, cfg); err != nil {
		return nil, err
	}
	mux.HandleFunc("GET /healthz", s.healthy)
	mux.HandleFunc("GET /readyz", s.ready)
	return headers(mux), nil
}

func listen(ctx context.Context, address string) (net.Listener, error) {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", address)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, wrong("listen", "another program listens at %s; stop it or choose another port", address)
	case errors.Is(err, syscall.EACCES):
		return nil, wrong("listen", "this user may not listen at %s; choose a port above 1023", address)
	case err != nil:
		return nil, wrong("listen", "%w; choose an address of this machine", err)
	}
	return listener, nil
}

// headers sets what every answer carries.
func headers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Referrer-Policy", "no-referrer")
		next.ServeHTTP(w, r)
	})
}

// URL is where the server listens.
func (s *Server) URL() string { return "http://" + s.listener.Addr().String() }

// Issuer is the issuer of its tokens.
func (s *Server) Issuer() string { return s.cfg.Issuer }

// shutdownTimeout bounds how long requests in flight may take to finish.
const shutdownTimeout = 20 * time.Second

// Run answers requests until ctx is over. Then requests in flight finish, and everything is closed. It returns nil after an orderly
// end.
func (s *Server) Run(ctx context.Context) error {
	failed := make(chan error, 1)
	var work sync.WaitGroup
	background, stop := context.WithCancel(context.WithoutCancel(ctx))
	work.Go(func() { s.housekeep(background) })
	work.Go(func() { s.watch(background) })
	if s.publisher != nil {
		work.Go(func() { s.publisher(background) })
	}
	work.Go(func() {
		if err := s.http.Serve(s.listener); !errors.Is(err, http.ErrServerClosed) {
			failed <- err
		}
	})
	var err error
	select {
	case err = <-failed:
	case <-ctx.Done():
		s.log.Info("stopping: requests in flight finish first", "timeout", shutdownTimeout)
	}
	close(s.stopping)
	finish, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTimeout)
	defer cancel()
	if shutdown := s.http.Shutdown(finish); shutdown != nil {
		err = errors.Join(err, fmt.Errorf("requests in flight did not finish: %w", shutdown), s.http.Close())
	}
	stop()
	work.Wait()
	return errors.Join(err, s.Close())
}

// Close gives up a server that was never run.
func (s *Server) Close() (err error) {
	if s.listener != nil {
		if closed := s.listener.Close(); !errors.Is(closed, net.ErrClosed) {
			err = closed
		}
	}
	if serving := s.serving.Load(); serving != nil {
		serving.auth.Wait()
	}
	s.outage.flush()
	return errors.Join(err, s.close())
}
