package password_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/jetonauth/jeton/password"
)

const (
	salt22 = "AAECAwQFBgcICQoLDA0ODw"                      // 16 bytes
	tag43  = "wk79EttC618m617oirShLZuxJkXcX6rXHrrS9rQQ/44" // 32 bytes
)

func TestCheckUnreadable(t *testing.T) {
	t.Parallel()
	unknown, costly := password.ErrUnknownHash, password.ErrTooCostly
	behind := "$" + salt22 + "$" + tag43
	tests := []struct {
		name, hash string
		want       error
	}{
		{"empty", "", unknown},
		{"a dollar", "$", unknown},
		{"dollars", "$$$$$$$$", unknown},
		{"plain text", "hunter2", unknown},
		{"MD5 crypt", "$1$saltsalt$kPTHHf5eJUKUeTWc7cmUC1", unknown},
		{"SHA-512 crypt", "$6$saltsalt$abcdef", unknown},
		{"no dollar first", "argon2id$v=19$m=64,t=1,p=1" + behind, unknown},
		{"two dollars first", "$$argon2id$v=19$m=64,t=1,p=1" + behind, unknown},
		{"a space first", " $argon2id$v=19$m=64,t=1,p=1" + behind, unknown},

		{"argon2: Argon2d", "$argon2d$v=19$m=64,t=2,p=1$c29tZXNhbHQ$3bfQWTVYXblAYbuG/1DK8eOo8TwzN9RGdqjFpSbxUlU", unknown},
		{"argon2: version 16", "$argon2id$v=16$m=64,t=1,p=1" + behind, unknown},
		{"argon2: no version", "$argon2id$m=64,t=1,p=1" + behind, unknown},
		{"argon2: order", "$argon2id$v=19$t=1,m=64,p=1" + behind, unknown},
		{"argon2: a parameter less", "$argon2id$v=19$m=64,t=1" + behind, unknown},
		{"argon2: a parameter more", "$argon2id$v=19$m=64,t=1,p=1,data=AAAA" + behind, unknown},
		{"argon2: a field more", "$argon2id$v=19$m=64,t=1,p=1" + behind + "$", unknown},
		{"argon2: zero", "$argon2id$v=19$m=64,t=0,p=1" + behind, unknown},
		{"argon2: leading zero", "$argon2id$v=19$m=064,t=1,p=1" + behind, unknown},
		{"argon2: sign", "$argon2id$v=19$m=+64,t=1,p=1" + behind, unknown},
		{"argon2: hexadecimal", "$argon2id$v=19$m=0x40,t=1,p=1" + behind, unknown},
		{"argon2: no number", "$argon2id$v=19$m=,t=1,p=1" + behind, unknown},
		{"argon2: too little a lane", "$argon2id$v=19$m=15,t=1,p=2" + behind, unknown},
		{"argon2: short salt", "$argon2id$v=19$m=64,t=1,p=1$AAECAwQFBg$" + tag43, unknown},
		{"argon2: short tag", "$argon2id$v=19$m=64,t=1,p=1$" + salt22 + "$AAECAwQFBgcICQoLDA0O", unknown},
		{"argon2: padding", "$argon2id$v=19$m=64,t=1,p=1" + behind + "=", unknown},
		{"argon2: dots", "$argon2id$v=19$m=64,t=1,p=1$........$" + tag43, unknown},
		{"argon2: line end", "$argon2id$v=19$m=64,t=1,p=1$\n" + salt22 + "\n$" + tag43, unknown},
		{"argon2: line end last", "$argon2id$v=19$m=64,t=1,p=1" + behind + "\n", unknown},
		{"argon2: memory", "$argon2id$v=19$m=262145,t=1,p=1" + behind, costly},
		{"argon2: memory of many digits", "$argon2id$v=19$m=99999999999999999999999,t=1,p=1" + behind, costly},
		{"argon2: lanes", "$argon2id$v=19$m=65536,t=1,p=65" + behind, costly},
		{"argon2: lanes that wrap to 1", "$argon2id$v=19$m=65536,t=1,p=257" + behind, costly},
		{"argon2: work", "$argon2id$v=19$m=262144,t=5,p=1" + behind, costly},
		{"argon2: time", "$argon2i$v=19$m=8,t=131073,p=1" + behind, costly},
		{"argon2: product over 64 bits", "$argon2id$v=19$m=999999999,t=999999999,p=999999999" + behind, costly},
		{"argon2: long salt", "$argon2id$v=19$m=64,t=1,p=1$" + strings.Repeat("A", 343) + "$" + tag43, costly},
		{"argon2: long tag", "$argon2id$v=19$m=64,t=1,p=1$" + salt22 + "$" + strings.Repeat("A", 684), costly},

		{"bcrypt: short", "$2b$04$gYhZqZu4RZfSffpPrAW1a.Vjyu1Yx7SOuz74Sco0F.5MW939ARVs", unknown},
		{"bcrypt: long", "$2b$04$gYhZqZu4RZfSffpPrAW1a.Vjyu1Yx7SOuz74Sco0F.5MW939ARVs6$", unknown},
		{"bcrypt: alphabet", "$2b$04$gYhZqZu4RZfSffpPrAW1a.Vjyu1Yx7S+uz74Sco0F.5MW939ARVs6", unknown},
		{"bcrypt: dollar", "$2b$04.gYhZqZu4RZfSffpPrAW1a.Vjyu1Yx7SOuz74Sco0F.5MW939ARVs6", unknown},
		{"bcrypt: 2x", "$2x$04$gYhZqZu4RZfSffpPrAW1a.Vjyu1Yx7SOuz74Sco0F.5MW939ARVs6", unknown},
		{"bcrypt: 2", "$2$04$gYhZqZu4RZfSffpPrAW1a.Vjyu1Yx7SOuz74Sco0F.5MW939ARVs66", unknown},
		{"bcrypt: cost 3", "$2b$03$gYhZqZu4RZfSffpPrAW1a.Vjyu1Yx7SOuz74Sco0F.5MW939ARVs6", unknown},
		{"bcrypt: cost 0", "$2b$00$gYhZqZu4RZfSffpPrAW1a.Vjyu1Yx7SOuz74Sco0F.5MW939ARVs6", unknown},
		{"bcrypt: cost 32", "$2b$32$gYhZqZu4RZfSffpPrAW1a.Vjyu1Yx7SOuz74Sco0F.5MW939ARVs6", unknown},
		{"bcrypt: cost +4", "$2b$+4$gYhZqZu4RZfSffpPrAW1a.Vjyu1Yx7SOuz74Sco0F.5MW939ARVs6", unknown},
		{"bcrypt: cost 16", "$2b$16$gYhZqZu4RZfSffpPrAW1a.Vjyu1Yx7SOuz74Sco0F.5MW939ARVs6", costly},
		{"bcrypt: cost 31", "$2b$31$gYhZqZu4RZfSffpPrAW1a.Vjyu1Yx7SOuz74Sco0F.5MW939ARVs6", costly},

		{"scrypt: ln 0", "$scrypt$ln=0,r=8,p=1" + behind, unknown},
		{"scrypt: names", "$scrypt$n=1024,r=8,p=1" + behind, unknown},
		{"scrypt: empty salt", "$scrypt$ln=4,r=8,p=1$$" + tag43, unknown},
		{"scrypt: no tag", "$scrypt$ln=4,r=8,p=1$" + salt22 + "$", unknown},
		{"scrypt: a field less", "$scrypt$ln=4,r=8,p=1$" + salt22, unknown},
		{"scrypt: memory", "$scrypt$ln=18,r=8,p=1" + behind, costly},
		{"scrypt: memory of r", "$scrypt$ln=1,r=999999,p=1" + behind, costly},
		{"scrypt: memory of p", "$scrypt$ln=1,r=1,p=2097149" + behind, costly},
		{"scrypt: work", "$scrypt$ln=17,r=8,p=5" + behind, costly},
		{"scrypt: ln over any shift", "$scrypt$ln=64,r=1,p=1" + behind, costly},
		{"scrypt: all", "$scrypt$ln=999999999,r=999999999,p=999999999" + behind, costly},
		{"scrypt: products that wrap to little", "$scrypt$ln=1,r=536870912,p=268435452" + behind, costly},

		{"pbkdf2: other digest", "$pbkdf2-md5$i=1000" + behind, unknown},
		{"pbkdf2: zero", "$pbkdf2-sha256$i=0" + behind, unknown},
		{"pbkdf2: no number", "$pbkdf2-sha256$" + behind, unknown},
		{"pbkdf2: name", "$pbkdf2-sha256$c=1000" + behind, unknown},
		{"pbkdf2: other length", "$pbkdf2-sha256$i=1000,l=31" + behind, unknown},
		{"pbkdf2: Passlib's form with a length", "$pbkdf2-sha256$1000,l=32" + behind, unknown},
		{"pbkdf2: short tag", "$pbkdf2-sha256$1000$" + salt22 + "$AAEC", unknown},
		{"pbkdf2: iterations", "$pbkdf2-sha256$i=5000001" + behind, costly},
		{"pbkdf2: iterations of Passlib's form", "$pbkdf2$5000001" + behind, costly},
		{"pbkdf2: iterations times blocks", "$pbkdf2-sha1$i=2500001" + behind, costly},
		{"pbkdf2: iterations of SHA-512", "$pbkdf2-sha512$i=2500001" + behind, costly},
		{"pbkdf2: long salt", "$pbkdf2-sha256$1000$" + strings.Repeat(".", 343) + "$" + tag43, costly},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := small.Check(test.hash, phrase)
			if !errors.Is(err, test.want) || got != (password.Result{}) {
				t.Errorf("Check = %+v, %v, want %v", got, err, test.want)
			}
			if scheme := password.Scheme(test.hash); scheme != "" {
				t.Errorf("Scheme = %q, want none", scheme)
			}
		})
	}
}

// Reading a hash costs nothing, so that a hash exactly at a limit shows as known.
func TestSchemeAtLimits(t *testing.T) {
	t.Parallel()
	behind := "$" + salt22 + "$" + tag43
	longest := "$" + strings.Repeat("A", 342) + "$" + strings.Repeat("A", 683)
	tests := []struct{ hash, want string }{
		{"$argon2id$v=19$m=262144,t=4,p=64" + behind, "argon2id"},
		{"$argon2i$v=19$m=8,t=131072,p=1" + behind, "argon2i"},
		{"$argon2id$v=19$m=64,t=1,p=1" + longest, "argon2id"},
		{"$2b$15$gYhZqZu4RZfSffpPrAW1a.Vjyu1Yx7SOuz74Sco0F.5MW939ARVs6", "bcrypt"},
		{"$scrypt$ln=17,r=8,p=4" + behind, "scrypt"},
		{"$scrypt$ln=1,r=1,p=2097148" + behind, "scrypt"},
		{"$pbkdf2-sha256$i=5000000" + behind, "pbkdf2-sha256"},
		{"$pbkdf2$2500000" + behind, "pbkdf2-sha1"},
		{"$pbkdf2-sha512$2500000" + behind, "pbkdf2-sha512"},
		{"$pbkdf2-sha256$i=312500" + longest, "pbkdf2-sha256"}, // 16 blocks
	}
	for _, test := range tests {
		if got := password.Scheme(test.hash); got != test.want {
			t.Errorf("Scheme(%q) = %q, want %q", test.hash, got, test.want)
		}
	}
}
