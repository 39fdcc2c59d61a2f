package guard

import "slices"

// Description is what a guard asks of requests, for documents such as OpenAPI. It is a copy.
type Description struct {
	// Optional says that requests without a token are let through.
	Optional bool
	// Sources are in the order in which they are asked.
	Sources []SourceDescription
	// Scopes are needed, all of them; of Roles, one.
	Scopes, Roles []string
	// CSRFHeaders are those of which a request that changes something and has a cookie must repeat the CSRF value in one; empty if there
	// is no cookie among the sources, or no value is asked for.
	CSRFHeaders []string
	// Forbids says that a request with a good token may be refused with 403: for its scopes or roles, by the policy, or as forged.
	Forbids bool
}

// SourceDescription is where a source looks.
type SourceDescription struct {
	Place Place
	// Name is that of the header ("Authorization" for [Bearer]), cookie or parameter, or the prefix of a subprotocol; empty for a function.
	Name string
	// Schemes are those of a header; empty if it holds nothing but the token.
	Schemes []string
}

// Place is a kind of source.
type Place string

// The places.
const (
	PlaceHeader      Place = "header"
	PlaceSubprotocol Place = "subprotocol"
	PlaceQuery       Place = "query"
	PlaceFunc        Place = "function"
	PlaceCookie      Place = "cookie"
)

// Describe says what the guard asks.
func (g *Guard) Describe() Description {
	d := Description{Optional: g.optional, Scopes: slices.Clone(g.scopes), Roles: slices.Clone(g.roles)}
	cookies := false
	for _, s := range g.sources {
		d.Sources = append(d.Sources, s.describe())
		cookies = cookies || s.place == inCookie
	}
	if cookies && g.csrf != nil && !g.csrf.originOnly {
		d.CSRFHeaders = slices.Clone(g.csrf.headers)
	}
	d.Forbids = len(g.scopes) > 0 || len(g.roles) > 0 || g.policy != nil || cookies && g.csrf != nil
	return d
}

func (s Source) describe() SourceDescription {
	d := SourceDescription{Name: s.name, Schemes: slices.Clone(s.schemes)}
	switch s.place {
	case inBearer, inHeader:
		d.Place = PlaceHeader
	case inSubprotocol:
		d.Place = PlaceSubprotocol
	case inQuery:
		d.Place = PlaceQuery
	case inCookie:
		d.Place = PlaceCookie
	case inFunc:
		d.Place = PlaceFunc
	}
	return d
}
