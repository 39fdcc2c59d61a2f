package server

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"syscall"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/api"
	"github.com/jetonauth/jeton/store/sqlite"
)

const databaseFile = "jeton.db"

// Server is a listening server. Between [Open] and [Server.Run] it answers nothing yet.
type Server struct {
	cfg      Config
	log      *slog.Logger
	store    *sqlite.Store
	auth     *jeton.Auth
	listener net.Listener
	http     *http.Server
}

// Open prepares everything: the data directory, the database in today's form, keys, and the port. What an operator can mend is an
// error of one line that says what is wrong and what to do.
func Open(ctx context.Context, cfg Config) (*Server, error) {
	if err := cfg.check(); err != nil {
		return nil, err
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.Default()
	}
	s := &Server{cfg: cfg, log: cfg.Logger}
	if err := s.open(ctx); err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

func (s *Server) open(ctx context.Context) (err error) {
	if err := makeDirectory(s.cfg.Data); err != nil {
		return err
	}
	s.warnOfOthers()
	if s.listener, err = listen(ctx, s.cfg.Listen); err != nil {
		return err
	}
	if s.cfg.Issuer == "" {
		if s.cfg.Issuer, err = issuerAt(s.listener.Addr()); err != nil {
			return err
		}
	}
	if s.store, err = openStore(ctx, filepath.Join(s.cfg.Data, databaseFile)); err != nil {
		return err
	}
	master, err := s.masterKey(ctx)
	if err != nil {
		return err
	}
	if s.auth, err = newAuth(ctx, s.cfg, s.store, master); err != nil {
		return err
	}
	handler, err := s.routes()
	if err != nil {
		return err
	}
	s.http = &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      60 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelWarn),
	}
	return nil
}

func makeDirectory(path string) error {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return fmt.Errorf("--data %s: cannot be made: %w; choose a directory that this user may write", path, cause(err))
	}
	probe, err := os.CreateTemp(path, ".probe.*")
	if err != nil {
		return fmt.Errorf("--data %s: cannot be written: %w; choose a directory that this user may write", path, cause(err))
	}
	return errors.Join(probe.Close(), os.Remove(probe.Name()))
}

// cause leaves out the path, which the message has already.
func cause(err error) error {
	if pathError, ok := errors.AsType[*fs.PathError](err); ok {
		return pathError.Err
	}
	return err
}

// warnOfOthers says so if others than the owner can read the data directory, which was there before.
func (s *Server) warnOfOthers() {
	info, err := os.Stat(s.cfg.Data)
	if err == nil && runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		s.log.Warn("others can look into the data directory; chmod 700 would change that",
			"data", s.cfg.Data, "mode", fmt.Sprintf("%04o", info.Mode().Perm()))
	}
}

func listen(ctx context.Context, address string) (net.Listener, error) {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", address)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("--listen %s: another program listens there; stop it or choose another port", address)
	case errors.Is(err, syscall.EACCES):
		return nil, fmt.Errorf("--listen %s: this user may not listen there; choose a port above 1023", address)
	case err != nil:
		return nil, fmt.Errorf("--listen %s: %w; choose an address of this machine", address, err)
	}
	return listener, nil
}

func openStore(ctx context.Context, path string) (*sqlite.Store, error) {
	store, err := sqlite.Open(path)
	if err != nil {
		return nil, fmt.Errorf("database %s: %w", path, err)
	}
	err = store.Migrate(ctx)
	if errors.Is(err, jeton.ErrNewerSchema) {
		err = fmt.Errorf("%w; run a newer jeton, or another --data directory", err)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("database %s: %w", path, err), store.Close())
	}
	return store, nil
}

func newAuth(ctx context.Context, cfg Config, store jeton.Store, master []byte) (*jeton.Auth, error) {
	ring, err := jeton.NewKeyRing(jeton.KeyRingConfig{Store: store, MasterKey: master, Logger: cfg.Logger})
	if err != nil {
		return nil, err
	}
	if err := ring.Ensure(ctx); err != nil {
		return nil, err
	}
	secret, err := refreshSecret(master)
	if err != nil {
		return nil, err
	}
	reuse := cfg.ReuseInterval
	if reuse == 0 {
		reuse = -1 // what 0s says: any reuse ends the session
	}
	config := jeton.Config{
		Issuer: cfg.Issuer, Keys: ring, Store: store, Secret: secret, Logger: cfg.Logger,
		Cache: jeton.NewTokenCache(0), AccessTTL: cfg.AccessTTL, ReuseInterval: reuse, Limits: jeton.Limits{Off: cfg.NoLimits},
	}
	if cfg.configure != nil {
		cfg.configure(&config)
	}
	return jeton.New(config)
}

func (s *Server) routes() (http.Handler, error) {
	operations, err := api.New(api.Config{
		Auth: s.auth, TrustedProxies: s.cfg.TrustedProxies, Version: s.cfg.Version, Logger: s.log,
	})
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	operations.Mount(mux)
	mux.Handle("GET /{$}", page{Version: s.cfg.Version, Issuer: s.cfg.Issuer})
	mux.HandleFunc("GET /healthz", s.healthy)
	mux.HandleFunc("GET /readyz", s.ready)
	return headers(mux), nil
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
	housekeeping, stop := context.WithCancel(context.WithoutCancel(ctx))
	work.Go(func() { s.housekeep(housekeeping) })
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
	finish, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTimeout)
	defer cancel()
	if shutdown := s.http.Shutdown(finish); shutdown != nil {
		err = errors.Join(err, fmt.Errorf("requests in flight did not finish: %w", shutdown), s.http.Close())
	}
	stop()
	work.Wait()
	return errors.Join(err, s.close())
}

// Close gives up a server that was never run.
func (s *Server) Close() error { return s.close() }

func (s *Server) close() (err error) {
	if s.listener != nil {
		if closed := s.listener.Close(); !errors.Is(closed, net.ErrClosed) {
			err = closed
		}
	}
	if s.store != nil {
		err = errors.Join(err, s.store.Close())
	}
	return err
}
