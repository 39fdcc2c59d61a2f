package jeton_test

import (
	"bytes"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"encoding/binary"
	"hash/crc32"
	"slices"
	"strings"
	"testing"

	"github.com/jetonauth/jeton"
)

// refreshSecretOfTest is a secret as a service is given it.
const refreshSecretOfTest = "0123456789abcdefghijklmnopqrstuv"

// derive is HKDF-SHA-256 (RFC 5869) as the refresh tokens use it.
func derive(t *testing.T, purpose string, size int) []byte {
	t.Helper()
	key, err := hkdf.Key(sha256.New, []byte(refreshSecretOfTest), nil, purpose, size)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func macOf(key []byte, parts ...[]byte) []byte {
	mac := hmac.New(sha256.New, key)
	for _, part := range parts {
		mac.Write(part)
	}
	return mac.Sum(nil)
}

// readRefreshToken takes a refresh token apart as docs/tokens.md describes it, by nothing of the package, and checks what does not
// depend on the tokens before it. It returns the tag.
func readRefreshToken(t *testing.T, token, session string, generation uint32) []byte {
	t.Helper()
	if len(token) != 96 || !strings.HasPrefix(token, "jrt_") {
		t.Fatalf("%d characters: %s", len(token), token)
	}
	b, err := base64.RawURLEncoding.DecodeString(token[4:])
	if err != nil || len(b) != 69 {
		t.Fatalf("%d bytes, %v", len(b), err)
	}
	id, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.ToUpper(session))
	if err != nil {
		t.Fatal(err)
	}
	count := binary.BigEndian.AppendUint32(nil, generation)
	for _, part := range []struct {
		name      string
		got, want []byte
	}{
		{"version", b[:1], []byte{1}},
		{"secret's id", b[1:5], derive(t, "jeton refresh token 1 id", 4)},
		{"session's id", b[5:21], id},
		{"generation", b[21:25], count},
		{"seal", b[57:65], macOf(derive(t, "jeton refresh token 1 seal", 32), b[:57])[:8]},
		{"checksum", b[65:], binary.BigEndian.AppendUint32(nil, crc32.ChecksumIEEE(b[:65]))},
	} {
		if !bytes.Equal(part.got, part.want) {
			t.Errorf("%s of generation %d: %x, want %x", part.name, generation, part.got, part.want)
		}
	}
	return slices.Clone(b[25:57])
}

// resealed changes a refresh token, and gives it the seal of an empty key and the right checksum.
func resealed(t *testing.T, token string, change func(b []byte)) string {
	t.Helper()
	b, err := base64.RawURLEncoding.DecodeString(strings.TrimPrefix(token, "jrt_"))
	if err != nil || len(b) != 69 {
		t.Fatalf("%d bytes, %v", len(b), err)
	}
	change(b)
	copy(b[57:65], macOf(nil, b[:57]))
	binary.BigEndian.PutUint32(b[65:], crc32.ChecksumIEEE(b[:65]))
	return "jrt_" + base64.RawURLEncoding.EncodeToString(b)
}

// A refresh token made by one version must be good for the next one, so its form is fixed.
func TestTheFormOfRefreshTokens(t *testing.T) {
	t.Parallel()
	s := newService(t, func(c *jeton.Config) { c.Secret = []byte(refreshSecretOfTest) })
	g := s.signUp(ada)
	id := g.Session.ID
	want := readRefreshToken(t, g.RefreshToken, id, 0)
	for generation := uint32(1); generation <= 3; generation++ {
		want = macOf(derive(t, "jeton refresh token 1", 32), want, []byte(id), binary.BigEndian.AppendUint32(nil, generation))
		var err error
		if g, err = s.refresh(g.RefreshToken, browser); err != nil {
			t.Fatal(err)
		}
		if got := readRefreshToken(t, g.RefreshToken, id, generation); !bytes.Equal(got, want) {
			t.Errorf("tag of generation %d: %x, want %x", generation, got, want)
		}
		stored, err := s.store.SessionByID(t.Context(), id)
		if err != nil || stored.TagHash != sha256.Sum256(want) {
			t.Errorf("the store has %x of generation %d, %v", stored.TagHash, generation, err)
		}
	}
}
