package jwk_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"

	"github.com/jetonauth/jeton/jwk"
)

func TestLoadOrCreate(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "signing.pem")
	first, err := jwk.LoadOrCreate(path)
	if err != nil || first.Algorithm() != jwk.ES256 || !first.CanSign() {
		t.Fatalf("%v, %v", first, err)
	}
	second, err := jwk.LoadOrCreate(path)
	if err != nil || second.ID() != first.ID() {
		t.Errorf("read back %v, %v, want %v", second, err, first)
	}
	if err := second.Verify(jwk.ES256, []byte("m"), sign(t, first, []byte("m"))); err != nil {
		t.Error(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v", info.Mode())
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
		t.Errorf("left in the folder: %v, %v", entries, err)
	}
}

func TestLoadOrCreateAtOnce(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "signing.pem")
	var (
		wg    sync.WaitGroup
		start = make(chan struct{})
		ids   = make([]string, 16)
		errs  = make([]error, 16)
	)
	for i := range ids {
		wg.Go(func() {
			<-start
			k, err := jwk.LoadOrCreate(path)
			if err != nil {
				errs[i] = err
				return
			}
			ids[i] = k.ID()
		})
	}
	close(start)
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	for _, id := range ids {
		if id != ids[0] {
			t.Fatalf("different keys: %q", ids)
		}
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
		t.Errorf("left in the folder: %v, %v", entries, err)
	}
}

func writeFile(t *testing.T, data []byte, mode fs.FileMode) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "key.pem")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestLoadOrCreateReadsEveryType(t *testing.T) {
	t.Parallel()
	for alg, want := range map[jwk.Algorithm]jwk.Algorithm{
		jwk.RS256: jwk.RS256, jwk.PS384: jwk.RS256, jwk.ES256: jwk.ES256, jwk.ES384: jwk.ES384, jwk.ES512: jwk.ES512,
		jwk.EdDSA: jwk.EdDSA,
	} {
		data, err := generate(t, alg).MarshalPrivatePEM()
		if err != nil {
			t.Fatal(err)
		}
		k, err := jwk.LoadOrCreate(writeFile(t, data, 0o400))
		if err != nil || k.Algorithm() != want || k.ID() != generate(t, alg).ID() {
			t.Errorf("%s: %v, %v", alg, k, err)
		}
	}
}

func TestLoadOrCreateRefuses(t *testing.T) {
	t.Parallel()
	private, err := generate(t, jwk.ES256).MarshalPrivatePEM()
	if err != nil {
		t.Fatal(err)
	}
	public, err := generate(t, jwk.ES256).MarshalPublicPEM()
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	if err := os.Chmod(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name string
		path string
		want error
	}{
		{"no folder", filepath.Join(t.TempDir(), "none", "key.pem"), fs.ErrNotExist},
		{"a folder", folder, jwk.ErrInvalidKey},
		{"empty", writeFile(t, nil, 0o600), jwk.ErrInvalidKey},
		{"not PEM", writeFile(t, []byte("key"), 0o600), jwk.ErrInvalidKey},
		{"cut", writeFile(t, private[:len(private)/2], 0o600), jwk.ErrInvalidKey},
		{"public", writeFile(t, public, 0o600), jwk.ErrNoPrivateKey},
		{"too long", writeFile(t, append(make([]byte, 64<<10), private...), 0o600), jwk.ErrInvalidKey},
	}
	if runtime.GOOS != "windows" {
		for _, mode := range []fs.FileMode{0o644, 0o640, 0o604, 0o660, 0o620, 0o602, 0o666} {
			tests = append(tests, struct {
				name string
				path string
				want error
			}{mode.String(), writeFile(t, private, mode), jwk.ErrInvalidKey})
		}
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			before, _ := os.ReadFile(tt.path)
			k, err := jwk.LoadOrCreate(tt.path)
			wantError(t, err, tt.want)
			if k != nil {
				t.Errorf("a key beside the error: %s", k)
			}
			if after, _ := os.ReadFile(tt.path); string(after) != string(before) {
				t.Error("the file was changed")
			}
		})
	}
}
