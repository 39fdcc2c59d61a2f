package password_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/jetonauth/jeton/password"
)

// small is quick enough for tests that hash often.
var small = password.Argon2id{Memory: 64, Time: 1, Threads: 1}

const phrase = "correct horse battery staple"

// knownAnswers are of other implementations: the RFCs' test vectors, the reference argon2 program, htpasswd of Apache,
// mkpasswd of Debian, Passlib, and Python's hashlib.
var knownAnswers = []struct {
	name, scheme, password, hash string
}{
	{
		"argon2 program, today's", "argon2id", phrase,
		"$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQwMTIzNDU2Nw$TCGkyEIb1oP5PkskxJEooy8qzHEScFQZam0/hwasFDQ",
	},
	{
		"argon2 program, four lanes", "argon2id", phrase,
		"$argon2id$v=19$m=256,t=3,p=4$c29tZXNhbHQwMTIzNDU2Nw$M45hTcRW7IEvls+txmiODweUvxqTSwit",
	},
	{
		"argon2 program, Argon2i", "argon2i", phrase,
		"$argon2i$v=19$m=64,t=3,p=2$c29tZXNhbHQ$CbzQ1QonTNWQUQFBHA8SMVhwaIy8taCDc+Zn+ZDsWco",
	},
	{"htpasswd", "bcrypt", phrase, "$2y$04$xkt07IxQWvqpOA.LsV/af.r6jaSwR9bCVQHs3.emogcl7.bG1y27W"},
	{"htpasswd, not ASCII", "bcrypt", "pässwörd", "$2y$04$8YHqkbLm4xeSh1lFWF.C9ug3fiXqwiGtJoa//fAlyXAIcSQANXji."},
	{
		"htpasswd, 72 bytes", "bcrypt", strings.Repeat("x", 72),
		"$2y$04$UWcGoQ4.kwK9ClbxiixCie0ZfSCXsFrn9/txCo.M2PttKNSoS5UNC",
	},
	{"mkpasswd, 2b", "bcrypt", phrase, "$2b$05$U06rh3pqDjnsi6n.qTfO1O4LOYuunfUN.w9rNyaiY1rZswEPXvIQ."},
	{"mkpasswd, 2a", "bcrypt", phrase, "$2a$05$Rq8zBicujy1OGPns3sTKnOpSlIlS/7PgiTywrma0mt9OVPulwfJLK"},
	{"mkpasswd, empty", "bcrypt", "", "$2b$05$qYhq3fc0BX4yzUAMSQLpEe/.uN6uqK1sLEiRrYqI1e8kc.eFEPvyq"},
	{"Passlib", "bcrypt", phrase, "$2b$04$gYhZqZu4RZfSffpPrAW1a.Vjyu1Yx7SOuz74Sco0F.5MW939ARVs6"},
	{"RFC 7914 section 12, third", "scrypt", "password", "$scrypt$ln=10,r=8,p=16$TmFDbA$" +
		"/bq+HJ00cgB4VucZDQHp/nxq18vII3gw53N2Y0s3MWIurzDZLiKjiG/xCSedmDDaxyevuUqD7m2DYMvfoswGQA"},
	{"RFC 7914 section 12, fourth", "scrypt", "pleaseletmein", "$scrypt$ln=14,r=8,p=1$U29kaXVtQ2hsb3JpZGU$" +
		"cCO9yzr9c0hGHAbNgf046/2o+7qQT44+qbVD9lRdofLVQylVYT8Pz2LUlwUkKpr55h6F3A1lHkDfzwF7RVdYhw"},
	{
		"hashlib, scrypt", "scrypt", phrase,
		"$scrypt$ln=10,r=8,p=2$AAECAwQFBgcICQoLDA0ODw$wk79EttC618m617oirShLZuxJkXcX6rXHrrS9rQQ/44",
	},
	{
		"Passlib, scrypt", "scrypt", phrase,
		"$scrypt$ln=8,r=8,p=1$8T4H4Jxzztk7JyTEuBci5A$6RVhH53XgzesMg0tgKpoUL1rjcy3wcKLSI7fHXXjqIo",
	},
	{"RFC 7914 section 11, first", "pbkdf2-sha256", "passwd", "$pbkdf2-sha256$i=1$c2FsdA$" +
		"VawEblbjCJ/sFpHCJUS2BflBhSFt3gRl5oudV8INrLxJypzM8Xm2RZkWZLOdd+8xfHG4RbHjC9UJESBB06GXgw"},
	{"RFC 7914 section 11, second", "pbkdf2-sha256", "Password", "$pbkdf2-sha256$i=80000$TmFDbA$" +
		"TdzY9guYviGDDO5e8icB+WQaRBjQTAQUrv8Ih2s0q1ah1CWhIlgzVJrbhBtRybMXaicr3ruh0HhHj2Kzl/M8jQ"},
	{"RFC 6070, 4096 iterations", "pbkdf2-sha1", "password", "$pbkdf2-sha1$i=4096$c2FsdA$SwB5AbdlSJq+rUnZJvch0GWkKcE"},
	{
		"RFC 6070, 25 bytes", "pbkdf2-sha1", "passwordPASSWORDpassword",
		"$pbkdf2-sha1$i=4096$c2FsdFNBTFRzYWx0U0FMVHNhbHRTQUxUc2FsdFNBTFRzYWx0$PS7sT+QchJuAyNg2YsDkSospGpZM8vBwOA",
	},
	{"RFC 6070, with NUL", "pbkdf2-sha1", "pass\x00word", "$pbkdf2-sha1$i=4096$c2EAbHQ$Vvpqp1VICZ3MN9fwNCXgww"},
	{"hashlib, sha512", "pbkdf2-sha512", phrase, "$pbkdf2-sha512$i=1000$AAECAwQFBgcICQoLDA0ODw$" +
		"A6AmFIti7CKlYdoPiV9jf1d9llp37o27Wms8Zx8fwMJGCOigJzAthOW3Pg+XF5PnNiYnsQsIz1N5NtynrEm78w"},
	{"hashlib, with length", "pbkdf2-sha256", phrase, "$pbkdf2-sha256$i=1000,l=64$AAECAwQFBgcICQoLDA0ODw$" +
		"ppsXnjrdPB4KryJ6DrOqKqhkWrhv7PbKAMF1Eml8cZ7TX23G+6QgERwdCrtdq7/IU5aB6IVSOpTz6igHBLZ5Gw"},
	{"Passlib, sha1", "pbkdf2-sha1", phrase, "$pbkdf2$1200$jvHe27s3xlhrrfXeuzfGeA$yxyTZ.8KCB8ALqudyToFlCV320U"},
	{
		"Passlib, sha256", "pbkdf2-sha256", phrase,
		"$pbkdf2-sha256$1200$JGSMsfb.//./F4KQslYqxQ$xM8YdxlM0S8dc/EiF.262.q8irA0S7WijSVmu.hZToY",
	},
	{"Passlib, sha512", "pbkdf2-sha512", phrase, "$pbkdf2-sha512$1200$vveeU0pJKeUcA4CwVkqpdQ$" +
		"Z1WT5.OlbepkId.2s7ZBKE6xqIbc3f55RaOugWsJ9ZXjg6v0m1Puj0K/g5M29CQSOLecaZBS5uBkyrwXprYs6A"},
}

func TestCheckKnownAnswers(t *testing.T) {
	t.Parallel()
	for _, known := range knownAnswers {
		t.Run(known.name, func(t *testing.T) {
			t.Parallel()
			if got := password.Scheme(known.hash); got != known.scheme {
				t.Errorf("Scheme = %q, want %q", got, known.scheme)
			}
			wantCheck(t, small, known.hash, known.password, password.Result{Match: true, Upgrade: true})
			wantCheck(t, small, known.hash, known.password+"!", password.Result{})
			wantCheck(t, small, changeTag(known.hash), known.password, password.Result{})
		})
	}
}

// changeTag changes the first character of the last field, or for bcrypt the one in its place.
func changeTag(hash string) string {
	i := strings.LastIndexByte(hash, '$') + 1
	if password.Scheme(hash) == "bcrypt" {
		i += 22
	}
	replacement := "A"
	if hash[i] == 'A' {
		replacement = "B"
	}
	return hash[:i] + replacement + hash[i+1:]
}

func TestCheckUpgrade(t *testing.T) {
	t.Parallel()
	todays := password.Argon2id{Memory: 64, Time: 2, Threads: 1}
	others := []struct {
		name   string
		hasher password.Argon2id
	}{
		{"memory", password.Argon2id{Memory: 128, Time: 2, Threads: 1}},
		{"time", password.Argon2id{Memory: 64, Time: 1, Threads: 1}},
		{"threads", password.Argon2id{Memory: 64, Time: 2, Threads: 2}},
	}
	for _, other := range others {
		t.Run(other.name, func(t *testing.T) {
			t.Parallel()
			hash := mustHash(t, other.hasher, phrase)
			wantCheck(t, todays, hash, phrase, password.Result{Match: true, Upgrade: true})
			wantCheck(t, todays, hash, "wrong", password.Result{})
			wantCheck(t, other.hasher, hash, phrase, password.Result{Match: true})
		})
	}
	// The reference program's hash has today's salt and tag lengths, so that it is as good as one's own.
	wantCheck(t, password.Argon2id{}, knownAnswers[0].hash, phrase, password.Result{Match: true})
	sameCost := []struct{ name, hash string }{
		{"tag of 24 bytes", "$argon2id$v=19$m=64,t=2,p=1$c29tZXNhbHQwMTIzNDU2Nw$M3jjD1Pg546hbbOmmdQTX+5CfJ/SGldx"},
		{"salt of 8 bytes", "$argon2id$v=19$m=64,t=2,p=1$c29tZXNhbHQ$+r3f1/u8p4crSxmMJFbqmvTxUDeneKroVowJN4+qNpo"},
		{"Argon2i", "$argon2i$v=19$m=64,t=2,p=1$c29tZXNhbHQwMTIzNDU2Nw$dmN7ngEaUiEvADM78Y9D8cH4p8yDSxzUWo2PnbDRC/E"},
	}
	for _, other := range sameCost {
		t.Run(other.name, func(t *testing.T) {
			t.Parallel()
			wantCheck(t, todays, other.hash, phrase, password.Result{Match: true, Upgrade: true})
		})
	}
}

func TestCheckUnicodeForms(t *testing.T) {
	t.Parallel()
	// The hashes are of the reference argon2 program, hashlib and htpasswd, each of the bytes of one form.
	const composed, decomposed = "r\u00e9sum\u00e9 priv\u00e9", "re\u0301sume\u0301 prive\u0301"
	const own = "$argon2id$v=19$m=64,t=2,p=1$c29tZXNhbHQwMTIzNDU2Nw$"
	const ownOfDecomposed = own + "od+0u/GHJAcPXzAZC9edUs6Bg70YshYFzWK806Edd4I"
	const ownOfComposed = own + "EdoVHB5mZhzR2yKMlHnwX98MnCMYFd1TLEBoCTvRIxE"
	const imported = "$pbkdf2-sha256$i=1000$AAECAwQFBgcICQoLDA0ODw$"
	const importedOfComposed = imported + "qfD5UxmyYCxafRIPnGYKoMjzi7UurpG6Xy2nN4bgdrI"
	const importedOfDecomposed = imported + "Hy5s7ka7RbBui8Ow93TGtuPfVSbg/ZWG3RBMGFX5wBY"
	const bcryptOfDecomposed = "$2y$04$RdiIInwM4oI4tNKDnJFyieuXO84K8qfDfvBOCorCDZ/Is.LWIKQ5G"
	match, upgrade := password.Result{Match: true}, password.Result{Match: true, Upgrade: true}
	hasher := password.Argon2id{Memory: 64, Time: 2, Threads: 1}
	tests := []struct {
		name, hash, typed string
		want              password.Result
	}{
		{"own, composed typed", ownOfComposed, composed, match},
		{"own, decomposed typed", ownOfComposed, decomposed, match},
		{"own parameters of raw bytes, the same typed", ownOfDecomposed, decomposed, upgrade},
		{"own parameters of raw bytes, composed typed", ownOfDecomposed, composed, password.Result{}},
		{"imported, composed typed", importedOfComposed, composed, upgrade},
		{"imported, decomposed typed", importedOfComposed, decomposed, upgrade},
		{"imported raw, the same typed", importedOfDecomposed, decomposed, upgrade},
		{"imported raw, composed typed", importedOfDecomposed, composed, password.Result{}},
		{"bcrypt raw, the same typed", bcryptOfDecomposed, decomposed, upgrade},
		{"neither", importedOfComposed, "e\u0301", password.Result{}},
		{"not UTF-8", importedOfComposed, "\xff\xfe", password.Result{}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			wantCheck(t, hasher, test.hash, test.typed, test.want)
		})
	}
	hash := mustHash(t, hasher, decomposed)
	wantCheck(t, hasher, hash, composed, match)
}

func TestErrorsDoNotMatchEachOther(t *testing.T) {
	t.Parallel()
	if errors.Is(password.ErrTooCostly, password.ErrUnknownHash) ||
		errors.Is(password.ErrUnknownHash, password.ErrTooCostly) {
		t.Error("ErrTooCostly and ErrUnknownHash cannot be told apart")
	}
}

func mustHash(t *testing.T, hasher password.Hasher, plain string) string {
	t.Helper()
	hash, err := hasher.Hash(plain)
	if err != nil {
		t.Fatalf("Hash: %v", err)
	}
	return hash
}

func wantCheck(t *testing.T, hasher password.Hasher, hash, plain string, want password.Result) {
	t.Helper()
	got, err := hasher.Check(hash, plain)
	if err != nil || got != want {
		t.Errorf("Check(%q, %q) = %+v, %v, want %+v", hash, plain, got, err, want)
	}
}
