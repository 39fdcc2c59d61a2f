package foal_test

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/jetonauth/jeton/dialect/foal"
	"github.com/jetonauth/jeton/jetontest"
	"github.com/jetonauth/jeton/jwk"
)

// environment is a look-up in variables that a test has set.
func environment(variables map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		value, ok := variables[name]
		return value, ok
	}
}

func TestEnvironment(t *testing.T) {
	t.Parallel()
	no := false
	lookup := environment(map[string]string{
		"SETTINGS_JWT_SECRET_OR_PUBLIC_KEY": "a", "SETTINGS_JWT_SECRET": "b", "SETTINGS_JWT_PUBLIC_KEY": "c", "SETTINGS_JWT_PRIVATE_KEY": "d",
		"SETTINGS_JWT_SECRET_ENCODING": "e", "SETTINGS_JWT_COOKIE_NAME": "f", "SETTINGS_JWT_COOKIE_DOMAIN": "g", "SETTINGS_JWT_COOKIE_PATH": "h",
		"SETTINGS_JWT_COOKIE_SAME_SITE": "i", "SETTINGS_JWT_COOKIE_HTTP_ONLY": "false", "SETTINGS_JWT_COOKIE_SECURE": "false",
		"SETTINGS_JWT_CSRF_ENABLED": "true", "SETTINGS_JWT_CSRF_COOKIE_NAME": "j",
	})
	want := foal.Settings{
		SecretOrPublicKey: "a", Secret: "b", PublicKey: "c", PrivateKey: "d", SecretEncoding: "e",
		Cookie: foal.CookieSettings{Name: "f", Domain: "g", Path: "h", SameSite: "i", HTTPOnly: &no, Secure: &no},
		CSRF:   foal.CSRFSettings{Enabled: true, Cookie: foal.CSRFCookieSettings{Name: "j"}},
	}
	for _, before := range []foal.Settings{{}, {Secret: "x", Cookie: foal.CookieSettings{Name: "x"}}} {
		got, err := before.WithEnvironment(lookup)
		if err != nil {
			t.Fatal(err)
		}
		equalSettings(t, got, want)
	}
	got, err := want.WithEnvironment(environment(map[string]string{"SETTINGS_JWT_SECRET": "", "OTHER": "x"}))
	if err != nil {
		t.Fatal(err)
	}
	equalSettings(t, got, want)
	for _, name := range []string{"SETTINGS_JWT_CSRF_ENABLED", "SETTINGS_JWT_COOKIE_SECURE", "SETTINGS_JWT_COOKIE_HTTP_ONLY"} {
		if _, err := want.WithEnvironment(environment(map[string]string{name: "yes"})); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func equalSettings(t *testing.T, got, want foal.Settings) {
	t.Helper()
	if *got.Cookie.HTTPOnly != *want.Cookie.HTTPOnly || *got.Cookie.Secure != *want.Cookie.Secure {
		t.Errorf("cookies %+v, want %+v", got.Cookie, want.Cookie)
	}
	got.Cookie.HTTPOnly, got.Cookie.Secure = want.Cookie.HTTPOnly, want.Cookie.Secure
	if got != want {
		t.Error("other settings than the environment has")
	}
}

// The process's own variables are read, and win over the settings in the program.
func TestProcessEnvironment(t *testing.T) {
	t.Setenv("SETTINGS_JWT_SECRET_OR_PUBLIC_KEY", secret)
	t.Setenv("SETTINGS_JWT_COOKIE_NAME", "custom_name")
	o := foal.Options{Cookie: true, Verify: foal.VerifyOptions{Now: clock}}
	sent := withCookie(sign(t, nil))
	ask(t, protect(t, o, false), sent).expect(t, badRequest("Auth cookie not found."))
	sent.header.Set("Cookie", strings.Replace(sent.header.Get("Cookie"), "auth=", "custom_name=", 1))
	ask(t, protect(t, o, false), sent).expect(t, letThrough("hello, 1"))
}

func TestNoKey(t *testing.T) {
	t.Parallel()
	for name, settings := range map[string]foal.Settings{"nothing": {}, "half a pair": {PrivateKey: "x"}, "encoding": {SecretEncoding: "base64"}} {
		o := options(func(o *foal.Options) { o.Settings = settings })
		if _, err := foal.JWTRequired(o); !errors.Is(err, foal.ErrNoKey) {
			t.Errorf("%s, required: %v", name, err)
		}
		if _, err := foal.JWTOptional(o); !errors.Is(err, foal.ErrNoKey) {
			t.Errorf("%s, optional: %v", name, err)
		}
	}
	if _, err := (foal.Settings{}).VerifyingKey(""); !errors.Is(err, foal.ErrNoKey) {
		t.Error(err)
	}
	if _, err := (foal.Settings{PublicKey: "x"}).SigningKey(""); !errors.Is(err, foal.ErrNoKey) {
		t.Error(err)
	}
	for _, name := range []string{"SETTINGS_JWT_SECRET_OR_PUBLIC_KEY", "SETTINGS_JWT_SECRET", "SETTINGS_JWT_PUBLIC_KEY"} {
		if !strings.Contains(foal.ErrNoKey.Error(), name) {
			t.Errorf("the error does not say that %s may be set", name)
		}
	}
}

// The secrets that jwk refuses are refused here, too.
func TestWeakSecrets(t *testing.T) {
	t.Parallel()
	for _, weak := range []foal.Secret{"my_strong_secret", "hunter2", "your-256-bit-secret-your-256-bit-secret", foal.Secret(strings.Repeat("ab", 30))} {
		for _, settings := range []foal.Settings{{Secret: weak}, {SecretOrPublicKey: weak}} {
			o := options(func(o *foal.Options) { o.Settings = settings })
			if _, err := foal.JWTRequired(o); !errors.Is(err, jwk.ErrWeakKey) || strings.Contains(err.Error(), string(weak)) {
				t.Errorf("%s: %v", string(weak), err)
			}
		}
	}
	o := withKey(foal.Settings{Secret: secret}, jwk.HS512)
	if _, err := foal.JWTRequired(o); !errors.Is(err, jwk.ErrWeakKey) {
		t.Errorf("a secret that is too short for a listed algorithm: %v", err)
	}
}

func TestSecretEncoding(t *testing.T) {
	t.Parallel()
	bytes := []byte(secret)
	raw, err := base64.StdEncoding.DecodeString(secret)
	if err != nil {
		t.Fatal(err)
	}
	latin := []byte("gr\xfc\xdfe aus dem Norden, wo es regnet")
	for name, tt := range map[string]struct {
		text, encoding string
		want           []byte
	}{
		"none":               {secret, "", bytes},
		"utf8":               {secret, "utf8", bytes},
		"UTF-8":              {secret, "UTF-8", bytes},
		"base64":             {secret, "base64", raw},
		"base64, no padding": {strings.TrimRight(secret, "="), "base64", raw},
		"base64url":          {base64.RawURLEncoding.EncodeToString([]byte("\xff\xfe\xfd" + secret)), "base64url", []byte("\xff\xfe\xfd" + secret)},
		"either alphabet":    {base64.StdEncoding.EncodeToString([]byte("\xff\xfe\xfd" + secret)), "base64url", []byte("\xff\xfe\xfd" + secret)},
		"hex":                {hex.EncodeToString(raw), "hex", raw},
		"latin1":             {"grüße aus dem Norden, wo es regnet", "latin1", latin},
		"utf16le":            {"eighteen characters, or thirty-six", "utf16le", utf16Of("eighteen characters, or thirty-six")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			key, err := jwk.FromSecret(jwk.HS256, tt.want)
			if err != nil {
				t.Fatal(err)
			}
			for _, settings := range []foal.Settings{
				{Secret: foal.Secret(tt.text), SecretEncoding: tt.encoding}, {SecretOrPublicKey: foal.Secret(tt.text), SecretEncoding: tt.encoding},
			} {
				o := options(func(o *foal.Options) { o.Settings = settings })
				ask(t, protect(t, o, false), withBearer(signWith(t, key, jwtClaims()))).expect(t, letThrough("hello, 1"))
				for _, derive := range []func(jwk.Algorithm) (*jwk.Key, error){settings.SigningKey, settings.VerifyingKey} {
					if got, err := derive(jwk.HS256); err != nil || got.ID() != key.ID() {
						t.Errorf("another key: %v, %v", got, err)
					}
				}
			}
		})
	}
	for encoding, text := range map[string]string{"base64": "not base64!", "hex": "0x12", "latin1": "漢字", "rot13": secret, "base64url": secret + "\n"} {
		o := options(func(o *foal.Options) { o.Settings = foal.Settings{Secret: foal.Secret(text), SecretEncoding: encoding} })
		if _, err := foal.JWTRequired(o); err == nil || !strings.Contains(err.Error(), "SecretEncoding") || strings.Contains(err.Error(), text) {
			t.Errorf("%s: %v", encoding, err)
		}
	}
}

func utf16Of(ascii string) []byte {
	var encoded []byte
	for i := range len(ascii) {
		encoded = append(encoded, ascii[i], 0)
	}
	return encoded
}

// A configuration file is read as it is.
func TestSettingsFromJSON(t *testing.T) {
	t.Parallel()
	const file = `{"settings": {"port": 3001, "jwt": {
		"secret": "b3RoZXIgYnl0ZXMgZm9yIGV2ZXJ5IHRlc3QgaGVyZSE=", "secretEncoding": "base64", "cookieName": "old",
		"cookie": {"name": "sid", "domain": "example.com", "httpOnly": true, "path": "/foo", "sameSite": "strict", "secure": true},
		"csrf": {"enabled": true, "cookie": {"name": "CSRF-Token"}}
	}}}`
	var read struct {
		Settings struct {
			JWT foal.Settings `json:"jwt"`
		} `json:"settings"`
	}
	if err := json.Unmarshal([]byte(file), &read); err != nil {
		t.Fatal(err)
	}
	yes := true
	equalSettings(t, read.Settings.JWT, foal.Settings{
		Secret: secret, SecretEncoding: "base64", CookieName: "old",
		Cookie: foal.CookieSettings{Name: "sid", Domain: "example.com", Path: "/foo", SameSite: "strict", HTTPOnly: &yes, Secure: &yes},
		CSRF:   foal.CSRFSettings{Enabled: true, Cookie: foal.CSRFCookieSettings{Name: "CSRF-Token"}},
	})
}

func TestSecretsAreNotShown(t *testing.T) {
	t.Parallel()
	o := options(func(o *foal.Options) { o.Settings.PrivateKey, o.Settings.Secret, o.Logger = secret, secret, nil })
	var texts []string
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%d", "%x", "%q"} {
		texts = append(texts, fmt.Sprintf(verb, o), fmt.Sprintf(verb, &o.Settings), fmt.Sprintf(verb, o.Settings.Secret))
	}
	text, err := json.Marshal(o.Settings)
	if err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("settings", "settings", o.Settings, "secret", o.Settings.Secret)
	slog.New(slog.NewJSONHandler(&log, nil)).Info("settings", "settings", o.Settings, "secret", o.Settings.Secret)
	for _, text := range append(texts, string(text), log.String()) {
		if strings.Contains(text, secret) || strings.Contains(text, hex.EncodeToString([]byte(secret))) || !strings.Contains(text, "REDACTED") {
			t.Errorf("shown: %s", text)
		}
	}
}

func TestOptionsErrors(t *testing.T) {
	t.Parallel()
	a := jetontest.New(t)
	key := newKey(t, jwk.ES256)
	set, err := jwk.NewSet(key.Public())
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		change func(*foal.Options)
		want   string
	}{
		"two ways":           {func(o *foal.Options) { o.Verifier, o.Keys = a, set }, "Options.SecretOrPublicKey: "},
		"rules of two":       {func(o *foal.Options) { o.Verifier, o.Verify.Subject = a, "x" }, "Options.Verify: "},
		"signature":          {func(o *foal.Options) { o.SignatureMessage = "x" }, "Options.SignatureMessage: "},
		"mode":               {func(o *foal.Options) { o.CSRF = 9 }, "Options.CSRF: "},
		"CSRF in a header":   {func(o *foal.Options) { o.CSRF = foal.CSRFOn }, "Options.CSRF: "},
		"origin in a header": {trusted, "Options.TrustedOrigins: "},
		"any and some":       {func(o *foal.Options) { trusted(o); o.Cookie, o.AnyOrigin = true, true }, "Options.TrustedOrigins: "},
		"origin":             {func(o *foal.Options) { o.Cookie, o.TrustedOrigins = true, []string{"x"} }, "TrustedOrigins: "},
		"cookie's name":      {func(o *foal.Options) { o.Cookie, o.Settings.Cookie.Name = true, "a b" }, "Options: "},
		"CSRF cookie":        {func(o *foal.Options) { o.Settings.CSRF.Cookie.Name = "a b" }, "Settings.CSRF.Cookie.Name: "},
		"one cookie":         {func(o *foal.Options) { o.Settings.CSRF.Cookie.Name = "auth" }, "Settings.CSRF.Cookie.Name: "},
		"environment":        {func(o *foal.Options) { o.LookupEnv = func(string) (string, bool) { return "x", true } }, "SETTINGS_JWT_"},
		"tolerance":          {func(o *foal.Options) { o.Verify.ClockTolerance = time.Hour }, "Options.Verify.ClockTolerance: "},
		"type":               {func(o *foal.Options) { o.Verify.Types = []string{"\n"} }, "Types"},
		"algorithm":          {func(o *foal.Options) { o.Verify.Algorithms = []jwk.Algorithm{"none"} }, "Options.Settings: "},
		"of a pair":          {func(o *foal.Options) { o.Verify.Algorithms = []jwk.Algorithm{jwk.RS256} }, "Options.Settings: "},
		"foreign audience":   {func(o *foal.Options) { o.Keys, o.Verify.Issuer = set, []string{"x"} }, "Options.Verify.Audience: "},
		"foreign issuer":     {func(o *foal.Options) { o.Keys, o.Verify.Audience = set, []string{"x"} }, "Options.Verify.Issuer: "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := foal.JWTRequired(options(tt.change)); err == nil || !strings.HasPrefix(err.Error(), "foal: ") || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%v, want %s", err, tt.want)
			}
		})
	}
	anybody := options(func(o *foal.Options) { o.Keys, o.Verify.AnyAudience, o.Verify.AnyIssuer = set, true, true })
	ask(t, protect(t, anybody, false), withBearer(signWith(t, key, jwtClaims()))).expect(t, letThrough("hello, 1"))
}
