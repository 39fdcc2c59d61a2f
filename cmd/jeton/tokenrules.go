package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/internal/explain"
	"github.com/jetonauth/jeton/jwk"
)

// addTokenRules gives a command the flags that say by whose keys and by which rules it judges a token.
func addTokenRules(cmd *cobra.Command) {
	f := cmd.Flags()
	f.String("issuer", "", "judge a token of the issuer with this `URL`, whose keys are discovered unless --jwks or --keys say where they are")
	f.String("jwks", "", "fetch the keys, a JWK Set, from this `URL`")
	f.String("keys", "", "read the keys from this `FILE`: a JWK Set, a JWK, PEM, or a secret as it stands")
	f.StringArray("audience", nil, "accept tokens for the audience with this `NAME`; may be given several times")
	f.Bool("any-issuer", false, "accept tokens of every issuer")
	f.Bool("any-audience", false, "accept tokens for every audience")
	f.StringArray("algorithm", nil, "accept this `ALGORITHM`, such as RS256; may be given several times")
	f.StringArray("type", nil, "accept this `TYPE`, the parameter \"typ\" (default: at+jwt, JWT, or absent); may be given several times")
	f.String("leeway", "", "let clocks differ by this `DURATION`, 0s to 5m (default: 30s)")
	for flag, complete := range map[string]cobra.CompletionFunc{
		"keys": completeFile,
		"algorithm": func(*cobra.Command, []string, string) (names []cobra.Completion, _ cobra.ShellCompDirective) {
			for _, algorithm := range jwk.Algorithms() {
				names = append(names, string(algorithm))
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
	} {
		if err := cmd.RegisterFlagCompletionFunc(flag, complete); err != nil {
			panic(err) // the flag was added above
		}
	}
	addSettings(cmd, "listen", "data", "database", "log_format", "log_level")
}

// tokenRules are those flags.
type tokenRules struct {
	issuer, jwks, keys     string
	audience, types        []string
	algorithms             []jwk.Algorithm
	anyIssuer, anyAudience bool
	leeway                 time.Duration
	foreign, ownPlace      bool // other keys than one's own are named; where one's own are is
}

func newTokenRules(cmd *cobra.Command) (r tokenRules, err error) {
	f := cmd.Flags()
	var errs [9]error
	var leeway string
	var algorithms []string
	r.issuer, errs[0] = f.GetString("issuer")
	r.jwks, errs[1] = f.GetString("jwks")
	r.keys, errs[2] = f.GetString("keys")
	r.audience, errs[3] = f.GetStringArray("audience")
	r.anyIssuer, errs[4] = f.GetBool("any-issuer")
	r.anyAudience, errs[5] = f.GetBool("any-audience")
	algorithms, errs[6] = f.GetStringArray("algorithm")
	r.types, errs[7] = f.GetStringArray("type")
	leeway, errs[8] = f.GetString("leeway")
	if err := errors.Join(errs[:]...); err != nil {
		return r, err
	}
	for _, name := range algorithms {
		algorithm, err := jwk.ParseAlgorithm(name)
		if err != nil {
			return r, fmt.Errorf("--algorithm: %q is none; want one of %v", name, jwk.Algorithms())
		}
		r.algorithms = append(r.algorithms, algorithm)
	}
	if f.Changed("leeway") {
		if r.leeway, err = readLeeway(leeway); err != nil {
			return r, err
		}
	}
	r.foreign = r.issuer != "" || r.jwks != "" || r.keys != ""
	given := givenSettings(f)
	r.ownPlace = given["data"] != "" || given["database"] != ""
	return r, r.check(cmd)
}

// readLeeway reads a leeway; none is a negative one in [explain.Options].
func readLeeway(text string) (time.Duration, error) {
	leeway, err := duration("leeway", text, 0, 5*time.Minute, "0s to 5m, such as 10s")
	if err != nil {
		return 0, err
	}
	return cmp.Or(leeway, -1), nil
}

// check refuses flags that contradict each other.
func (r tokenRules) check(cmd *cobra.Command) error {
	wrong := func(text string) error { return usageError{text + hint(cmd, "")} }
	switch {
	case r.jwks != "" && r.keys != "":
		return wrong("--jwks and --keys both name the keys: want one of them")
	case r.foreign && r.ownPlace:
		return wrong("--data and --database name one's own keys, and --issuer, --jwks or --keys those of others")
	case r.issuer != "" && r.anyIssuer:
		return wrong("--any-issuer contradicts --issuer")
	case len(r.audience) > 0 && r.anyAudience:
		return wrong("--any-audience contradicts --audience")
	case !r.foreign && (r.anyIssuer || r.anyAudience || len(r.algorithms)+len(r.types) > 0):
		return wrong("--any-issuer, --any-audience, --algorithm and --type are for tokens of others: want --issuer, --jwks or --keys")
	}
	return nil
}

// foreignOptions are the rules for tokens of others. What was not said is not checked.
func (r tokenRules) foreignOptions() (opts explain.Options, err error) {
	opts = explain.Options{
		Issuer: r.issuer, AnyIssuer: r.issuer == "", Audience: r.audience, AnyAudience: len(r.audience) == 0,
		Types: r.types, Algorithms: r.algorithms, Leeway: r.leeway,
	}
	switch {
	case r.keys != "":
		data, err := readKeysFile(r.keys)
		if err != nil {
			return opts, fmt.Errorf("--keys %s: %w", r.keys, cause(err))
		}
		keys, err := explain.FromFile(data, r.algorithms)
		if err != nil {
			return opts, fmt.Errorf("--keys %s: %w", r.keys, err)
		}
		opts.Keys = keys
	case r.jwks != "":
		if err := checkURL("--jwks", r.jwks); err != nil {
			return opts, err
		}
		opts.Keys = explain.FromURL(r.jwks)
	default:
		if err := checkURL("--issuer", r.issuer); err != nil {
			return opts, err
		}
		opts.Keys = explain.FromIssuer(r.issuer)
	}
	return opts, nil
}

// maxKeysFile bounds a file of keys, in bytes. A set of a hundred keys has some 50 KB.
const maxKeysFile = 1 << 20

func readKeysFile(name string) (data []byte, err error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	data, err = io.ReadAll(io.LimitReader(file, maxKeysFile+1))
	if len(data) > maxKeysFile {
		return nil, errors.New("is larger than 1 MB, and so hardly a file of keys")
	}
	return data, err
}

func checkURL(flag, text string) error {
	if u, err := url.Parse(text); err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		return fmt.Errorf("%s: %q is no URL; want one such as https://auth.example.com", flag, text)
	}
	return nil
}

// ownOptions are the rules of the service itself, which gives the verdict.
func (r tokenRules) ownOptions(ctx context.Context, auth *jeton.Auth) (opts explain.Options, err error) {
	keys, err := auth.PublicKeys(ctx)
	if err != nil {
		return opts, err
	}
	verifier, err := auth.Verifier(jeton.VerifyOptions{Audience: r.audience, Leeway: r.leeway})
	if err != nil {
		return opts, err
	}
	audience := r.audience
	if len(audience) == 0 {
		audience = []string{auth.Issuer()}
	}
	return explain.Options{
		Keys: keys, Issuer: auth.Issuer(), Audience: audience, Types: []string{"at+jwt"}, Required: []string{"sub"},
		Leeway: r.leeway, Verifier: verifier,
	}, nil
}
