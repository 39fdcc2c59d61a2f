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
	"encoding/hex"
	"fmt"
	"hash"
	"hash/crc32"
	"strings"
)

// A refresh token is the prefix and the base64url form of
//
//	version  secret's id  session's id  generation  tag  seal  checksum
//	1        4            16            4           32   8     4         bytes
//
// The tag of generation 0 is random; each further one is HMAC-SHA-256(K, tag ‖ session's id ‖ generation). The store keeps the
// SHA-256 of the current one, so that neither it nor K nor both can make one, while a recent token leads to the current
// one by a few steps of the chain. The seal, an HMAC over all before it under another key, shows that a token of any age
// was given out once: that it is used again is then no guess. The checksum is for typing errors and secret scanners.
const (
	refreshPrefix  = "jrt_"
	refreshVersion = 1
	idBytes        = 16
	tagBytes       = sha256.Size
	sealBytes      = 8
	refreshBytes   = 1 + 4 + idBytes + 4 + tagBytes + sealBytes + 4
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
	seal       [sealBytes]byte
}

// body is what the seal is over.
func (t refreshToken) body() ([]byte, error) {
	id, err := idEncoding.DecodeString(t.session)
	if err != nil || len(id) != idBytes {
		return nil, fmt.Errorf("jeton: session id %q is not one that jeton makes", t.session)
	}
	b := make([]byte, 0, refreshBytes)
	b = append(b, refreshVersion)
	b = binary.BigEndian.AppendUint32(b, t.secretID)
	b = append(b, id...)
	b = binary.BigEndian.AppendUint32(b, t.generation)
	return append(b, t.tag[:]...), nil
}

func (t refreshToken) encode() (string, error) {
	b, err := t.body()
	if err != nil {
		return "", err
	}
	b = append(b, t.seal[:]...)
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
	copy(t.seal[:], b[9+idBytes+tagBytes:])
	return t, true
}

// refreshSecret derives the tags of a session's generations, and seals tokens.
type refreshSecret struct {
	id      uint32
	key     []byte
	sealKey []byte
	csrfKey []byte
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
	sealKey, err := hkdf.Key(sha256.New, secret, nil, "jeton refresh token 1 seal", sha256.Size)
	if err != nil {
		return refreshSecret{}, err
	}
	csrfKey, err := hkdf.Key(sha256.New, secret, nil, "jeton csrf 1", sha256.Size)
	if err != nil {
		return refreshSecret{}, err
	}
	return refreshSecret{id: binary.BigEndian.Uint32(id), key: key, sealKey: sealKey, csrfKey: csrfKey}, nil
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
func (s refreshSecret) walk(t refreshToken, generation uint32) tag {
	current, c := t.tag, s.chain(t.session)
	for g := t.generation; g < generation; g++ {
		current = c.next(current, g+1)
	}
	return current
}

// issue returns the token of a generation, sealed.
func (s refreshSecret) issue(session string, generation uint32, t tag) (string, error) {
	token := refreshToken{secretID: s.id, session: session, generation: generation, tag: t}
	var err error
	if token.seal, err = s.sealOf(token); err != nil {
		return "", err
	}
	return token.encode()
}

// sealed reports whether the token was issued under this secret.
func (s refreshSecret) sealed(t refreshToken) bool {
	want, err := s.sealOf(t)
	return err == nil && hmac.Equal(want[:], t.seal[:])
}

// hashOf names something personal in a log: equal things equally, and for nobody to guess who has not the secret.
func (s refreshSecret) hashOf(text string) string {
	mac := hmac.New(sha256.New, s.sealKey)
	mac.Write([]byte("account "))
	mac.Write([]byte(text))
	return hex.EncodeToString(mac.Sum(nil)[:8])
}

func (s refreshSecret) sealOf(t refreshToken) (seal [sealBytes]byte, err error) {
	body, err := t.body()
	if err != nil {
		return seal, err
	}
	mac := hmac.New(sha256.New, s.sealKey)
	mac.Write(body)
	copy(seal[:], mac.Sum(nil))
	return seal, nil
}
