package password_test

import (
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/jetonauth/jeton/password"
)

func TestArgon2idHashForm(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		hasher password.Argon2id
		want   string
	}{
		{"zero value", password.Argon2id{}, "m=19456,t=2,p=1"},
		{"memory alone", password.Argon2id{Memory: 64}, "m=64,t=2,p=1"},
		{"all", password.Argon2id{Memory: 96, Time: 3, Threads: 4}, "m=96,t=3,p=4"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			form := regexp.MustCompile(`^\$argon2id\$v=19\$` + test.want + `\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$`)
			hash := mustHash(t, test.hasher, phrase)
			if !form.MatchString(hash) {
				t.Errorf("Hash = %q, want the form %s", hash, form)
			}
			if again := mustHash(t, test.hasher, phrase); again == hash {
				t.Error("two hashes of one password are equal, so the salt is not random")
			}
			wantCheck(t, test.hasher, hash, phrase, password.Result{Match: true})
			wantCheck(t, test.hasher, hash, phrase+" ", password.Result{})
			wantCheck(t, test.hasher, hash, "", password.Result{})
		})
	}
}

func TestArgon2idOutOfRange(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, field string
		hasher      password.Argon2id
	}{
		{"little memory", "Argon2id.Memory", password.Argon2id{Memory: 7}},
		{"little memory for the threads", "Argon2id.Memory", password.Argon2id{Memory: 31, Threads: 4}},
		{"much memory", "Argon2id.Memory", password.Argon2id{Memory: 262145, Time: 1}},
		{"much time", "Argon2id.Time", password.Argon2id{Memory: 262144, Time: 5}},
		{"product over 32 bits", "Argon2id.Time", password.Argon2id{Memory: 65536, Time: 65536}},
		{"many threads", "Argon2id.Threads", password.Argon2id{Threads: 65}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			hash, err := test.hasher.Hash(phrase)
			if hash != "" || err == nil || !strings.Contains(err.Error(), test.field) {
				t.Errorf("Hash = %q, %v, want an error that names %s", hash, err, test.field)
			}
			result, err := test.hasher.Check(knownAnswers[1].hash, phrase)
			if result.Match || err == nil || !strings.Contains(err.Error(), test.field) {
				t.Errorf("Check = %+v, %v, want an error that names %s", result, err, test.field)
			}
		})
	}
}

func TestArgon2idConcurrent(t *testing.T) {
	t.Parallel()
	hash := mustHash(t, small, phrase)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			wantCheck(t, small, hash, phrase, password.Result{Match: true})
			wantCheck(t, small, mustHashOf(t, "other"), "other", password.Result{Match: true})
		})
	}
	group.Wait()
}

// mustHashOf may be called from any goroutine.
func mustHashOf(t *testing.T, plain string) string {
	t.Helper()
	hash, err := small.Hash(plain)
	if err != nil {
		t.Errorf("Hash: %v", err)
	}
	return hash
}

func BenchmarkArgon2idHash(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := (password.Argon2id{}).Hash(phrase); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkCheckAtLimit measures the longest that a single hash can take.
func BenchmarkCheckAtLimit(b *testing.B) {
	behind := "$" + salt22 + "$" + tag43
	limits := []struct{ name, hash string }{
		{"argon2id", "$argon2id$v=19$m=262144,t=4,p=1" + behind},
		{"argon2id-small", "$argon2id$v=19$m=512,t=2048,p=64" + behind},
		{"bcrypt", "$2b$15$gYhZqZu4RZfSffpPrAW1a.Vjyu1Yx7SOuz74Sco0F.5MW939ARVs6"},
		{"scrypt", "$scrypt$ln=17,r=8,p=4" + behind},
		{"pbkdf2-sha1", "$pbkdf2$2500000" + behind},
		{"pbkdf2-sha256", "$pbkdf2-sha256$5000000" + behind},
		{"pbkdf2-sha512", "$pbkdf2-sha512$2500000" + behind},
	}
	for _, limit := range limits {
		b.Run(limit.name, func(b *testing.B) {
			for b.Loop() {
				if _, err := small.Check(limit.hash, phrase); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
