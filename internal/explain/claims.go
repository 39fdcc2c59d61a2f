package explain

import (
	"fmt"
	"slices"
	"strings"

	"github.com/jetonauth/jeton/internal/strictjson"
	"github.com/jetonauth/jeton/jwt"
)

// registered are the claims of RFC 7519, whose types a verifier checks.
var registered = []string{"iss", "sub", "aud", "exp", "nbf", "iat", "jti"}

// times are the claims that are times: of RFC 7519, and of OpenID Connect Core 1.0, sections 2 and 5.1.
var times = []string{"exp", "nbf", "iat", "auth_time", "updated_at"}

// checkClaims checks what the payload says, proved or not.
func (q *inquiry) checkClaims() {
	q.checkPayload()
	q.checkTypes()
	q.readTimes()
	q.checkExpiry()
	q.checkNotBefore()
	q.checkIssuedAt()
	q.checkIssuer()
	q.checkAudience()
	q.checkType()
	q.checkRequired()
}

func (q *inquiry) checkPayload() {
	switch q.claims.problem {
	case "":
		q.report.Claims = members(q.claims)
		q.addAbout(Check{Name: "payload", Status: Pass, Got: count(len(q.claims.members), "claim")})
	case unread:
		q.add(skipped("payload", "not reached: it could not be decoded"))
	default:
		q.addAbout(Check{Name: "payload", Status: Fail, Detail: q.claims.problem})
	}
}

// notInPayload is why a check of a claim is not reached.
const notInPayload = "not reached: no claims could be read"

func (q *inquiry) checkTypes() {
	if q.claims.problem != "" {
		q.add(skipped("claims", notInPayload))
		return
	}
	var problems []string
	for _, m := range q.claims.members {
		if !slices.Contains(registered, m.Name) {
			continue
		}
		token, err := q.probe.claims(q.probe.relaxed(), m)
		if err != nil {
			problems = append(problems, quoted(m.Name)+" "+refusalDetail(err))
			continue
		}
		q.values[m.Name] = token
	}
	c := Check{Name: "claims", Status: Pass, Detail: "of the right types"}
	if problems != nil {
		c.Status, c.Detail = Fail, strings.Join(problems, "; ")
	}
	q.addAbout(c)
}

// readTimes puts the claims that are times in words.
func (q *inquiry) readTimes() {
	for i, m := range q.report.Claims {
		if !slices.Contains(times, m.Name) {
			continue
		}
		token, err := q.probe.claims(q.probe.relaxed(), strictjson.Member{Name: m.Name, Value: m.Value})
		if err != nil {
			continue
		}
		at, ok := token.TimeClaim(m.Name)
		if !ok {
			continue
		}
		words := distance(at, q.now)
		if m.Name == "exp" {
			words = expiry(at, q.now)
		}
		q.report.Claims[i].At, q.report.Claims[i].Words = at, words
		q.report.Times[m.Name] = Moment{At: at, Words: words}
	}
}

// claim returns a registered claim for a check, or why the check is not reached. A claim that is absent is nil.
func (q *inquiry) claim(name string) (m *strictjson.Member, unreached string) {
	if q.claims.problem != "" {
		return nil, notInPayload
	}
	m = q.claims.find(name)
	if m != nil && slices.Contains(registered, name) && q.values[name] == nil {
		return nil, "not reached: it has not the right type"
	}
	return m, ""
}

// ask has rules judge one claim, or the payload without it.
func (q *inquiry) ask(rules jwt.VerifierConfig, m *strictjson.Member) error {
	if m == nil {
		_, err := q.probe.claims(rules)
		return err
	}
	_, err := q.probe.claims(rules, *m)
	return err
}

// timed are relaxed rules but for time.
func (q *inquiry) timed() jwt.VerifierConfig {
	rules := q.probe.relaxed()
	rules.AnyTime, rules.Leeway = false, q.opts.Leeway
	return rules
}

func (q *inquiry) checkExpiry() {
	m, unreached := q.claim("exp")
	switch {
	case unreached != "":
		q.add(skipped("exp", unreached))
		return
	case m == nil:
		q.addAbout(Check{Name: "exp", Status: Fail, Detail: "absent, and needed"})
		return
	}
	at := q.report.Times["exp"].At
	c := Check{Name: "exp", Status: Pass, Expected: "after " + stamp(q.now.Add(-q.leeway())), Got: stamp(at), Detail: expiry(at, q.now)}
	if err := q.ask(q.timed(), m); err != nil {
		c.Status = Fail
	} else if !q.now.Before(at) {
		c.Detail += ", within the leeway of " + span(q.leeway())
	}
	q.addAbout(c)
}

func (q *inquiry) checkNotBefore() {
	m, unreached := q.claim("nbf")
	switch {
	case unreached != "":
		q.add(skipped("nbf", unreached))
		return
	case m == nil:
		q.addAbout(Check{Name: "nbf", Status: Pass, Detail: "absent"})
		return
	}
	at := q.report.Times["nbf"].At
	c := Check{
		Name: "nbf", Status: Pass, Expected: "not after " + stamp(q.now.Add(q.leeway())), Got: stamp(at),
		Detail: "valid since " + strings.TrimSuffix(distance(at, q.now), " ago"),
	}
	if err := q.ask(q.timed(), m); err != nil {
		c.Status, c.Detail = Fail, "valid "+distance(at, q.now)
	} else if at.After(q.now) {
		c.Detail = "valid " + distance(at, q.now) + ", within the leeway of " + span(q.leeway())
	}
	q.addAbout(c)
}

// checkIssuedAt looks at what no verifier refuses a token for.
func (q *inquiry) checkIssuedAt() {
	m, unreached := q.claim("iat")
	switch {
	case unreached != "":
		q.add(skipped("iat", unreached))
		return
	case m == nil:
		q.addAbout(Check{Name: "iat", Status: Pass, Detail: "absent"})
		return
	}
	at := q.report.Times["iat"].At
	c := Check{Name: "iat", Status: Pass, Got: stamp(at), Detail: "issued " + distance(at, q.now)}
	if at.After(q.now.Add(q.leeway())) {
		c.Status, c.Detail = Note, "issued "+distance(at, q.now)+", which no verifier minds"
	}
	q.addAbout(c)
}

func (q *inquiry) checkIssuer() {
	m, unreached := q.claim("iss")
	c := Check{Name: "iss", Status: Pass, Expected: q.opts.Issuer}
	if m != nil && unreached == "" {
		c.Got = q.values["iss"].Issuer()
	}
	rules := q.probe.relaxed()
	rules.AnyIssuer, rules.Issuer = false, q.opts.Issuer
	q.judge(c, unreached, q.opts.AnyIssuer, "any issuer is accepted", func() error { return q.ask(rules, m) })
}

func (q *inquiry) checkAudience() {
	m, unreached := q.claim("aud")
	c := Check{Name: "aud", Status: Pass, Expected: strings.Join(q.opts.Audience, ", ")}
	c.Got = strings.Join(q.audience(), ", ")
	rules := q.probe.relaxed()
	rules.AnyAudience, rules.Audience = false, q.opts.Audience
	q.judge(c, unreached, q.opts.AnyAudience, "any audience is accepted", func() error { return q.ask(rules, m) })
}

// audience are the names in "aud", none if it is absent or has not the right type.
func (q *inquiry) audience() []string {
	if token := q.values["aud"]; token != nil {
		return token.Audience()
	}
	return nil
}

func (q *inquiry) checkType() {
	m := q.header.find("typ")
	unreached := ""
	if q.header.problem != "" {
		unreached = "not reached: no header could be read"
	} else if m != nil && parameter(*m) != nil {
		unreached = "not reached: it has not the right type"
	}
	rules := q.probe.relaxed()
	rules.Types = q.opts.Types
	c := Check{Name: "typ", Status: Pass, Got: q.header.text("typ"), Expected: typeList(q.opts.Types)}
	q.judge(c, unreached, false, "", func() error { return q.probe.typ(rules, m) })
}

func typeList(types []string) string {
	if len(types) == 0 {
		types = []string{"at+jwt", "JWT", ""}
	}
	names := slices.Clone(types)
	for i := range names {
		if names[i] == "" {
			names[i] = "absent"
		}
	}
	return strings.Join(names, ", ")
}

// judge adds a check whose answer is a verifier's.
func (q *inquiry) judge(c Check, unreached string, anything bool, why string, ask func() error) {
	switch {
	case unreached != "":
		q.add(skipped(c.Name, unreached))
		return
	case anything:
		c.Status, c.Detail = Skipped, why
		q.add(c)
		return
	}
	if err := ask(); err != nil {
		c.Status, c.Detail = Fail, refusal(err).Detail
	}
	q.addAbout(c)
}

func (q *inquiry) checkRequired() {
	switch {
	case len(q.opts.Required) == 0:
		q.add(skipped("required", "no claim is asked for"))
		return
	case q.claims.problem != "":
		q.add(skipped("required", notInPayload))
		return
	}
	c := Check{Name: "required", Status: Pass, Got: strings.Join(q.opts.Required, ", ")}
	var missing []string
	for _, name := range q.opts.Required {
		rules := q.probe.relaxed()
		rules.Required = []string{name}
		if q.ask(rules, q.claims.find(name)) != nil && !q.hasWrongType(name) {
			missing = append(missing, quoted(name))
		}
	}
	if missing != nil {
		c.Status, c.Got, c.Detail = Fail, "", fmt.Sprintf("%s absent", strings.Join(missing, ", "))
	}
	q.addAbout(c)
}

// hasWrongType reports whether a claim is there, and has been complained about before.
func (q *inquiry) hasWrongType(name string) bool {
	return q.claims.find(name) != nil && slices.Contains(registered, name) && q.values[name] == nil
}
