package postgres_test

import (
	"bytes"
	"context"
	"io"
	"net"
	"path/filepath"
	"strings"
	"testing"
)

// standIn listens on a socket in a new folder, passes everything on to the server and back, and writes replacements of the
// same length into what clients say. It returns the connection string with the folder in place of the server's.
func standIn(t *testing.T, dsn string, replacements ...string) string {
	t.Helper()
	for i := range replacements {
		if len(replacements[i]) != len(replacements[i&^1]) {
			t.Fatalf("%q has another length", replacements[i])
		}
	}
	dir := t.TempDir()
	var listen net.ListenConfig
	l, err := listen.Listen(t.Context(), "unix", filepath.Join(dir, ".s.PGSQL.5432"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			var dialer net.Dialer
			upstream, err := dialer.DialContext(context.Background(), "unix", filepath.Join(server.Dir(), ".s.PGSQL.5432"))
			if err != nil {
				_ = client.Close()
				continue
			}
			go pass(client, upstream, nil)
			go pass(upstream, client, replacements)
		}
	}()
	return strings.Replace(dsn, strings.ReplaceAll(server.Dir(), "/", "%2F"), strings.ReplaceAll(dir, "/", "%2F"), 1)
}

// pass copies until either side ends.
func pass(to, from net.Conn, replacements []string) {
	defer to.Close()
	defer from.Close()
	buffer := make([]byte, 1<<16)
	for {
		n, err := from.Read(buffer)
		data := buffer[:n]
		for i := 0; i < len(replacements); i += 2 {
			data = bytes.ReplaceAll(data, []byte(replacements[i]), []byte(replacements[i+1]))
		}
		if _, writeErr := io.Copy(to, bytes.NewReader(data)); err != nil || writeErr != nil {
			return
		}
	}
}
