package foal

import (
	"fmt"
	"log/slog"
	"net/http"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/dialect/internal/jsonwebtoken"
	"github.com/jetonauth/jeton/jwk"
	"github.com/jetonauth/jeton/revoke"
)

// Options say how a hook works. The zero Options are those of a bare JWTRequired(): a token in the Authorization header, and a key from
// the environment.
type Options struct {
	// Settings are Foal's. Environment variables take their place, see [Settings.WithEnvironment], unless LookupEnv, which is os.LookupEnv
	// if nil, finds none.
	Settings  Settings
	LookupEnv func(name string) (value string, ok bool)

	// SecretOrPublicKey finds the key of each token, in place of the settings' key.
	SecretOrPublicKey KeyFunc
	// Keys are another issuer's, such as remote.Discover finds, in place of the settings' key. Verify then needs Audience and Issuer.
	Keys jwk.VerifyingSource
	// Verifier decides which tokens are good, in place of any key and of Verify: a *jeton.Auth, whose sessions can be signed out.
	Verifier jeton.Verifier
	// Verify are the rules for tokens, the second argument of Foal's hooks.
	Verify VerifyOptions

	// BlackList is asked about a token before anything else is: a function of the application's (revoke.CheckerFunc), or a file of tokens
	// (revoke.NewFile). The ids that it is given besides the token are the token's own claim, since nothing is proved yet. Its error is
	// answered 503.
	BlackList revoke.Checker

	// Cookie takes the token from a cookie, and not from the header.
	Cookie bool
	// CSRF protects what comes with a cookie: methods that change something must repeat, in the header X-XSRF-Token or X-CSRF-Token or
	// in the field _csrf of a form or a JSON object, the token that [Cookies.Set] put into a cookie of its own. By default Settings.CSRF.Enabled decides.
	//
	// In any case what a browser says to come from another site is refused, unless that is one of TrustedOrigins, such as
	// https://app.example.com. AnyOrigin lets it through, too: dangerous, since any site can then act for the users who visit it.
	CSRF           CSRFMode
	TrustedOrigins []string
	AnyOrigin      bool

	// User loads the application's own user: what [Users] or [UsersByNumber] return.
	User UserLoader

	// SignatureMessage describes a bad signature: [JWTSignature], which is documented and the default, or [InvalidSignature].
	SignatureMessage string
	// Logger is told why a request was refused, as guard.Config.Logger is.
	Logger *slog.Logger
}

// CSRFMode switches [Options.CSRF].
type CSRFMode uint8

// The modes.
const (
	CSRFBySettings CSRFMode = iota
	CSRFOn
	CSRFOff
)

// UserLoader is middleware for inside a hook, as a *guard.Loader of any type of user has it.
type UserLoader interface {
	Load(next http.Handler) http.Handler
}

func configError(field, format string, args ...any) error {
	return fmt.Errorf("foal: Options."+field+": "+format, args...)
}

// checked returns a copy with the environment's settings, or an error that names the field that is wrong.
func (o Options) checked() (Options, error) {
	if err := o.checkKeys(); err != nil {
		return o, err
	}
	switch {
	case o.SignatureMessage != "" && o.SignatureMessage != JWTSignature && o.SignatureMessage != InvalidSignature:
		return o, configError("SignatureMessage", "is %q; it may be %q or %q", o.SignatureMessage, JWTSignature, InvalidSignature)
	case o.CSRF > CSRFOff:
		return o, configError("CSRF", "is %d; it may be CSRFBySettings, CSRFOn or CSRFOff", o.CSRF)
	case o.CSRF == CSRFOn && !o.Cookie:
		return o, configError("CSRF", "is for tokens in cookies, and Cookie is not set")
	case !o.Cookie && (o.AnyOrigin || len(o.TrustedOrigins) > 0):
		return o, configError("TrustedOrigins", "and AnyOrigin are for tokens in cookies, and Cookie is not set")
	case o.AnyOrigin && len(o.TrustedOrigins) > 0:
		return o, configError("TrustedOrigins", "must be empty if AnyOrigin is set")
	}
	var err error
	if o.Settings, err = o.Settings.WithEnvironment(o.LookupEnv); err != nil {
		return o, err
	}
	name := http.Cookie{Name: o.Settings.csrfCookieName()} //nolint:gosec // only its name is looked at
	if name.Valid() != nil || name.Name == o.Settings.cookieName() {
		return o, configError("Settings.CSRF.Cookie.Name", "%q is not the name of a cookie of its own", name.Name)
	}
	return o, nil
}

// checkKeys sees to it that there is one way only to judge a token.
func (o *Options) checkKeys() error {
	ways := 0
	for _, given := range []bool{o.SecretOrPublicKey != nil, o.Keys != nil, o.Verifier != nil} {
		if given {
			ways++
		}
	}
	if ways > 1 {
		return configError("SecretOrPublicKey", "Keys and Verifier exclude each other")
	}
	if o.Verifier != nil && jsonwebtoken.HasRules(o.Verify) {
		return configError("Verify", "must be empty if Verifier is set, which has rules of its own")
	}
	return nil
}

func (o *Options) csrf() bool {
	return o.Cookie && (o.CSRF == CSRFOn || o.CSRF == CSRFBySettings && o.Settings.CSRF.Enabled)
}
