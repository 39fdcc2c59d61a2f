package jwt

import (
	"slices"
	"strings"
	"time"
)

// rules are what a verifier demands of a proved token, whatever proved it. They depend on nothing that [prove] does, so
// that one proof can serve verifiers with different rules.
type rules struct {
	issuer      string
	anyIssuer   bool
	audience    []string
	anyAudience bool
	types       []string // as bareType returns them
	required    []string
	leeway      time.Duration
	anyTime     bool
}

func newRules(cfg VerifierConfig) rules {
	r := rules{
		issuer:      cfg.Issuer,
		anyIssuer:   cfg.AnyIssuer,
		audience:    slices.Clone(cfg.Audience),
		anyAudience: cfg.AnyAudience,
		types:       []string{"at+jwt", "jwt", ""},
		required:    slices.Clone(cfg.Required),
		leeway:      max(cfg.Leeway, 0),
		anyTime:     cfg.AnyTime,
	}
	if cfg.Leeway == 0 {
		r.leeway = DefaultLeeway
	}
	if len(cfg.Types) > 0 {
		r.types = nil
		for _, typ := range cfg.Types {
			r.types = append(r.types, bareType(typ))
		}
	}
	return r
}

// check judges t at the moment now.
func (r *rules) check(t *Token, now time.Time) error {
	if err := r.checkTime(t, now); err != nil {
		return err
	}
	if err := r.checkIssuer(t.Issuer()); err != nil {
		return err
	}
	if err := r.checkAudience(t); err != nil {
		return err
	}
	if err := r.checkType(t.header); err != nil {
		return err
	}
	return r.checkRequired(t)
}

func (r *rules) checkTime(t *Token, now time.Time) error {
	if t.registered.at[expiresAt] == 0 {
		return &Refusal{Reason: ErrMissingClaim, Claim: "exp"}
	}
	if r.anyTime {
		return nil
	}
	if end := t.ExpiresAt(); !now.Before(end.Add(r.leeway)) {
		return r.refuseTime(ErrExpired, "exp", end, now)
	}
	if t.registered.at[notBefore] == 0 {
		return nil
	}
	if start := t.NotBefore(); now.Add(r.leeway).Before(start) {
		return r.refuseTime(ErrNotYetValid, "nbf", start, now)
	}
	return nil
}

func (r *rules) refuseTime(reason Reason, claim string, got, now time.Time) error {
	refusal := &Refusal{Reason: reason, Claim: claim, Got: got.Format(time.RFC3339Nano), At: now.UTC().Round(0)}
	if r.leeway > 0 {
		refusal.Detail = "leeway " + r.leeway.String()
	}
	return refusal
}

func (r *rules) checkIssuer(issuer string) error {
	if r.anyIssuer || issuer == r.issuer && issuer != "" {
		return nil
	}
	refusal := &Refusal{Reason: ErrWrongIssuer, Claim: "iss", Expected: r.issuer, Got: keep(issuer)}
	switch {
	case issuer == "":
		refusal.Detail = "absent"
	case strings.TrimSuffix(issuer, "/") == strings.TrimSuffix(r.issuer, "/"):
		refusal.Detail = "only the slash at the end differs"
	}
	return refusal
}

func (r *rules) checkAudience(t *Token) error {
	if r.anyAudience {
		return nil
	}
	if slices.ContainsFunc(r.audience, t.HasAudience) {
		return nil
	}
	audience := t.Audience()
	refusal := &Refusal{Reason: ErrWrongAudience, Claim: "aud", Expected: list(r.audience), Got: keep(list(audience))}
	if len(audience) == 0 {
		refusal.Detail = "absent"
	}
	return refusal
}

func (r *rules) checkType(header *protectedHeader) error {
	typ := header.Type
	if slices.Contains(r.types, header.bareType) {
		return nil
	}
	expected := slices.Clone(r.types)
	if i := slices.Index(expected, ""); i >= 0 {
		expected[i] = "absent"
	}
	refusal := &Refusal{Reason: ErrWrongType, Claim: "typ", Expected: list(expected), Got: keep(typ)}
	if typ == "" {
		refusal.Detail = "absent"
	}
	return refusal
}

// checkRequired looks for the names only: a claim may be required that is null or an empty string.
func (r *rules) checkRequired(t *Token) error {
	for _, name := range r.required {
		if _, ok := t.lookup(name); !ok {
			return &Refusal{Reason: ErrMissingClaim, Claim: name}
		}
	}
	return nil
}

// bareType returns a media type for comparing: "application/" may be left out (RFC 7515, section 4.1.9), and ASCII
// letters are lower case. Letters beyond ASCII stay, so that nothing else becomes equal.
func bareType(typ string) string {
	typ = strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, typ)
	if bare := strings.TrimPrefix(typ, "application/"); bare != "" {
		return bare
	}
	return typ
}
