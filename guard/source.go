package guard

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// Source is a place of a request where its token may be. A guard asks its sources in this order: headers, subprotocols, query
// parameters and functions first, of which only one may have a token; then cookies, of which the first that is there counts. So what
// the client says explicitly wins over what a browser adds by itself. The zero Source is [Bearer].
type Source struct {
	place        place
	name         string
	schemes      []string
	otherRefused bool
	read         func(Carrier) (string, error)
}

// place is the kind of a source, in the order in which they are asked.
type place uint8

const (
	inBearer place = iota
	inHeader
	inSubprotocol
	inQuery
	inFunc
	inCookie
)

// Bearer is the Authorization header with the scheme Bearer (RFC 6750, section 2.1):
//
//	"Bearer" 1*SP token68
//
// The scheme's case does not matter (RFC 9110, section 11.1). Another scheme is no token, since it may be another guard's; Bearer with
// anything else behind it is [InvalidRequest], as are two headers, of which two readers might choose differently.
func Bearer() Source { return Source{} }

// Header is a header of the client's, such as Authorization or X-Access-Token. With schemes it has the form that [Bearer] says,
// with one of them in place of Bearer, compared as a whole word; without, the token is all that the header has.
func Header(name string, schemes ...string) Source {
	return Source{place: inHeader, name: http.CanonicalHeaderKey(name), schemes: slices.Clone(schemes)}
}

// RefuseOtherSchemes returns the header with one difference: what has another scheme, or none, is [InvalidRequest] with
// [ErrOtherScheme], even behind an optional guard.
func (s Source) RefuseOtherSchemes() Source {
	s.otherRefused = true
	return s
}

// Cookie is a cookie, which browsers send by themselves: a token from there needs the protection that [Config.CSRF] says. Two cookies
// of the name are [InvalidRequest].
func Cookie(name string) Source { return Source{place: inCookie, name: name} }

// Subprotocol is what follows prefix in one of the protocols that a WebSocket handshake offers (RFC 6455, section 11.3.4), since
// scripts in browsers can set no other header there. The server should choose another protocol of those offered: the one with
// the token is nothing to repeat.
func Subprotocol(prefix string) Source { return Source{place: inSubprotocol, name: prefix} }

// Query is a query parameter. Addresses end up in logs, histories and other people's hands: RFC 6750, section 2.3 advises against
// it, and short-lived tickets are better.
func Query(name string) Source { return Source{place: inQuery, name: name} }

// SourceFunc is a place of the application's own. read returns an empty token where there is none; its error is [InvalidRequest], and a
// [*Refusal] is answered as it is. Do not read cookies in it: they would be without the protection that [Cookie] has.
func SourceFunc(read func(c Carrier) (token string, err error)) Source {
	return Source{place: inFunc, read: read}
}

// Why a request has no token that could be judged: [Refusal.Err].
var (
	// ErrNoToken is with [MissingToken] for a request that has nothing in any source.
	ErrNoToken = errors.New("guard: no token")
	// ErrOtherScheme is for a header with another scheme: with [MissingToken], or with [InvalidRequest] after
	// [Source.RefuseOtherSchemes].
	ErrOtherScheme = errors.New("guard: the header has another scheme")
	// ErrAmbiguous is with [InvalidRequest] for two headers, cookies or parameters of one name, and for tokens in two places.
	ErrAmbiguous = errors.New("guard: more than one token")
	// ErrMalformed is with [InvalidRequest] for a header without a token behind its scheme.
	ErrMalformed = errors.New("guard: malformed header")
)

// errTooLong is for what no verifier accepts.
var errTooLong = errors.New("guard: token is longer than any verifier accepts")

// sources are those of a guard, in the order in which they are asked.
type sources []Source

func newSources(list []Source) sources {
	if len(list) == 0 {
		list = []Source{Bearer()}
	}
	ordered := make(sources, len(list))
	for i, s := range list {
		if s.place == inBearer {
			s.name, s.schemes = "Authorization", []string{"Bearer"}
		}
		ordered[i] = s
	}
	slices.SortStableFunc(ordered, func(a, b Source) int { return int(a.place) - int(b.place) })
	return ordered
}

// check returns an error that says what of a source is wrong.
func (s Source) check() error {
	switch s.place {
	case inBearer:
		return nil
	case inFunc:
		if s.read == nil {
			return errors.New("SourceFunc was given no function")
		}
		return nil
	case inQuery:
		if s.name == "" {
			return errors.New("a query parameter needs a name")
		}
		return nil
	case inHeader, inSubprotocol, inCookie:
		for _, word := range append([]string{s.name}, s.schemes...) {
			if !isHTTPToken(word) {
				return fmt.Errorf("%q: names and schemes are letters, digits and !#$%%&'*+-.^_`|~ (RFC 9110, section 5.6.2)", word)
			}
		}
	}
	return nil
}

// checkSources names the entry of Config.Sources that is wrong.
func checkSources(list []Source) error {
	var seen []string
	for i, s := range list {
		if err := s.check(); err != nil {
			return fmt.Errorf("guard: Config.Sources[%d]: %w", i, err)
		}
		if s.otherRefused && s.place != inBearer && len(s.schemes) == 0 {
			return fmt.Errorf("guard: Config.Sources[%d]: RefuseOtherSchemes is for headers with schemes", i)
		}
		place, name := s.place, s.name
		if place == inBearer {
			place, name = inHeader, "Authorization"
		}
		key := fmt.Sprint(place, " ", name)
		if s.place != inFunc && slices.Contains(seen, key) {
			return fmt.Errorf("guard: Config.Sources[%d]: %q is there twice; a header may have several schemes", i, name)
		}
		seen = append(seen, key)
	}
	return nil
}

func isHTTPToken(s string) bool {
	for i := range len(s) {
		if !isTokenChar(s[i]) {
			return false
		}
	}
	return s != ""
}

// extract returns the token of a request, and whether it came in a cookie. The refusal says why there is none, with
// [MissingToken] if there simply is not.
func (list sources) extract(c Carrier) (token string, cookie bool, refusal *Refusal) {
	missing := ErrNoToken
	for i := range list {
		s := &list[i]
		if s.place == inCookie && token != "" {
			break
		}
		found, refusal := s.extract(c)
		switch {
		case refusal != nil && refusal.Code == MissingToken:
			missing = refusal.Err
		case refusal != nil:
			return "", false, refusal
		case found == "":
		case len(found) > maxToken:
			return "", false, &Refusal{Code: InvalidToken, Err: errTooLong}
		case token != "":
			return "", false, &Refusal{Code: InvalidRequest, Err: ErrAmbiguous, Description: twoTokensDescription}
		default:
			token, cookie = found, s.place == inCookie
		}
	}
	if token == "" {
		return "", false, &Refusal{Code: MissingToken, Err: missing}
	}
	return token, cookie, nil
}

// maxToken bounds what is taken for a token, in bytes. No verifier of package jwt accepts a longer one.
const maxToken = 1 << 20

// extract returns neither a token nor a refusal where there is nothing.
func (s *Source) extract(c Carrier) (string, *Refusal) {
	switch s.place {
	case inBearer, inHeader:
		return s.fromHeader(c.Header(s.name))
	case inSubprotocol:
		return s.fromProtocols(c.Header("Sec-Websocket-Protocol"))
	case inQuery:
		return only(c.Query(s.name), "query parameter")
	case inCookie:
		return s.fromCookies(c.Header("Cookie"))
	default:
		return s.fromFunc(c)
	}
}

// only returns the value of what may be there once.
func only(values []string, what string) (string, *Refusal) {
	switch len(values) {
	case 0:
		return "", nil
	case 1:
		return values[0], nil
	default:
		return "", &Refusal{Code: InvalidRequest, Err: ErrAmbiguous, Description: "The request has more than one " + what + " with a token."}
	}
}

func (s *Source) fromFunc(c Carrier) (string, *Refusal) {
	token, err := s.read(c)
	if err == nil {
		return token, nil
	}
	if said, ok := errors.AsType[*Refusal](err); ok {
		own := *said
		return "", &own
	}
	if isUnavailable(err) {
		return "", &Refusal{Code: Unavailable, Err: err}
	}
	return "", &Refusal{Code: InvalidRequest, Err: err}
}

func (s *Source) fromProtocols(lines []string) (string, *Refusal) {
	var tokens []string
	for _, line := range lines {
		for protocol := range strings.SplitSeq(line, ",") {
			if token, ok := strings.CutPrefix(strings.Trim(protocol, " \t"), s.name); ok && token != "" {
				tokens = append(tokens, token)
			}
		}
	}
	return only(tokens, "subprotocol")
}

// fromCookies reads Cookie headers (RFC 6265, section 4.2.1). An empty cookie is none: so one is cleared.
func (s *Source) fromCookies(lines []string) (string, *Refusal) {
	var values []string
	for _, line := range lines {
		for pair := range strings.SplitSeq(line, ";") {
			name, value, ok := strings.Cut(strings.Trim(pair, " \t"), "=")
			if !ok || name != s.name {
				continue
			}
			if len(value) > 1 && value[0] == '"' && value[len(value)-1] == '"' {
				value = value[1 : len(value)-1]
			}
			values = append(values, value)
		}
	}
	return only(values, "cookie")
}
