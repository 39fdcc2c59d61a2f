package explain

import (
	"fmt"
	"strings"

	"github.com/jetonauth/jeton/jwk"
	"github.com/jetonauth/jeton/jwt"
)

// checkKeys checks which key the header means, whether the algorithm suits it, and the signature.
func (q *inquiry) checkKeys() {
	q.checkKey()
	q.checkSignature()
	q.report.Proved = q.check("signature").Status == Pass && q.check("header").Status == Pass && q.check("crit").Status == Pass
}

func (q *inquiry) checkKey() {
	algorithm, id := q.header.find("alg"), q.header.find("kid")
	why := ""
	switch {
	case q.keysErr != nil:
		q.add(Check{Name: "key", Status: Undecided, Detail: withoutPackage(q.keysErr)})
		q.add(skipped("key algorithm", "not reached: no key to compare with"))
		return
	case algorithm == nil:
		why = "not reached: no header with \"alg\" could be read"
	case q.check("algorithm").Status != Pass:
		why = "not reached: which keys suit depends on the algorithm"
	case id != nil && parameter(*id) != nil:
		why = "not reached: \"kid\" is " + refusalDetail(parameter(*id))
	}
	if why != "" {
		q.add(skipped("key", why))
		q.add(skipped("key algorithm", "not reached: no key to compare with"))
		return
	}
	rules := q.probe.relaxed()
	rules.Algorithms = q.opts.Algorithms
	refused, err := keyFor(algorithm, id, q.keys, rules)
	if err != nil {
		refused = refusal(err)
	}
	q.addKey(refused)
}

// addKey adds the checks that a refusal by [keyFor] tells of.
func (q *inquiry) addKey(refused *jwt.Refusal) {
	if refused.Reason == jwt.ErrUnknownKey {
		c := Check{Name: "key", Status: Fail, Expected: q.keyList(), Got: q.header.text("kid"), Detail: refused.Detail}
		if q.header.find("kid") == nil && q.keys.Len() > 0 {
			c.Expected, c.Detail = "", "the header names none, and "+q.suitable()
		}
		q.add(c)
		q.add(skipped("key algorithm", "not reached: no key to compare with"))
		return
	}
	key := q.meantKey()
	c := Check{Name: "key", Status: Pass, Got: q.header.text("kid")}
	switch {
	case q.keys.Len() == 1:
		c.Detail = "the only key"
	case q.header.find("kid") == nil:
		c.Detail = "the only key that suits, of " + count(q.keys.Len(), "key")
	default:
		c.Detail = "one of " + count(q.keys.Len(), "key")
	}
	q.addAbout(c)
	if refused.Reason == jwt.ErrUnsupportedAlgorithm {
		q.addAbout(Check{Name: "key algorithm", Status: Fail, Expected: refused.Expected, Got: refused.Got})
		return
	}
	q.key = key
	q.addAbout(Check{Name: "key algorithm", Status: Pass, Got: q.header.text("alg")})
}

// suitable says how many keys of the set a header without "kid" could mean.
func (q *inquiry) suitable() string {
	n := 0
	for key := range q.keys.All() {
		if one, err := jwk.NewSet(key); err == nil && q.means(one) {
			n++
		}
	}
	algorithm := q.header.text("alg")
	switch {
	case q.keys.Len() == 1:
		return "the only key does not suit " + algorithm
	case n == 0:
		return fmt.Sprintf("none of the %d keys suits %s", q.keys.Len(), algorithm)
	}
	return fmt.Sprintf("%d of the %d keys suit %s", n, q.keys.Len(), algorithm)
}

// keyList names the keys there are, up to ten.
func (q *inquiry) keyList() string {
	var ids []string
	for key := range q.keys.All() {
		if len(ids) == 10 {
			ids = append(ids, fmt.Sprintf("and %d more", q.keys.Len()-len(ids)))
			break
		}
		ids = append(ids, key.ID())
	}
	return strings.Join(ids, ", ")
}

// meantKey returns the key that a verifier has found: by its id, or the only one that suits the algorithm.
func (q *inquiry) meantKey() *jwk.Key {
	if q.header.find("kid") != nil {
		key, _ := q.keys.Find(q.header.text("kid"))
		return key
	}
	for key := range q.keys.All() {
		if one, err := jwk.NewSet(key); err == nil && q.means(one) {
			return key
		}
	}
	return nil
}

// means reports whether the header means the only key of a set.
func (q *inquiry) means(one *jwk.Set) bool {
	refused, err := keyFor(q.header.find("alg"), nil, one, q.probe.relaxed())
	return err == nil && refused.Reason != jwt.ErrUnknownKey
}

func (q *inquiry) checkSignature() {
	if q.parts == nil {
		q.add(skipped("signature", notInParts))
		return
	}
	c := Check{Name: "signature", Status: Skipped}
	switch {
	case q.parts[2].text == "":
		c.Status, c.Detail = Fail, "empty"
	case q.parts[2].problem != "":
		c.Detail = "not reached: it could not be decoded"
	case q.key == nil && q.keysErr != nil:
		c.Status, c.Detail = Undecided, "no key to check it with"
	case q.key == nil:
		c.Detail = "not reached: no key to check it with"
	default:
		c.Status = Pass
		c.Detail = "by the key " + q.key.ID()
		if err := q.verifiesWith(q.key); err != nil {
			c.Status, c.Detail = Fail, strings.TrimPrefix(err.Error(), "jwk: ")
			if c.Detail == "signature does not verify" {
				c.Detail = "it is not of the key " + q.key.ID()
			}
		}
	}
	q.add(c)
}

// verifiesWith says why the signature is not one of a key.
func (q *inquiry) verifiesWith(key *jwk.Key) error {
	algorithm, err := jwk.ParseAlgorithm(q.header.text("alg"))
	if err != nil {
		return err
	}
	return key.Verify(algorithm, []byte(q.parts[0].text+"."+q.parts[1].text), q.parts[2].decoded)
}

func knownAlgorithms() string {
	var names []string
	for _, algorithm := range jwk.Algorithms() {
		names = append(names, string(algorithm))
	}
	return strings.Join(names, ", ")
}

// oneLine keeps a message on its line.
func oneLine(message string) string { return strings.Join(strings.Fields(message), " ") }
