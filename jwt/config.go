package jwt

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jetonauth/jeton/jwk"
)

// The limits that a [VerifierConfig] starts from.
const (
	DefaultLeeway  = 30 * time.Second
	DefaultMaxSize = 16 << 10
)

// MaxLeeway is the highest [VerifierConfig.Leeway].
const MaxLeeway = 5 * time.Minute

// maxMaxSize is the highest VerifierConfig.MaxSize.
const maxMaxSize = 1 << 20

// VerifierConfig says what a token must be. Issuer and Audience are needed, unless AnyIssuer or AnyAudience says that
// they are not.
type VerifierConfig struct {
	// Issuer is what "iss" must equal, byte for byte.
	Issuer string
	// AnyIssuer accepts every issuer, and none. Dangerous where the keys are not one issuer's alone.
	AnyIssuer bool
	// Audience are the names of this service, of which "aud" must hold at least one.
	Audience []string
	// AnyAudience accepts every audience, and none. Dangerous: tokens for other services are accepted here.
	AnyAudience bool
	// Types are the accepted "typ" values. A letter's case and a prefix "application/" do not matter. If there are none,
	// "at+jwt", "JWT" and an absent "typ" are accepted; an empty string in it stands for an absent one.
	Types []string
	// Algorithms are those accepted, of the ones that the keys are for; none means all of them. A key that names no
	// algorithm, which is an RSA key, accepts the RSA algorithms listed here, or RS256 if nothing is listed.
	Algorithms []jwk.Algorithm
	// Required are claims that must be there, whatever their value, besides "exp", which always must.
	Required []string
	// Leeway is allowed on "exp" and "nbf" for clocks that differ. Zero means [DefaultLeeway], a negative value none; more
	// than [MaxLeeway] is an error.
	Leeway time.Duration
	// MaxSize is the longest accepted token in bytes. Zero means [DefaultMaxSize]; more than 1 MiB is an error.
	MaxSize int
	// AnyTime accepts expired and not yet valid tokens. It is for signing out, never for letting in.
	AnyTime bool
	// Now is the clock; time.Now if nil.
	Now func() time.Time
}

// NewVerifier returns a verifier. The error names the field of cfg that is missing or wrong and what it may be. What
// cfg holds is copied.
func NewVerifier(cfg VerifierConfig) (*Verifier, error) {
	for _, check := range []func(VerifierConfig) error{
		checkIssuer, checkAudience, checkTypes, checkRequired, checkLimits,
	} {
		if err := check(cfg); err != nil {
			return nil, err
		}
	}
	allowed, err := newAlgorithmRule(cfg.Algorithms)
	if err != nil {
		return nil, err
	}
	v := &Verifier{
		maxSize: cfg.MaxSize,
		allowed: allowed,
		rules:   newRules(cfg),
		now:     cfg.Now,
	}
	if v.maxSize == 0 {
		v.maxSize = DefaultMaxSize
	}
	if v.now == nil {
		v.now = time.Now
	}
	return v, nil
}

func configError(field, format string, args ...any) error {
	return fmt.Errorf("jwt: VerifierConfig."+field+": "+format, args...)
}

func checkIssuer(cfg VerifierConfig) error {
	switch {
	case cfg.Issuer == "" && !cfg.AnyIssuer:
		return configError("Issuer", "must be what \"iss\" has to equal, unless AnyIssuer is set")
	case cfg.Issuer != "" && cfg.AnyIssuer:
		return configError("Issuer", "must be empty if AnyIssuer is set")
	}
	return nil
}

func checkAudience(cfg VerifierConfig) error {
	switch {
	case len(cfg.Audience) == 0 && !cfg.AnyAudience:
		return configError("Audience", "must hold the names that \"aud\" may have, unless AnyAudience is set")
	case len(cfg.Audience) != 0 && cfg.AnyAudience:
		return configError("Audience", "must be empty if AnyAudience is set")
	}
	if i := slices.Index(cfg.Audience, ""); i >= 0 {
		return configError("Audience", "entry %d is empty; each must be a name", i)
	}
	return nil
}

func checkTypes(cfg VerifierConfig) error {
	for i, typ := range cfg.Types {
		if !printable(typ) {
			return configError("Types", "entry %d is %q; each must be printable ASCII, or empty for an absent \"typ\"", i, typ)
		}
	}
	return nil
}

func checkRequired(cfg VerifierConfig) error {
	if i := slices.Index(cfg.Required, ""); i >= 0 {
		return configError("Required", "entry %d is empty; each must be the name of a claim", i)
	}
	return nil
}

func checkLimits(cfg VerifierConfig) error {
	if cfg.Leeway > MaxLeeway {
		return configError("Leeway", "is %v; it may be at most %v", cfg.Leeway, MaxLeeway)
	}
	if cfg.MaxSize < 0 || cfg.MaxSize > maxMaxSize {
		return configError("MaxSize", "is %d; it may be 1 to %d bytes, or 0 for %d", cfg.MaxSize, maxMaxSize, DefaultMaxSize)
	}
	return nil
}

// printable reports whether text is printable ASCII.
func printable(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r > '~' })
}

// algorithmRule says which algorithms a verifier lets a key of its set verify with.
type algorithmRule struct {
	listed  []jwk.Algorithm // of any key; none means all
	unnamed []jwk.Algorithm // of an RSA key that names no algorithm
}

func newAlgorithmRule(listed []jwk.Algorithm) (algorithmRule, error) {
	if len(listed) == 0 {
		return algorithmRule{unnamed: []jwk.Algorithm{jwk.RS256}}, nil
	}
	var rule algorithmRule
	for i, name := range listed {
		algorithm, err := jwk.ParseAlgorithm(string(name))
		if err != nil {
			return algorithmRule{}, configError("Algorithms", "entry %d is %q; each must be one of %v", i, name, jwk.Algorithms())
		}
		rule.listed = append(rule.listed, algorithm)
		if isRSA(algorithm) {
			rule.unnamed = append(rule.unnamed, algorithm)
		}
	}
	return rule, nil
}

// check refuses a token's algorithm unless it is the key's, which is empty for a key that names none, and accepted.
func (r *algorithmRule) check(key, token jwk.Algorithm) error {
	if key == token && key != "" && len(r.listed) == 0 {
		return nil
	}
	expected := []jwk.Algorithm{key}
	switch {
	case key == "":
		expected = r.unnamed
	case key == token && len(r.listed) > 0:
		expected = r.listed
	}
	if slices.Contains(expected, token) {
		return nil
	}
	return &Refusal{Reason: ErrUnsupportedAlgorithm, Claim: "alg", Expected: list(expected), Got: string(token)}
}

func isRSA(a jwk.Algorithm) bool {
	switch a {
	case jwk.RS256, jwk.RS384, jwk.RS512, jwk.PS256, jwk.PS384, jwk.PS512:
		return true
	}
	return false
}

// list is several accepted values in a [Refusal].
func list[T ~string](values []T) string {
	texts := make([]string, len(values))
	for i, value := range values {
		texts[i] = string(value)
	}
	return strings.Join(texts, ", ")
}
