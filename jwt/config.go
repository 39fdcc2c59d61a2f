package jwt

import "time"
import "github.com/jetonauth/jeton/jwk"

// The limits that a [VerifierConfig] starts from.
const (
	DefaultLeeway  = 30 * time.Second
	DefaultMaxSize = 16 << 10
)

// MaxLeeway is the highest [VerifierConfig.Leeway].
const MaxLeeway = 5 * time.Minute

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
func NewVerifier(cfg VerifierConfig) (*Verifier, error) { panic("declared") }
