package password_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/jetonauth/jeton/password"
)

// foreign are hashes that Django 3.2.25, Werkzeug 2.2.2 and PHP 8.2 have made, but for those of scrypt: the one of Django is that of its own
// tests, and the one of Werkzeug was published by a user.
var foreign = []struct{ name, scheme, password, hash string }{
	{"Django", "pbkdf2-sha256", phrase, "pbkdf2_sha256$260000$qH4TBUcoGyjB89kBWrCc2B$Ct5HMarr6ZgExaziySwrMQfbr2TtED2Fqi5mcV/caT8="},
	{"Django, few iterations", "pbkdf2-sha256", phrase, "pbkdf2_sha256$1000$saltsaltsalt$KQDle8SXZRa7sBUZQfkYQI6NXnZxupxhxtm+aXnClyg="},
	{"Django, SHA-1", "pbkdf2-sha1", phrase, "pbkdf2_sha1$1000$saltsaltsalt$MNEV9u2pN6dwoHiByKLtK5AJwGc="},
	{"Django, Argon2", "argon2id", phrase, "argon2$argon2id$v=19$m=102400,t=2,p=8$c2FsdHNhbHRzYWx0$kReKyuKubx07qUjHp71fsg"},
	{"Django, bcrypt", "bcrypt", phrase, "bcrypt$$2b$04$3aVf7KUUMc92aDcUzPsfF.M0kRfbujfE7PoBfKvnBEqGvEVjODWce"},
	{
		"Django, scrypt", "scrypt", "lètmein", "scrypt$16384$seasalt$8$1$" +
			"Qj3+9PPyRjSJIebHnG81TMjsqtaIGxNQG/aEB/NYafTJ7tibgfYz71m0ldQESkXFRkdVCBhhY8mx7rQwite/Pw==",
	},
	{
		"Werkzeug", "pbkdf2-sha256", phrase, "pbkdf2:sha256:1000$nXMrvUES8cGpJZtS$" +
			"0795760ae8811c5077444691ef8488f44ce8c7287a98352881a971504c291028",
	},
	{"Werkzeug, SHA-1", "pbkdf2-sha1", phrase, "pbkdf2:sha1:1000$pg4gVIUg5dTE$e697dbc31914885719878e684b063c5dfad5dff4"},
	{
		"Werkzeug, SHA-512", "pbkdf2-sha512", phrase, "pbkdf2:sha512:1000$DMXv8XBEEvUdkCq3$badfa758ad94244e8da733f843362bc4721071a06620cd" +
			"399e9a0edc0c244c4336b3608bd288013f15b33d601baab4e51eea1b406bcbcb8a626d10729725c0d4",
	},
	{
		"Werkzeug, scrypt", "scrypt", "123", "scrypt:32768:8:1$p6YIyVfuDbsM85n8$3ec9a4a2ff4395d23af66aa270282d7185f14fe4fd63903bf95ce" +
			"bf628280f7b5add9a2eb7c6fefe504cbb85f3aa3cb1afb383a1b8205a50057cc9182c11d0d0",
	},
	{"PHP", "bcrypt", phrase, "$2y$04$BD2h4kTseBfM0e7R7FCfeeVFNcw2pP2Cufb3WRn9aSN/OVxyVUn5G"},
	{"PHP, Argon2id", "argon2id", phrase, "$argon2id$v=19$m=64,t=2,p=1$MUZONHVGS3RhdnM0c3RaMQ$sTbKemJzoBi/HyaVjNfxoCKYdWG3qzkXJNZWtaYzvj0"},
	{"PHP, Argon2i", "argon2i", phrase, "$argon2i$v=19$m=64,t=2,p=2$ekxGQnRGdTUzd0Rmb1hnMA$E98z77/C15ZKWPI7IPyxdJJJXKDTtn5Zt7GA7E98LL8"},
}

func TestConvert(t *testing.T) {
	t.Parallel()
	for _, test := range foreign {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			hash, err := password.Convert(test.hash)
			if err != nil {
				t.Fatal(err)
			}
			if scheme := password.Scheme(hash); scheme != test.scheme {
				t.Errorf("the scheme of %s is %q, want %q", hash, scheme, test.scheme)
			}
			right, err := small.Check(hash, test.password)
			if err != nil || !right.Match || !right.Upgrade {
				t.Errorf("the right password: %+v, %v", right, err)
			}
			if wrong, err := small.Check(hash, test.password+"x"); err != nil || wrong.Match {
				t.Errorf("a wrong password: %+v, %v", wrong, err)
			}
			if again, err := password.Convert(hash); again != hash || err != nil {
				t.Errorf("converted again it is %s, %v", again, err)
			}
		})
	}
}

func TestConvertRefuses(t *testing.T) {
	t.Parallel()
	unknown, costly := password.ErrUnknownHash, password.ErrTooCostly
	for hash, test := range map[string]struct {
		err  error
		says string
	}{
		"":                                  {unknown, ""},
		"hunter2":                           {unknown, ""},
		"5f4dcc3b5aa765d61d8327deb882cf99":  {unknown, ""},
		"$P$B12345678abcdefghijklmnopqrstu": {unknown, "phpass, of WordPress"},
		"$wp$2y$10$607XKVrBjPEqujeOXNwbYuOJ.gPMd2TelMMknmeV70Kap1E81Ovo6":           {unknown, "of WordPress"},
		"bcrypt_sha256$$2b$04$9ipEcIxKltM1rn/p1XAgcOQbovMSdEogilNKe8D.tXywtSpVU/r":  {unknown, "of Django"},
		"!78nrTmVDs1Jv540MvYUWzKNGPzTIqa4Geu7ULO6Q":                                 {unknown, "without a password"},
		"argon2$2b$04$3aVf7KUUMc92aDcUzPsfF.M0kRfbujfE7PoBfKvnBEqGvEVjODWce":        {unknown, ""},
		"bcrypt$argon2id$v=19$m=64,t=2,p=1$c2FsdHNhbHRzYWx0$1NERK55/zwTCZpN+veO//w": {unknown, ""},

		"pbkdf2_sha256$1000$saltsaltsalt":                                                {unknown, "2 fields, not 3"},
		"pbkdf2_sha256$0$saltsaltsalt$KQDle8SXZRa7sBUZQfkYQI6NXnZxupxhxtm+aXnClyg=":      {unknown, ""},
		"pbkdf2_sha256$1000$$KQDle8SXZRa7sBUZQfkYQI6NXnZxupxhxtm+aXnClyg=":               {unknown, "salt"},
		"pbkdf2_sha256$1000$saltsaltsalt$KQDle8SXZRa7sBUZQfkYQI6NXnZxupxhxtm aXnClyg=":   {unknown, "base64"},
		"pbkdf2_sha256$5000001$saltsaltsalt$KQDle8SXZRa7sBUZQfkYQI6NXnZxupxhxtm+aXnClyg": {costly, "5000001 iterations"},
		"pbkdf2_sha384$1000$saltsaltsalt$KQDle8SXZRa7sBUZQfkYQI6NXnZxupxhxtm+aXnClyg=":   {unknown, ""},

		"scrypt$16384$seasalt$8$1": {unknown, "4 fields"},
		"scrypt$16383$seasalt$8$1$Qj3+9PPyRjSJIebHnG81TMjsqtaIGxNQG/aEB/NYafQ=":   {unknown, "no power of 2"},
		"scrypt$0$seasalt$8$1$Qj3+9PPyRjSJIebHnG81TMjsqtaIGxNQG/aEB/NYafQ=":       {unknown, "positive"},
		"scrypt$1$seasalt$8$1$Qj3+9PPyRjSJIebHnG81TMjsqtaIGxNQG/aEB/NYafQ=":       {unknown, ""},
		"scrypt$4194304$seasalt$8$1$Qj3+9PPyRjSJIebHnG81TMjsqtaIGxNQG/aEB/NYafQ=": {costly, "ln=22"},

		"scrypt:1024:8$salt$00112233445566778899aabbccddeeff":     {unknown, "Werkzeug"},
		"scrypt:1024:8:1:1$salt$00112233445566778899aabbccddeeff": {unknown, "Werkzeug"},
		"scrypt:1000:8:1$salt$00112233445566778899aabbccddeeff":   {unknown, "no power of 2"},
		"scrypt:1024:8:1$salt$00112233445566778899aabbccddeef":    {unknown, "hexadecimal"},
		"scrypt:1024:8:1$salt$001122334455":                       {unknown, "tag"},
		"pbkdf2:sha256$salt$00112233445566778899aabbccddeeff":     {unknown, "Werkzeug"},
		"pbkdf2:md5:1000$salt$00112233445566778899aabbccddeeff":   {unknown, ""},
		"pbkdf2:sha256:1000$salt":                                 {unknown, "1 fields, not 2"},
	} {
		converted, err := password.Convert(hash)
		if converted != "" || !errors.Is(err, test.err) || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: %q, %v; want %v with %q", hash, converted, err, test.err, test.says)
		}
	}
}

func FuzzConvert(f *testing.F) {
	for _, test := range foreign {
		f.Add(test.hash)
	}
	f.Add("scrypt:1024:8:1:1$salt$0011")
	f.Add("scrypt$4194304$seasalt$8$1$Qj3")
	f.Add("bcrypt$$2b$")
	f.Add("!")
	f.Fuzz(func(t *testing.T, hash string) {
		converted, err := password.Convert(hash)
		if err != nil {
			if converted != "" || !errors.Is(err, password.ErrUnknownHash) && !errors.Is(err, password.ErrTooCostly) {
				t.Fatalf("Convert(%q) = %q, %v", hash, converted, err)
			}
			return
		}
		if password.Scheme(converted) == "" {
			t.Fatalf("Convert(%q) = %q, which cannot be checked", hash, converted)
		}
		if again, err := password.Convert(converted); again != converted || err != nil {
			t.Fatalf("Convert(%q) = %q, %v", converted, again, err)
		}
		form := password.Form(converted)
		decoy, err := password.Decoy(form)
		if err != nil || password.Form(decoy) != form || decoy == converted {
			t.Fatalf("Decoy(%q) = %q, %v", form, decoy, err)
		}
	})
}
