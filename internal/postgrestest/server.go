// Package postgrestest runs PostgreSQL servers of their own for tests: with an empty folder, without a port, and ended
// with the process of the test whatever becomes of it.
//
// A package of tests has one server and each of its tests a database:
//
//	var server *postgrestest.Server
//
//	func TestMain(m *testing.M) { os.Exit(postgrestest.Run(m, &server)) }
//
//	func TestSomething(t *testing.T) {
//		dsn := server.Database(t)
//		…
//	}
package postgrestest

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// ErrMissing means that the programs of a PostgreSQL server cannot be found.
var ErrMissing = errors.New("postgrestest: no PostgreSQL (Debian: postgresql)")

// patience is how long a program may take to do what it is asked for, on a busy machine.
const patience = time.Minute

// Server is a PostgreSQL server that listens on a socket in a folder of its own. Its only role is "postgres", without a password.
type Server struct {
	programs string // the folder of PostgreSQL's
	dir      string
	settings []string
	owner    *owner

	mu      sync.Mutex
	running *process // nil while it is stopped
	names   int      // of databases and schemas that were made
}

// quick is what makes a server fast that nobody needs tomorrow, and the odd time zone shows who relies on the usual one.
// What it has acknowledged survives its own end, though not the machine's.
var quick = []string{
	"fsync=off", "full_page_writes=off", "wal_level=minimal", "max_wal_senders=0", "autovacuum=off", "jit=off",
	"shared_buffers=32MB", "max_connections=300", "timezone=Asia/Kathmandu", "log_checkpoints=off",
}

// Start makes a server and starts it. Settings such as "max_connections=10" come after those that make it quick. If
// there is no PostgreSQL on this machine, the error is [ErrMissing].
func Start(settings ...string) (*Server, error) {
	programs, err := find()
	if err != nil {
		return nil, err
	}
	s := &Server{programs: programs, settings: slices.Concat(quick, settings)}
	if s.owner, err = newOwner(); err != nil {
		return nil, err
	}
	if s.dir, err = os.MkdirTemp("", "jeton-postgres-"); err != nil {
		return nil, err
	}
	if err := errors.Join(s.owner.give(s.dir), s.init()); err != nil {
		return nil, errors.Join(err, os.RemoveAll(s.dir))
	}
	if err := s.Restart(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(s.dir))
	}
	return s, nil
}

// New starts a server for one test, which ends with it. Without PostgreSQL the test is skipped, and fails if the variable
// JETON_TEST_COMPLETE is 1.
func New(t testing.TB, settings ...string) *Server {
	t.Helper()
	s, err := Start(settings...)
	if errors.Is(err, ErrMissing) {
		missing(t)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// missing ends a test that needs PostgreSQL.
func missing(t testing.TB) {
	t.Helper()
	if os.Getenv("JETON_TEST_COMPLETE") == "1" {
		t.Fatal(ErrMissing)
	}
	t.Skip(ErrMissing)
}

// init makes the files of an empty server.
func (s *Server) init() error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	output, err := s.command(ctx, "initdb", "--no-sync", "--auth=trust", "--username=postgres", "--encoding=UTF8",
		"--locale=C", "--pgdata="+s.data()).CombinedOutput()
	if err != nil {
		return fmt.Errorf("postgrestest: initdb: %w\n%s", err, output)
	}
	return nil
}

func (s *Server) data() string { return filepath.Join(s.dir, "data") }

// Dir returns the folder of the server, in which its socket is. Its user may write there. It goes with the server.
func (s *Server) Dir() string { return s.dir }

// Program starts a program of the system as the server's user, in the server's folder. It returns when the program says that it is ready on
// its error stream, and ends it with the test.
func (s *Server) Program(t testing.TB, ready, name string, args ...string) {
	t.Helper()
	p, err := start(s.command(context.Background(), name, args...), ready)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.end(syscall.SIGTERM); err != nil {
			t.Error(err)
		}
	})
}

// command returns a program, one of PostgreSQL's or another of the system, that ends with this process.
func (s *Server) command(ctx context.Context, name string, args ...string) *exec.Cmd {
	if path := filepath.Join(s.programs, name); isFile(path) {
		name = path
	}
	command := exec.CommandContext(ctx, name, args...) // #nosec G204 -- tests say which
	command.Dir = s.dir
	command.Env = append(os.Environ(), "LC_ALL=C")
	command.SysProcAttr = s.owner.attributes()
	return command
}

// Restart starts the server with what it had before. One that runs is stopped.
func (s *Server) Restart() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.stop(os.Interrupt); err != nil {
		return err
	}
	args := []string{"-D", s.data(), "-c", "listen_addresses=", "-c", "unix_socket_directories=" + s.dir}
	for _, setting := range s.settings {
		args = append(args, "-c", setting)
	}
	var err error
	s.running, err = start(s.command(context.Background(), "postgres", args...), "database system is ready to accept connections")
	return err
}

// Stop ends the server as its administrator would who cannot wait: connections are told and closed, transactions undone.
func (s *Server) Stop() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stop(os.Interrupt)
}

// Crash ends the server at once, without a word to anybody but the disk. What was committed is there after [Server.Restart].
func (s *Server) Crash() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stop(syscall.SIGQUIT)
}

func (s *Server) stop(signal os.Signal) error {
	if s.running == nil {
		return nil
	}
	err := s.running.end(signal)
	s.running = nil
	return err
}

// Close stops the server and removes its files.
func (s *Server) Close() error { return errors.Join(s.Stop(), os.RemoveAll(s.dir)) }

// DSN returns the connection string of a database, such as "postgres", which every server has, with parameters in pairs. Without a
// server the test is skipped, and fails if the variable JETON_TEST_COMPLETE is 1.
func (s *Server) DSN(t testing.TB, database string, parameters ...string) string {
	t.Helper()
	if s == nil {
		missing(t)
	}
	query := url.Values{"host": {s.dir}, "sslmode": {"disable"}}
	for pair := range slices.Chunk(parameters, 2) {
		query.Set(pair[0], pair[1])
	}
	encoded := strings.ReplaceAll(query.Encode(), "+", "%20") // a plus is a plus here, as it is for libpq
	return (&url.URL{Scheme: "postgres", User: url.User("postgres"), Path: "/" + database, RawQuery: encoded}).String()
}

// Run runs the tests of a package with a server, which it starts before and removes afterwards. Without PostgreSQL server
// stays nil. It returns the status to exit with.
func Run(m *testing.M, server **Server) int {
	s, err := Start()
	if errors.Is(err, ErrMissing) {
		return m.Run()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	*server = s
	status := m.Run()
	if err := s.Close(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return max(status, 1)
	}
	return status
}
