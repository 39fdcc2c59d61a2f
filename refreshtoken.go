package jeton

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"hash"
	"hash/crc32"
	"strings"
)

// A refresh token is the prefix and the base64url form of
//
//	version  secret's id  session's id  generation  tag  checksum
//	1        4            16            4           32   4         bytes
//
// The tag of generation 0 is random; each further one is HMAC-SHA-256(K, tag ‖ session's id ‖ generation). The store keeps the
// SHA-256 of the current one, so that neither it nor K nor both can make one, while an older token leads to the current
// one by walking the chain. The checksum is for typing errors and secret scanners; it proves nothing.
const (
	refreshPrefix  = "jrt_"
	refreshVersion = 1
	idBytes        = 16
	tagBytes       = sha256.Size
	refreshBytes   = 1 + 4 + idBytes + 4 + tagBytes + 4

	// maxWalk bounds how many generations an older token is followed, and so what a guess can cost: some 3 ms. What is older
	// is refused like a guess.
	maxWalk = 4096
)

var (
	refreshEncoding = base64.RawURLEncoding.Strict()
	idEncoding      = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)
)

// newID returns 128 random bits in base32: an id of a user, session or token.
func newID() string {
	var id [idBytes]byte
	rand.Read(id[:])
	return idEncoding.EncodeToString(id[:])
}

type tag [tagBytes]byte

func newTag() (t tag) {
	rand.Read(t[:])
	return t
}

func (t tag) hash() [sha256.Size]byte { return sha256.Sum256(t[:]) }

func (t tag) matches(hash [sha256.Size]byte) bool {
	have := t.hash()
	return subtle.ConstantTimeCompare(have[:], hash[:]) == 1
}

// refreshToken is a decoded refresh token, of which nothing is proved.
type refreshToken struct {
	secretID   uint32
	session    string
	generation uint32
	tag        tag
}

func (t refreshToken) encode() (string, error) {
	id, err := idEncoding.DecodeString(t.session)
	if err != nil || len(id) != idBytes {
		return "", fmt.Errorf("jeton: session id %q is not one that jeton makes", t.session)
	}
	b := make([]byte, 0, refreshBytes)
	b = append(b, refreshVersion)
	b = binary.BigEndian.AppendUint32(b, t.secretID)
	b = append(b, id...)
	b = binary.BigEndian.AppendUint32(b, t.generation)
	b = append(b, t.tag[:]...)
	b = binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b))
	return refreshPrefix + refreshEncoding.EncodeToString(b), nil
}

// decodeRefreshToken reads exactly what encode writes.
func decodeRefreshToken(s string) (refreshToken, bool) {
	encoded, ok := strings.CutPrefix(s, refreshPrefix)
	if !ok || len(encoded) != refreshEncoding.EncodedLen(refreshBytes) || strings.ContainsAny(encoded, "\r\n") {
		return refreshToken{}, false
	}
	b, err := refreshEncoding.DecodeString(encoded)
	if err != nil || len(b) != refreshBytes || b[0] != refreshVersion {
		return refreshToken{}, false
	}
	body, sum := b[:refreshBytes-4], b[refreshBytes-4:]
	if crc32.ChecksumIEEE(body) != binary.BigEndian.Uint32(sum) {
		return refreshToken{}, false
	}
	t := refreshToken{
		secretID:   binary.BigEndian.Uint32(b[1:]),
		session:    idEncoding.EncodeToString(b[5 : 5+idBytes]),
		generation: binary.BigEndian.Uint32(b[5+idBytes:]),
	}
	copy(t.tag[:], b[9+idBytes:])
	return t, true
}

// refreshSecret derives the tags of a session's generations.
type refreshSecret struct {
	id  uint32
	key []byte
}

// minSecret is the shortest Config.Secret in bytes.
const minSecret = 32

func newRefreshSecret(secret []byte) (refreshSecret, error) {
	if len(secret) < minSecret {
		return refreshSecret{}, fmt.Errorf("has %d bytes, must have at least %d random ones", len(secret), minSecret)
	}
	if placeholder(secret) {
		return refreshSecret{}, fmt.Errorf("is a placeholder, must be random")
	}
	key, err := hkdf.Key(sha256.New, secret, nil, "jeton refresh token 1", sha256.Size)
	if err != nil {
		return refreshSecret{}, err
	}
	id, err := hkdf.Key(sha256.New, secret, nil, "jeton refresh token 1 id", 4)
	if err != nil {
		return refreshSecret{}, err
	}
	return refreshSecret{id: binary.BigEndian.Uint32(id), key: key}, nil
}

// placeholder recognises secrets that nobody has drawn: fewer than 8 different bytes, or the words of an example.
func placeholder(secret []byte) bool {
	var seen [256]bool
	different := 0
	for _, b := range secret {
		if !seen[b] {
			seen[b] = true
			different++
		}
	}
	if different < 8 {
		return true
	}
	text := strings.ToLower(string(secret))
	for _, word := range []string{"changeme", "change-me", "change_me", "change me", "replace-me", "replaceme", "your-secret", "your_secret", "placeholder", "example-secret"} {
		if strings.Contains(text, word) {
			return true
		}
	}
	return false
}

// chain derives the tags of one session, each from the one before it.
type chain struct {
	mac     hash.Hash
	session []byte
}

func (s refreshSecret) chain(session string) chain {
	return chain{hmac.New(sha256.New, s.key), []byte(session)}
}

func (c chain) next(t tag, generation uint32) (n tag) {
	var count [4]byte
	binary.BigEndian.PutUint32(count[:], generation)
	c.mac.Reset()
	c.mac.Write(t[:])
	c.mac.Write(c.session)
	c.mac.Write(count[:])
	c.mac.Sum(n[:0])
	return n
}

// walk follows the chain from a token to a later generation.
func (s refreshSecret) walk(t refreshToken, generation uint32) (tag, bool) {
	if generation < t.generation || generation-t.generation > maxWalk {
		return tag{}, false
	}
	current, c := t.tag, s.chain(t.session)
	for g := t.generation; g < generation; g++ {
		current = c.next(current, g+1)
	}
	return current, true
}
