package jetongrpc

import (
	"context"
	"net/http"

	"google.golang.org/grpc/metadata"

	"github.com/jetonauth/jeton/guard"
)

// carrier shows a guard the metadata of a call.
type carrier struct {
	ctx context.Context //nolint:containedctx // that of one call, which holds its metadata
}

var _ guard.Carrier = carrier{}

// Method is POST, as it is on the wire: calls may change something.
func (carrier) Method() string { return http.MethodPost }

func (c carrier) Host() string {
	if values := c.Header(":authority"); len(values) == 1 {
		return values[0]
	}
	return ""
}

// Header goes by the name in lower case, since that is how metadata is kept.
func (c carrier) Header(name string) []string { return metadata.ValueFromIncomingContext(c.ctx, name) }

// Query is nothing: a call has none.
func (carrier) Query(string) []string { return nil }
