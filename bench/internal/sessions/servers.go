package sessions

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/jetonauth/jeton/internal/postgrestest"
)

// connections is how many each node has to PostgreSQL.
const connections = 10

// settings make a server as durable as one that matters, and leave the rest as it comes.
var settings = [...]string{
	"fsync=on", "full_page_writes=on", "synchronous_commit=on", "wal_level=replica", "max_wal_senders=10", "autovacuum=on",
	"shared_buffers=256MB", "max_wal_size=4GB",
}

// servers are those that run for the time of the program. A missing one is left out.
type servers struct {
	dir       string // for files of this program
	postgres  *postgrestest.Server
	process   int // PostgreSQL's
	databases int
	redis     *exec.Cmd
	socket    string // Redis's; empty without Redis
}

func (s *servers) start(ctx context.Context) (err error) {
	if s.dir, err = os.MkdirTemp("", "jeton-sessions-"); err != nil {
		return err
	}
	if s.postgres, err = postgrestest.Start(settings[:]...); err != nil && !errors.Is(err, postgrestest.ErrMissing) {
		return errors.Join(err, s.stop())
	}
	if s.postgres != nil {
		if s.process, err = firstNumber(filepath.Join(s.postgres.Dir(), "data", "postmaster.pid")); err != nil {
			return errors.Join(err, s.stop())
		}
	}
	if err := s.startRedis(ctx); err != nil {
		return errors.Join(err, s.stop())
	}
	return nil
}

func firstNumber(path string) (int, error) {
	text, err := os.ReadFile(path) //nolint:gosec // of a server that was just started
	if err != nil {
		return 0, err
	}
	line, _, _ := strings.Cut(string(text), "\n")
	return strconv.Atoi(line)
}

// startRedis starts a Redis without files or port, if there is one on this machine.
func (s *servers) startRedis(ctx context.Context) error {
	program, err := exec.LookPath("redis-server")
	if err != nil {
		return nil //nolint:nilerr // it is left out
	}
	socket := filepath.Join(s.dir, "redis.sock")
	redis := exec.CommandContext(ctx, program, "--port", "0", "--unixsocket", socket, "--save", "", "--appendonly", "no") //nolint:gosec // the one on PATH
	redis.Dir, redis.SysProcAttr = s.dir, endWithParent()
	output, err := redis.StdoutPipe()
	if err != nil {
		return err
	}
	if err := redis.Start(); err != nil {
		return err
	}
	s.redis = redis
	for lines := bufio.NewScanner(output); lines.Scan(); {
		if strings.Contains(lines.Text(), "eady to accept connections") {
			s.socket = socket
			return nil // it says no more than fits into the pipe
		}
	}
	return errors.New("redis-server has ended before it was ready")
}

// stop ends the servers and removes all files.
func (s *servers) stop() error {
	var errs []error
	if s.redis != nil {
		errs = append(errs, s.redis.Process.Kill())
		_ = s.redis.Wait() // it was killed
	}
	if s.postgres != nil {
		errs = append(errs, s.postgres.Close())
	}
	return errors.Join(append(errs, os.RemoveAll(s.dir))...)
}

// dsn names a database of PostgreSQL, with parameters in pairs.
func (s *servers) dsn(database string, parameters ...string) string {
	query := url.Values{"host": {s.postgres.Dir()}, "sslmode": {"disable"}, "pool_max_conns": {strconv.Itoa(connections)}}
	for i := 0; i+1 < len(parameters); i += 2 {
		query.Set(parameters[i], parameters[i+1])
	}
	return (&url.URL{Scheme: "postgres", User: url.User("postgres"), Path: "/" + database, RawQuery: query.Encode()}).String()
}

// newDatabase makes an empty database of PostgreSQL and returns its name.
func (s *servers) newDatabase(ctx context.Context) (name string, err error) {
	s.databases++
	name = fmt.Sprintf("bench%d", s.databases)
	_, err = s.ask(ctx, "CREATE DATABASE "+name+" TEMPLATE template0")
	return name, err
}

// ask runs a statement of the administrator's and returns the first value that it gives, if any.
func (s *servers) ask(ctx context.Context, statement string) (value string, err error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	config, err := pgx.ParseConfig(s.dsn("postgres"))
	if err != nil {
		return "", err
	}
	delete(config.RuntimeParams, "pool_max_conns")
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return "", err
	}
	err = conn.QueryRow(ctx, statement).Scan(&value)
	if errors.Is(err, pgx.ErrNoRows) {
		err = nil
	}
	return value, errors.Join(err, conn.Close(ctx))
}

// versions says what was measured with, and what was not there.
func (s *servers) versions(ctx context.Context) (string, error) {
	var b strings.Builder
	if s.postgres == nil {
		b.WriteString("- **PostgreSQL is left out**: there is none on this machine\n")
	} else {
		version, err := s.ask(ctx, "SHOW server_version")
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&b, "- PostgreSQL %s on the same machine, by a socket, %d connections, %s\n", version, connections, strings.Join(settings[:], ", "))
	}
	if s.socket == "" {
		b.WriteString("- **Redis is left out**: there is none on this machine\n")
	}
	b.WriteString("- SQLite, in the program itself, WAL, synchronous=FULL\n")
	return b.String(), nil
}
