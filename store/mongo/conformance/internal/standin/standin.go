// Package standin runs FerretDB, which stands in for MongoDB in tests.
package standin

import (
	"context"
	"errors"
	"log/slog"
	"os"

	"github.com/FerretDB/FerretDB/ferretdb"
)

// Server is a running server with its files in a folder of its own.
type Server struct {
	// URI is where it listens.
	URI string

	directory string
	stop      context.CancelFunc
	stopped   chan error
}

// Start starts a server on a free port of this machine.
func Start() (*Server, error) {
	directory, err := os.MkdirTemp("", "jeton-ferretdb-")
	if err != nil {
		return nil, err
	}
	server, err := ferretdb.New(&ferretdb.Config{
		Listener:  ferretdb.ListenerConfig{TCP: "127.0.0.1:0"},
		Logger:    slog.New(slog.DiscardHandler),
		Handler:   "sqlite",
		SQLiteURL: "file:" + directory + "/?_pragma=synchronous(off)",
	})
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(directory))
	}
	ctx, stop := context.WithCancel(context.Background())
	s := &Server{directory: directory, stop: stop, stopped: make(chan error, 1)}
	go func() { s.stopped <- server.Run(ctx) }()
	s.URI = server.MongoDBURI()
	return s, nil
}

// Close stops the server and removes its files.
func (s *Server) Close() error {
	s.stop()
	return errors.Join(<-s.stopped, os.RemoveAll(s.directory))
}
