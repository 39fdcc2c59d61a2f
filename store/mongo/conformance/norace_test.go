//go:build !race

package conformance_test

import (
	"runtime/debug"

	"github.com/jetonauth/jeton/store/mongo/conformance/internal/standin"
)

// startServer starts the server in this process.
func startServer() (uri string, stop func() error, err error) {
	debug.SetGCPercent(1000) // the server decodes whole collections for each query, and what it leaves behind is small
	server, err := standin.Start()
	if err != nil {
		return "", nil, err
	}
	return server.URI, server.Close, nil
}
