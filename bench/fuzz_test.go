package bench_test

import (
	"errors"
	"reflect"
	"slices"
	"testing"

	"github.com/jetonauth/jeton/jwt"
)

// FuzzVerifyAgainstOthers makes tokens of fuzzed texts, most of them with a good signature, and has them judged by jeton, golang-jwt
// and go-jose. What jeton accepts, the others accept too, and read the same in it, but for their [limits]. What jeton refuses and one
// of them accepts, breaks one of jeton's [strictnesses]. And jeton's answer is the same however the header is spelled,
// whatever the verifier has seen before, and with a cache of tokens.
func FuzzVerifyAgainstOthers(f *testing.F) {
	c := newCourt(f)
	good := []sample{
		inPayload(""),
		{header: goodHeader, payload: goodPayload},
		{header: goodHeader, payload: goodPayload, mode: twoKeys},
		{header: `{"alg":"HS256"}`, payload: `{"exp":1800000900}`, mode: open},
		{header: `{ "typ":"JWT","alg":"HS256" }`, payload: ` {"exp":18.000009e8,"nbf":1800000030,"aud":["a","\u006eotes"]}` + "\n", mode: open},
		{header: encode(goodHeader), payload: encode(goodPayload), mode: segments},
		{header: encode(goodHeader), payload: encode(goodPayload), tail: "c2ln", mode: raw},
		{tail: ".", mode: tampered | insertHeader | insertPayload},
		{header: `{"alg":"none"}`, payload: goodPayload},
		{header: `{"payload":"x","protected":"y","signature":"z"}`, mode: raw},
		inPayload(`"scope":"read write","roles":["a"],"x":{"a":[1.5e-7,true,null,{"b":"\ud83d\ude00\/"}]}`),
		inHeader(`"cty":"JWT","jku":"https://x.example","b64":true`),
	}
	for _, s := range strictnesses() {
		good = append(good, s.samples...)
	}
	for _, l := range limits() {
		good = append(good, l.samples...)
	}
	for _, x := range good {
		f.Add(x.header, x.payload, x.tail, byte(x.mode))
	}
	f.Fuzz(func(t *testing.T, header, payload, tail string, bits byte) {
		_ = c.judge(t, sample{header, payload, tail, mode(bits)})
	})
}

// judge compares what everybody says about a token, and returns jeton's refusal, if any.
func (c *court) judge(t *testing.T, x sample) error {
	t.Helper()
	token := c.token(t, x.header, x.payload, x.tail, x.mode)
	own := c.jeton(t, token, x.mode)
	others := c.others(token, x.mode)
	if own.err == nil {
		checkAccepted(t, newFuzzed(token, x.mode), own, others)
	} else {
		checkRefused(t, newFuzzed(token, x.mode), own, others)
	}
	c.checkExperienced(t, token, x.mode, own)
	if x.mode&forms == 0 {
		c.checkRespelled(t, x, own)
		c.checkCached(t, token)
	}
	return own.err
}

// checkAccepted compares what the others say about a token that jeton accepts.
func checkAccepted(t *testing.T, f fuzzed, own judgement, others []judgement) {
	t.Helper()
	for _, other := range others {
		known := slices.ContainsFunc(limits(), func(l limit) bool { return l.library(other.library) && l.holds(f) })
		switch {
		case known:
		case other.err != nil:
			t.Errorf("jeton accepts what %s refuses: %v\n%s\n%s\n%s", other.library, other.err, f.header.text, f.payload.text, f.token)
		case !own.claims.equal(other.claims):
			t.Errorf("jeton reads %+v, %s reads %+v in\n%s", own.claims, other.library, other.claims, f.payload.text)
		case other.all != nil && !reflect.DeepEqual(own.all, other.all):
			t.Errorf("jeton reads %v, %s reads %v in\n%s", own.all, other.library, other.all, f.payload.text)
		}
	}
}

// checkRefused looks for the rule that is why jeton alone refuses a token.
func checkRefused(t *testing.T, f fuzzed, own judgement, others []judgement) {
	t.Helper()
	explained := slices.ContainsFunc(strictnesses(), func(s strictness) bool { return s.explains(f, own.err) })
	for _, other := range others {
		if other.err == nil && !explained {
			t.Errorf("jeton refuses what %s accepts: %v\n%s\n%s\n%s", other.library, own.err, f.header.text, f.payload.text, f.token)
		}
	}
}

// checkExperienced compares with a verifier that has seen other tokens and keys: what it remembers of them must not show.
func (c *court) checkExperienced(t *testing.T, token string, m mode, own judgement) {
	t.Helper()
	if other := c.experienced(t, token, m); !same(own, other) {
		t.Errorf("a new verifier answers %v, %+v and an old one %v, %+v to %s", own.err, own.claims, other.err, other.claims, token)
	}
}

// checkRespelled compares with the same header, spelled with white space.
func (c *court) checkRespelled(t *testing.T, x sample, own judgement) {
	t.Helper()
	header := insertIf(x.mode, insertHeader, goodHeader, x.header)
	token := c.token(t, header+" ", x.payload, "", x.mode&^insertHeader)
	if len(token) > jwt.DefaultMaxSize {
		return
	}
	again := c.jeton(t, token, x.mode)
	if !same(own, again) {
		t.Errorf("jeton answers %v, %+v to a header and %v, %+v to it with white space\n%s\n%s",
			own.err, own.claims, again.err, again.claims, header, x.payload)
	}
}

// same says whether two of jeton's answers are one.
func same(a, b judgement) bool {
	return sameRefusal(a.err, b.err) && reflect.DeepEqual(a.claims, b.claims) && reflect.DeepEqual(a.all, b.all)
}

func sameRefusal(a, b error) bool {
	first, ok := errors.AsType[*jwt.Refusal](a)
	second, alsoOK := errors.AsType[*jwt.Refusal](b)
	if !ok || !alsoOK {
		return ok == alsoOK
	}
	return first.Reason == second.Reason && first.Claim == second.Claim
}
