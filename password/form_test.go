package password_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/jetonauth/jeton/password"
)

func TestFormsAndDecoys(t *testing.T) {
	t.Parallel()
	for _, known := range knownAnswers {
		form := password.Form(known.hash)
		if !strings.HasPrefix(known.hash, form[:strings.LastIndexByte(form, '$')+1]) && known.scheme != "bcrypt" {
			t.Errorf("%s: the form of %s is %s", known.name, known.hash, form)
		}
		decoy, err := password.Decoy(form)
		if err != nil {
			t.Errorf("%s: %v", known.name, err)
			continue
		}
		if got := password.Form(decoy); got != form || password.Scheme(decoy) != known.scheme {
			t.Errorf("%s: a decoy of %s is %s, whose form is %s", known.name, form, decoy, got)
		}
		if another, err := password.Decoy(form); err != nil || another == decoy {
			t.Errorf("%s: two decoys are %s and %s, %v", known.name, decoy, another, err)
		}
		if known.scheme != "bcrypt" && len(decoy)-strings.LastIndexByte(decoy, '$') != len(known.hash)-strings.LastIndexByte(known.hash, '$') {
			t.Errorf("%s: the tag of %s has another length than that of %s", known.name, decoy, known.hash)
		}
		if result, err := small.Check(decoy, known.password); err != nil || result.Match {
			t.Errorf("%s: a decoy is checked: %+v, %v", known.name, result, err)
		}
	}
}

func TestForm(t *testing.T) {
	t.Parallel()
	for hash, want := range map[string]string{
		"$2a$05$Rq8zBicujy1OGPns3sTKnOpSlIlS/7PgiTywrma0mt9OVPulwfJLK":       "$2b$05$",
		"$2y$04$xkt07IxQWvqpOA.LsV/af.r6jaSwR9bCVQHs3.emogcl7.bG1y27W":       "$2b$04$",
		"$2b$04$gYhZqZu4RZfSffpPrAW1a.Vjyu1Yx7SOuz74Sco0F.5MW939ARVs6":       "$2b$04$",
		"$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQwMTIzNDU2Nw$" + tag43:     "$argon2id$v=19$m=19456,t=2,p=1$43",
		"$pbkdf2-sha256$i=1000,l=32$" + salt22 + "$" + tag43:                 "$pbkdf2-sha256$i=1000,l=32$43",
		"$pbkdf2$1200$jvHe27s3xlhrrfXeuzfGeA$yxyTZ.8KCB8ALqudyToFlCV320U":    "$pbkdf2$1200$27",
		"$pbkdf2$5000001$jvHe27s3xlhrrfXeuzfGeA$yxyTZ.8KCB8ALqudyToFlCV320U": "",
		"": "", "hunter2": "", "$2b$04$": "", "$argon2id$v=19$m=19456,t=2,p=1$43": "",
	} {
		if got := password.Form(hash); got != want {
			t.Errorf("the form of %q is %q, want %q", hash, got, want)
		}
	}
}

func TestDecoyRefuses(t *testing.T) {
	t.Parallel()
	for form, want := range map[string]error{
		"":                                  password.ErrUnknownHash,
		"43":                                password.ErrUnknownHash,
		"$2b$":                              password.ErrUnknownHash,
		"$2b$99$":                           password.ErrUnknownHash,
		"$2b$31$":                           password.ErrTooCostly,
		"$argon2id$v=19$m=64,t=1,p=1$":      password.ErrUnknownHash,
		"$argon2id$v=19$m=64,t=1,p=1$-1":    password.ErrUnknownHash,
		"$argon2id$v=19$m=64,t=1,p=1$5":     password.ErrUnknownHash,
		"$argon2id$v=19$m=64,t=1,p=1$99999": password.ErrUnknownHash,
		"$argon2id$v=19$m=999999999$43":     password.ErrUnknownHash,
		"$pbkdf2-sha256$i=999999999$43":     password.ErrTooCostly,
	} {
		if decoy, err := password.Decoy(form); decoy != "" || !errors.Is(err, want) {
			t.Errorf("Decoy(%q) = %q, %v, want %v", form, decoy, err, want)
		}
	}
}
