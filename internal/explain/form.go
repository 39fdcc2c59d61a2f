package explain

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/jetonauth/jeton/internal/strictjson"
	"github.com/jetonauth/jeton/jwt"
)

// part is one of a token's three parts.
type part struct {
	text    string
	decoded []byte // with a problem: what it looks like, to be shown
	problem string // why it could not be decoded; empty if it could
}

// object is a header or a payload.
type object struct {
	members []strictjson.Member
	problem string // why it could not be read; empty if it could
}

// find returns a member, or nil.
func (o object) find(name string) *strictjson.Member {
	for i := range o.members {
		if o.members[i].Name == name {
			return &o.members[i]
		}
	}
	return nil
}

// text returns a member that is a string.
func (o object) text(name string) string {
	member := o.find(name)
	if member == nil {
		return ""
	}
	text, err := strictjson.String(member.Value)
	if err != nil {
		return ""
	}
	return text
}

// unread is an object that could not be reached.
const unread = "not reached"

// checkForm checks what a token is before any key is looked for.
func (q *inquiry) checkForm() {
	q.header.problem, q.claims.problem = unread, unread
	q.checkText()
	q.checkSize()
	if q.split(); q.parts != nil {
		q.header = readObject(q.parts[0])
		q.report.Header, q.report.HeaderText = members(q.header), plainText(q.parts[0], q.header)
		q.claims = readObject(q.parts[1])
		q.report.ClaimsText = plainText(q.parts[1], q.claims)
	}
	q.checkEncoding()
	q.checkHeader()
	q.checkCritical()
	q.checkAlgorithm()
}

func (q *inquiry) checkText() {
	c := Check{Name: "text", Status: Pass, Detail: "nothing but the token"}
	if len(q.around) > 0 {
		c.Status, c.Detail = Fail, strings.Join(q.around, ", ")
	}
	q.add(c)
}

func (q *inquiry) checkSize() {
	c := Check{
		Name: "size", Status: Pass, Expected: fmt.Sprintf("at most %d bytes", jwt.DefaultMaxSize),
		Got: count(len(q.token), "byte"),
	}
	if len(q.token) > jwt.DefaultMaxSize {
		c.Status = Fail
	}
	q.add(c)
}

// split divides the token into its parts, unless it is no token, or too long to be looked into: probes are somewhat longer.
func (q *inquiry) split() {
	c := Check{Name: "parts", Status: Pass, Expected: "3", Got: fmt.Sprint(strings.Count(q.token, ".") + 1)}
	texts := strings.Split(q.token, ".")
	switch {
	case strings.HasPrefix(q.token, "{"):
		c = Check{Name: "parts", Status: Fail, Detail: "JSON, where a compact token has three parts with dots between them"}
	case len(texts) != 3:
		c.Status = Fail
		if len(texts) == 5 {
			c.Detail = "an encrypted token"
		}
		if len(q.token) <= maxSize {
			first := readPart(texts[0])
			q.report.Header = members(readObject(first))
		}
	case len(q.token) > maxSize-1024:
		c = skipped("parts", "too long to be looked into")
	default:
		for _, text := range texts {
			q.parts = append(q.parts, readPart(text))
		}
	}
	q.add(c)
}

func readPart(text string) part {
	p := part{text: text}
	decoded, err := base64.RawURLEncoding.Strict().DecodeString(text)
	switch {
	case err == nil: // encoding/base64 skips line breaks, which bare has taken away
		p.decoded = decoded
	case strings.HasPrefix(text, "{"): // which would be taken for something else
		p.problem = "a character that is not base64url"
	default:
		_, err := jwt.UnverifiedHeader(text + "..")
		p.problem = strings.TrimPrefix(refusal(err).Detail, "header: ")
	}
	if p.problem != "" {
		loose := strings.NewReplacer("+", "-", "/", "_", "=", "").Replace(text)
		p.decoded, _ = base64.RawURLEncoding.DecodeString(loose)
	}
	return p
}

func readObject(p part) object {
	if p.problem != "" {
		return object{problem: unread}
	}
	all, err := strictjson.Object(string(p.decoded))
	if err != nil {
		return object{problem: err.Error()}
	}
	return object{members: all}
}

func members(o object) Members {
	if o.problem != "" {
		return nil
	}
	all := make(Members, len(o.members))
	for i, m := range o.members {
		all[i] = Member{Name: m.Name, Value: m.Value}
	}
	return all
}

// plainText is what stands in a part that is text, but not the object that it should be.
func plainText(p part, o object) string {
	rubbish := p.problem != "" && !bytes.HasPrefix(p.decoded, []byte("{"))
	if o.problem == "" || rubbish || !utf8.Valid(p.decoded) {
		return ""
	}
	return string(p.decoded)
}

func (q *inquiry) checkEncoding() {
	if q.parts == nil {
		q.add(skipped("base64url", notInParts))
		return
	}
	var problems []string
	for i, name := range []string{"header", "payload", "signature"} {
		if problem := q.parts[i].problem; problem != "" {
			problems = append(problems, name+": "+problem)
		}
	}
	c := Check{Name: "base64url", Status: Pass, Detail: "in all parts"}
	if problems != nil {
		c.Status, c.Detail = Fail, strings.Join(problems, "; ")
	}
	q.add(c)
}

const notInParts = "not reached: the text could not be divided into a token's parts"

// understood are the parameters that a verifier looks at, "crit" left out.
var understood = []string{"alg", "kid", "typ", "cty", "b64", "enc", "zip"}

func (q *inquiry) checkHeader() {
	c := Check{Name: "header", Status: Pass, Got: count(len(q.header.members), "parameter")}
	switch q.header.problem {
	case "":
	case unread:
		q.add(skipped("header", "not reached: it could not be decoded"))
		return
	default:
		c.Status, c.Got, c.Detail = Fail, "", q.header.problem
		q.add(c)
		return
	}
	var problems []string
	for _, m := range q.header.members {
		if err := parameter(m); slices.Contains(understood, m.Name) && err != nil && refusal(err).Reason == jwt.ErrMalformed {
			problems = append(problems, quoted(m.Name)+" "+refusalDetail(err))
		}
	}
	if q.header.find("alg") == nil {
		problems = append(problems, `"alg" absent`)
	}
	if problems != nil {
		c.Status, c.Got, c.Detail = Fail, "", strings.Join(problems, "; ")
	}
	q.addAbout(c)
}

// refusalDetail is what a refusal says in words, without the part that it is about.
func refusalDetail(err error) string {
	_, detail, found := strings.Cut(refusal(err).Detail, ": ")
	if !found {
		return refusal(err).Detail
	}
	return detail
}

func quoted(name string) string { return `"` + name + `"` }

func (q *inquiry) checkCritical() {
	critical := q.header.find("crit")
	switch {
	case q.header.problem != "":
		q.add(skipped("crit", "not reached: no header could be read"))
	case critical == nil:
		q.addAbout(Check{Name: "crit", Status: Pass, Detail: "absent"})
	default:
		q.addAbout(Check{Name: "crit", Status: Fail, Expected: "absent", Got: critical.Value, Detail: refusalDetail(parameter(*critical))})
	}
}

func (q *inquiry) checkAlgorithm() {
	algorithm := q.header.find("alg")
	if algorithm == nil {
		q.add(skipped("algorithm", "not reached: no header with \"alg\" could be read"))
		return
	}
	err := parameter(*algorithm)
	switch {
	case err == nil:
		q.addAbout(Check{Name: "algorithm", Status: Pass, Got: q.header.text("alg")})
	case refusal(err).Reason == jwt.ErrMalformed:
		q.add(skipped("algorithm", "not reached: \"alg\" is "+refusalDetail(err)))
	default:
		q.addAbout(Check{Name: "algorithm", Status: Fail, Expected: knownAlgorithms(), Got: q.header.text("alg")})
	}
}
