package postgres_test

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/internal/postgrestest"
	"github.com/jetonauth/jeton/store/postgres"
)

// listenTCP passes what comes to a port on to the server, which has none, and returns the address.
func listenTCP(t *testing.T) string {
	t.Helper()
	var listen net.ListenConfig
	l, err := listen.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	socket := filepath.Join(server.Dir(), ".s.PGSQL.5432")
	go func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			var dialer net.Dialer
			upstream, err := dialer.DialContext(context.Background(), "unix", socket)
			if err != nil {
				_ = client.Close()
				continue
			}
			go pass(client, upstream, nil)
			go pass(upstream, client, nil)
		}
	}()
	return l.Addr().String()
}

// closedPort is an address at which nothing listens.
func closedPort(t *testing.T) string {
	t.Helper()
	var listen net.ListenConfig
	l, err := listen.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// wantConnectError fails the test unless Open has this error, in one line, together with the server's code if there is one.
func wantConnectError(t *testing.T, dsn, want, code string) {
	t.Helper()
	_, err := postgres.Open(t.Context(), dsn)
	if want = "postgres: ping: jeton: unavailable: cannot connect to " + want; err == nil || err.Error() != want {
		t.Errorf("%s: error is\n%v, want\n%s", dsn, err, want)
	}
	if _, ok := errors.AsType[*pgconn.ConnectError](err); !ok || !errors.Is(err, jeton.ErrUnavailable) {
		t.Errorf("%s: error %v wraps neither jeton's nor the driver's", dsn, err)
	}
	if native, ok := errors.AsType[*pgconn.PgError](err); ok != (code != "") || ok && native.Code != code {
		t.Errorf("%s: the server's error is %v, want %s", dsn, native, code)
	}
}

func TestConnectErrors(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "none")
	_ = server.DSN(t, "postgres") // needs a server
	open, closed := listenTCP(t), closedPort(t)
	const wrongUser = "; the password or the user is wrong; the password comes from the connection string, PGPASSWORD or a .pgpass file"
	for _, test := range []struct{ dsn, want, code string }{
		{"postgres://ada:x@" + closed + "/data", `database "data" as user "ada": ` + closed + ": connection refused", ""},
		{"postgres://ada@" + closed, `database "ada" as user "ada": ` + closed + ": connection refused", ""},
		{
			"postgres://ada@" + closed + ",nowhere.invalid:7/data?sslmode=disable",
			`database "data" as user "ada": nowhere.invalid: no such host; ` + closed + ": connection refused", "",
		},
		{"postgres://ada@/data?host=" + dir, `database "data" as user "ada": ` + dir + "/.s.PGSQL.5432: no such file or directory", ""},
		{
			"postgres://postgres@" + open + "/postgres?default_transaction_read_only=on&target_session_attrs=read-write",
			`database "postgres" as user "postgres": ` + open + ": the database can only be read", "",
		},
		{"postgres://postgres@" + open + "/data?sslmode=require", `database "data" as user "postgres": ` + open + ": tls error: server refused TLS connection", ""},
		{
			"postgres://postgres@" + open + "/no%0Adata", `database "no\ndata" as user "postgres": ` + open +
				`: database "no data" does not exist (SQLSTATE 3D000); there is no such database: CREATE DATABASE "no data" OWNER "postgres" TEMPLATE template0 ENCODING 'UTF8'`,
			"3D000",
		},
		{
			"postgres://postgres@" + closed + "," + open + "/none", `database "none" as user "postgres": ` + closed + ": connection refused; " + open +
				`: database "none" does not exist (SQLSTATE 3D000); there is no such database: CREATE DATABASE "none" OWNER "postgres" TEMPLATE template0 ENCODING 'UTF8'`,
			"3D000",
		},
		{
			"postgres://nobody@" + open + "/postgres", `database "postgres" as user "nobody": ` + open + `: role "nobody" does not exist (SQLSTATE 28000)` + wrongUser,
			"28000",
		},
		{
			"postgres://postgres@" + open + "/postgres?sslmod=disable", `database "postgres" as user "postgres": ` + open +
				`: unrecognized configuration parameter "sslmod" (SQLSTATE 42704); the connection string has a parameter that the server does not know; docs/postgres.md lists the usual ones`,
			"42704",
		},
	} {
		wantConnectError(t, test.dsn, test.want, test.code)
	}
}

// What only a server of its own says: that a password is wrong, that nobody may come from here, and that a role may not connect.
func TestConnectRefused(t *testing.T) {
	t.Parallel()
	own := postgrestest.New(t)
	admin := open(t, own.DSN(t, "postgres"))
	for _, statement := range []string{"CREATE ROLE ada LOGIN PASSWORD 'right'", "CREATE ROLE bob LOGIN", "CREATE DATABASE data", "REVOKE CONNECT ON DATABASE data FROM public"} {
		execute(t, admin.Pool(), statement)
	}
	closeNow(t, admin)
	rules := "local all ada scram-sha-256\nlocal data bob trust\n"
	if err := os.WriteFile(filepath.Join(own.Dir(), "data", "pg_hba.conf"), []byte(rules), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := own.Restart(); err != nil {
		t.Fatal(err)
	}
	dsn := func(user, database string) string {
		return strings.Replace(own.DSN(t, database), "postgres@", user+"@", 1)
	}
	socket := filepath.Join(own.Dir(), ".s.PGSQL.5432")
	wantConnectError(t, dsn("ada:wrong", "postgres"), `database "postgres" as user "ada": `+socket+`: password authentication failed for user "ada" (SQLSTATE 28P01)`+
		"; the password or the user is wrong; the password comes from the connection string, PGPASSWORD or a .pgpass file", "28P01")
	wantConnectError(t, dsn("bob", "postgres"), `database "postgres" as user "bob": `+socket+
		`: no pg_hba.conf entry for host "[local]", user "bob", database "postgres", no encryption (SQLSTATE 28000)`, "28000")
	wantConnectError(t, dsn("bob", "data"), `database "data" as user "bob": `+socket+`: permission denied for database "data" (SQLSTATE 42501)`+
		`; this role may not connect: GRANT CONNECT ON DATABASE "data" TO "bob"`, "42501")
	closeNow(t, open(t, dsn("ada:right", "postgres")))
}
