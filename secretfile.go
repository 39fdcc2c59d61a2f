package jeton

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"github.com/jetonauth/jeton/internal/privatefile"
)

// maxSecretFile bounds a file with a secret, in bytes.
const maxSecretFile = 4096

// LoadOrCreateSecret reads a secret for [Config.Secret] or [KeyRingConfig.MasterKey] from the file at path, or draws one and writes
// it there with mode 0600 if there is no such file; of several processes that start at once all get the same. The folder must exist,
// and its file system know hard links. A file that others than its owner can read or write is an error. Keep it apart from the
// database and its backups.
func LoadOrCreateSecret(path string) ([]byte, error) {
	text, err := privatefile.LoadOrCreate(path, maxSecretFile, func() ([]byte, error) {
		secret := make([]byte, minSecret)
		rand.Read(secret)
		return []byte(base64.StdEncoding.EncodeToString(secret) + "\n"), nil
	})
	if err != nil {
		return nil, fmt.Errorf("jeton: secret file: %w", err)
	}
	secret, err := ParseSecret(strings.TrimSpace(string(text)))
	if err != nil {
		return nil, fmt.Errorf("%w (in %s)", err, path)
	}
	return secret, nil
}

// ParseSecret reads a secret of at least 32 bytes written in hex or base64, as it stands in an environment variable. A
// placeholder that nobody has drawn at random is an error.
func ParseSecret(text string) ([]byte, error) {
	decoders := []func(string) ([]byte, error){
		base64.StdEncoding.DecodeString, base64.RawStdEncoding.DecodeString, base64.RawURLEncoding.DecodeString,
	}
	if strings.Trim(text, "0123456789abcdefABCDEF") == "" { // hex that was cut off is no base64: that is never drawn without another letter
		decoders = []func(string) ([]byte, error){hex.DecodeString}
	}
	if strings.ContainsAny(text, "\r\n") { // which base64 would skip
		decoders = nil
	}
	for _, decode := range decoders {
		secret, err := decode(text)
		if err != nil || len(secret) < minSecret {
			continue
		}
		if placeholder(secret) || placeholder([]byte(text)) {
			return nil, errors.New("jeton: is a placeholder, must be random")
		}
		return secret, nil
	}
	return nil, errors.New("jeton: want hex or base64 of at least 32 random bytes, such as the output of: openssl rand -base64 32")
}
