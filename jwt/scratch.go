package jwt

import (
	"sync"

	"github.com/jetonauth/jeton/internal/strictjson"
	"github.com/jetonauth/jeton/jwk"
)

// scratch is memory for what is needed only while a token is checked.
type scratch struct {
	message, signature, payload []byte

	claims []strictjson.Span

	// The header that was written last, and what for.
	signingKey    *jwk.Key
	signingType   string
	signingHeader []byte
}

// maxScratch is the largest piece that is kept for the next token, so that one huge token does not cost its memory for ever.
const maxScratch = 32 << 10

//nolint:gochecknoglobals // a pool of memory without meaning
var scratches = sync.Pool{New: func() any { return new(scratch) }}

func newScratch() *scratch {
	s, ok := scratches.Get().(*scratch)
	if !ok {
		return new(scratch) // cannot be: New makes nothing else
	}
	return s
}

func (s *scratch) release() {
	if cap(s.message)+cap(s.signature)+cap(s.payload)+16*cap(s.claims)+cap(s.signingHeader) <= maxScratch {
		scratches.Put(s)
	}
}
