package jeton

import (
	"fmt"
	"slices"
	"time"

	"github.com/jetonauth/jeton/jwk"
)

// DefaultProfile is the name of the profile that [Config] itself describes.
const DefaultProfile = "default"

// Profile is one way in which tokens are made and accepted. A service may have several, for example an old HS256 format
// beside the new one while clients move. Profiles are told apart by a token's header alone: by the key's id, or, where
// tokens have none, by "typ" and "alg". So no two may share a key.
type Profile struct {
	// Name is how sessions and options refer to the profile.
	Name string
	// Issuer is "iss" of its tokens.
	Issuer string
	// Audience is "aud" of new tokens, and what accepted ones must have one of; if empty, the issuer.
	Audience []string
	// Keys signs and verifies. All its keys are secrets, or none is.
	Keys jwk.Source
	// Type is "typ" of new tokens, and the only one that is accepted unless Types says more; if empty, "at+jwt".
	Type string
	// Types are the accepted values of "typ" beside Type; an empty string stands for an absent one.
	Types []string
	// TTL is the lifetime of access tokens. Zero means 15 minutes.
	TTL time.Duration
	// Claims says which claims mean what.
	Claims ClaimNames
}

// longestTTL is how long a token of the profile may last at most, if its keys are known to go away.
func (p *Profile) longestTTL() (longest time.Duration, ok bool) {
	ring, ok := p.Keys.(*KeyRing)
	if !ok {
		return 0, false
	}
	return ring.cfg.TokenTTL, true
}

func (p Profile) withDefaults() (Profile, error) {
	switch {
	case p.Name == "":
		return p, fmt.Errorf("jeton: Profile.Name: must not be empty")
	case p.Issuer == "":
		return p, fmt.Errorf("jeton: Profile.Issuer: profile %q needs one", p.Name)
	case p.Keys == nil:
		return p, fmt.Errorf("jeton: Profile.Keys: profile %q needs a key source such as jwk.Static(key)", p.Name)
	case p.TTL != 0 && p.TTL < time.Second:
		return p, fmt.Errorf("jeton: Profile.TTL: profile %q has %v, must be at least a second", p.Name, p.TTL)
	}
	p.Audience = slices.Clone(p.Audience)
	if len(p.Audience) == 0 {
		p.Audience = []string{p.Issuer}
	}
	if p.Type == "" {
		p.Type = "at+jwt"
	}
	p.Types = append([]string{p.Type}, p.Types...)
	if p.TTL == 0 {
		p.TTL = DefaultAccessTTL
	}
	p.Claims = p.Claims.withDefaults()
	return p, nil
}
