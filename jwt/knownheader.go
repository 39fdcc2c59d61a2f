package jwt

import (
	"strings"
	"sync/atomic"

	"github.com/jetonauth/jeton/jwk"
)

// knownHeader is what a header means to one verifier with one key set: which key it names, and that the verifier accepts the
// algorithm. It depends on nothing else, so that it need not be found out again for the next token with the same header, which
// nearly every token of an issuer has.
type knownHeader struct {
	text   string // as encoded in the token
	keys   *jwk.Set
	key    *jwk.Key
	header *protectedHeader
}

// maxKnownHeaders bounds how many a verifier keeps: an issuer has few, one for each key.
const maxKnownHeaders = 8

// knownHeaders are the headers of tokens whose signature was good, the latest first. Nobody can add one who cannot sign.
type knownHeaders struct {
	list atomic.Pointer[[]*knownHeader]
}

func (k *knownHeaders) find(text string, keys *jwk.Set) *knownHeader {
	list := k.list.Load()
	if list == nil {
		return nil
	}
	for _, known := range *list {
		if known.text == text && known.keys == keys {
			return known
		}
	}
	return nil
}

// add keeps a header. If another one is added at this moment, one of them is forgotten, and will be found out again.
func (k *knownHeaders) add(known *knownHeader) {
	known.text = strings.Clone(known.text) // in place of the whole token
	old := k.list.Load()
	list := []*knownHeader{known}
	if old != nil {
		list = append(list, (*old)[:min(len(*old), maxKnownHeaders-1)]...)
	}
	k.list.CompareAndSwap(old, &list)
}
