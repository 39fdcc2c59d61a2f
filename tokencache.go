package jeton

import (
	"hash/maphash"
	"sync/atomic"

	"github.com/jetonauth/jeton/jwk"
	"github.com/jetonauth/jeton/jwt"
	"github.com/jetonauth/jeton/revoke"
)

const (
	// DefaultTokenCache is how many tokens [NewTokenCache] remembers unless told otherwise.
	DefaultTokenCache = 8192
	// maxCachedToken is the longest token in bytes that is remembered, so that the memory is bounded.
	maxCachedToken = 4096
)

// TokenCache remembers tokens that were verified, so that a token that comes again costs no signature check. Several
// verifiers may share one. What is remembered is only that a key set, as it was then, proved these bytes: times, issuer, audience,
// type and revocation are judged anew each time, by the verifier that asks, and a key set that has changed proves anew. It is
// safe for concurrent use; readers do not wait for each other.
type TokenCache struct {
	seed  maphash.Seed
	slots []atomic.Pointer[cachedToken]
}

// cachedToken is immutable.
type cachedToken struct {
	text      string
	keys      *jwk.Set
	proved    *jwt.Token
	profile   *verifierProfile // whose claim names made principal
	principal *Principal
	ids       *revoke.IDs // nil if this verifier asks nobody about revocation
}

// NewTokenCache returns a cache for entries tokens, of 4 KiB at most each; zero means [DefaultTokenCache]. A token of jeton's own takes
// about 1.5 KiB in it.
func NewTokenCache(entries int) *TokenCache {
	if entries <= 0 {
		entries = DefaultTokenCache
	}
	size := 1
	for size < entries {
		size *= 2
	}
	return &TokenCache{seed: maphash.MakeSeed(), slots: make([]atomic.Pointer[cachedToken], size)}
}

// places are the two slots where a token may be.
func (c *TokenCache) places(text string) (first, second *atomic.Pointer[cachedToken]) {
	hash := maphash.String(c.seed, text)
	mask := uint64(len(c.slots) - 1)
	return &c.slots[hash&mask], &c.slots[hash>>32&mask]
}

// find returns what is remembered of a token. A nil cache remembers nothing.
func (c *TokenCache) find(text string) *cachedToken {
	if c == nil || len(text) > maxCachedToken {
		return nil
	}
	first, second := c.places(text)
	if known := first.Load(); known != nil && known.text == text {
		return known
	}
	if known := second.Load(); known != nil && known.text == text {
		return known
	}
	return nil
}

// keep remembers a token in place of an older one.
func (c *TokenCache) keep(token *cachedToken) {
	if c == nil || len(token.text) > maxCachedToken {
		return
	}
	first, second := c.places(token.text)
	if known := first.Load(); known != nil && known.text != token.text && second.Load() == nil {
		first = second
	}
	first.Store(token)
}
