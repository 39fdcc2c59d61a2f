package jeton_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/jetonauth/jeton"
)

func TestLoadOrCreateSecret(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "secret")
	secrets := make([][]byte, 8)
	var wg sync.WaitGroup
	for i := range secrets {
		wg.Go(func() {
			var err error
			if secrets[i], err = jeton.LoadOrCreateSecret(path); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for _, secret := range secrets {
		if len(secret) != 32 || !bytes.Equal(secret, secrets[0]) {
			t.Fatalf("secrets of %d bytes differ", len(secret))
		}
	}
	if entries, err := os.ReadDir(filepath.Dir(path)); err != nil || len(entries) != 1 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
	if runtime.GOOS == "windows" {
		return
	}
	if err := os.Chmod(path, 0o640|0o004); err != nil {
		t.Fatal(err)
	}
	if _, err := jeton.LoadOrCreateSecret(path); err == nil {
		t.Error("a file that everybody can read was taken")
	}
}

func TestParseSecret(t *testing.T) {
	t.Parallel()
	want := []byte("\xff0123456789abcdefghijklmnopqrstuv")
	for _, text := range []string{
		fmt.Sprintf("%x", want), fmt.Sprintf("%X", want),
		"/zAxMjM0NTY3ODlhYmNkZWZnaGlqa2xtbm9wcXJzdHV2", "_zAxMjM0NTY3ODlhYmNkZWZnaGlqa2xtbm9wcXJzdHV2",
	} {
		if got, err := jeton.ParseSecret(text); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: %x, %v", text, got, err)
		}
	}
	for _, text := range []string{
		"", "short", "c2hvcnQ=", strings.Repeat("00", 32), strings.Repeat("QUJD", 12), "not hex and not base64, whatever its length is",
		strings.Repeat("0f1e2d3c4b5a6978", 4)[:63], "0f1e2d3c4b5a69788796a5b4c3d2e1f00112233445566778",
		strings.Repeat("0f1e2d3c4b5a6978", 4) + "\n" + strings.Repeat("0f1e2d3c4b5a6978", 4),
	} {
		if got, err := jeton.ParseSecret(text); err == nil {
			t.Errorf("%q was taken as %x", text, got)
		}
	}
}

func TestASecretFileThatIsBrokenIsLeftAlone(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ text, want string }{
		"empty":       {"", "32 random bytes"},
		"no secret":   {"not a secret, whatever its length may be", "32 random bytes"},
		"short":       {"c2hvcnQ=\n", "32 random bytes"},
		"cut off":     {"/zAxMjM0NTY3ODlhYmNkZWZnaGlqa2xtbm9wcXJz", "32 random bytes"},
		"placeholder": {strings.Repeat("00", 32) + "\n", "placeholder"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "secret")
			if err := os.WriteFile(path, []byte(test.text), 0o600); err != nil {
				t.Fatal(err)
			}
			secret, err := jeton.LoadOrCreateSecret(path)
			if err == nil || secret != nil {
				t.Fatalf("%d bytes, %v; want an error", len(secret), err)
			}
			if !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %q, want it to name %s and say %q", err, path, test.want)
			}
			if text := strings.TrimSpace(test.text); text != "" && strings.Contains(err.Error(), text) {
				t.Errorf("error %q shows what is in the file", err)
			}
			if left, err := os.ReadFile(path); err != nil || string(left) != test.text {
				t.Errorf("the file is %q now, %v", left, err)
			}
		})
	}
	if _, err := jeton.LoadOrCreateSecret(t.TempDir()); err == nil {
		t.Error("a folder was taken as a file")
	}
	if _, err := jeton.LoadOrCreateSecret(filepath.Join(t.TempDir(), "none", "secret")); err == nil {
		t.Error("a folder that is not there was no error")
	}
}
