package password

import (
	"errors"
	"strings"
	"testing"
)

func FuzzCheck(f *testing.F) {
	for _, hash := range []string{
		"",
		"$",
		"$argon2id$v=19$m=64,t=2,p=1$c29tZXNhbHQwMTIzNDU2Nw$EdoVHB5mZhzR2yKMlHnwX98MnCMYFd1TLEBoCTvRIxE",
		"$argon2i$v=19$m=64,t=3,p=2$c29tZXNhbHQ$CbzQ1QonTNWQUQFBHA8SMVhwaIy8taCDc+Zn+ZDsWco",
		"$argon2id$v=19$m=262144,t=4,p=64$c29tZXNhbHQwMTIzNDU2Nw$EdoVHB5mZhzR2yKMlHnwX98MnCMYFd1TLEBoCTvRIxE",
		"$2b$04$gYhZqZu4RZfSffpPrAW1a.Vjyu1Yx7SOuz74Sco0F.5MW939ARVs6",
		"$scrypt$ln=8,r=8,p=1$8T4H4Jxzztk7JyTEuBci5A$6RVhH53XgzesMg0tgKpoUL1rjcy3wcKLSI7fHXXjqIo",
		"$scrypt$ln=1,r=1,p=2097148$8T4H4Jxzztk7JyTEuBci5A$6RVhH53XgzesMg0tgKpoUL1rjcy3wcKLSI7fHXXjqIo",
		"$pbkdf2$12$jvHe27s3xlhrrfXeuzfGeA$yxyTZ.8KCB8ALqudyToFlCV320U",
		"$pbkdf2-sha256$i=1000$AAECAwQFBgcICQoLDA0ODw$qfD5UxmyYCxafRIPnGYKoMjzi7UurpG6Xy2nN4bgdrI",
		"$pbkdf2-sha512$i=10,l=16$AAECAwQFBgcICQoLDA0ODw$qfD5UxmyYCxafRIPnGYKoA",
	} {
		f.Add(hash, "correct horse battery staple")
		f.Add(hash, "re\u0301sume\u0301\x00\xff")
	}
	hasher := Argon2id{Memory: 64, Time: 2}
	f.Fuzz(func(t *testing.T, hash, password string) {
		stored, err := parse(hash)
		if err != nil {
			if !errors.Is(err, ErrUnknownHash) && !errors.Is(err, ErrTooCostly) {
				t.Fatalf("parse(%q): %v", hash, err)
			}
			if result, err := hasher.Check(hash, password); err == nil || result != (Result{}) {
				t.Fatalf("Check(%q) = %+v, %v, but it cannot be parsed", hash, result, err)
			}
			return
		}
		memory, quick := demand(t, stored)
		if memory > 256<<20 {
			t.Fatalf("%q takes %.0f bytes", hash, memory)
		}
		if !quick {
			return
		}
		result, err := hasher.Check(hash, password)
		if err != nil || result.Upgrade && !result.Match {
			t.Fatalf("Check(%q) = %+v, %v", hash, result, err)
		}
		ambiguous := len(Normalize(password)) > 72 || strings.Contains(password, "\x00")
		if result.Match && ambiguous && stored.scheme() == "bcrypt" {
			t.Fatalf("bcrypt matched %q", password)
		}
	})
}

// demand computes, independently of the limits, the bytes that a hash takes to check, and whether that is quick.
func demand(t *testing.T, stored storedHash) (memory float64, quick bool) {
	t.Helper()
	switch h := stored.(type) {
	case argon2Hash:
		memory = float64(h.cost.memory) * 1024
		return memory, memory*float64(h.cost.time) <= 1<<20
	case scryptHash:
		memory = 128 * float64(h.r) * (float64(h.n) + float64(h.p) + 2)
		return memory, memory*float64(h.p) <= 4<<20
	case pbkdf2Hash:
		return 0, h.work() <= 20_000
	case bcryptHash:
		return 0, h[4:6] <= "05"
	default:
		t.Fatalf("unknown type %T", stored)
		return 0, false
	}
}
