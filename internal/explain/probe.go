package explain

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"time"

	"github.com/jetonauth/jeton/internal/strictjson"
	"github.com/jetonauth/jeton/jwk"
	"github.com/jetonauth/jeton/jwt"
)

// prober asks the verifier of package jwt about single members of a token, by a token of its own that holds nothing else and is
// signed with a key of its own. So that verifier decides, whether or not the real token's signature is good.
type prober struct {
	key  *jwk.Key
	keys *jwk.Set
	now  func() time.Time
}

func newProber(now func() time.Time) (*prober, error) {
	key, err := jwk.Generate(jwk.HS256)
	if err != nil {
		return nil, err
	}
	keys, err := jwk.NewSet(key)
	if err != nil {
		return nil, err
	}
	return &prober{key: key, keys: keys, now: now}, nil
}

// maxSize is the longest token in bytes that is looked into, and the highest that package jwt knows.
const maxSize = 1 << 20

// farAway is an "exp" that is in nobody's way.
const farAway = "253402300799"

// relaxed are rules that accept whatever is in the right form.
func (p *prober) relaxed() jwt.VerifierConfig {
	return jwt.VerifierConfig{AnyIssuer: true, AnyAudience: true, AnyTime: true, MaxSize: maxSize, Now: p.now}
}

// claims has the verifier of rules judge a payload of these members, and an "exp" that is in nobody's way unless it is one of them.
func (p *prober) claims(rules jwt.VerifierConfig, members ...strictjson.Member) (*jwt.Token, error) {
	hasExpiry := false
	for _, m := range members {
		hasExpiry = hasExpiry || m.Name == "exp"
	}
	if !hasExpiry {
		members = append(members, strictjson.Member{Name: "exp", Value: farAway})
	}
	return p.judge(rules, []strictjson.Member{algorithmHS256}, members)
}

// typ has the verifier of rules judge a header with this type, or with none.
func (p *prober) typ(rules jwt.VerifierConfig, typ *strictjson.Member) error {
	header := []strictjson.Member{algorithmHS256}
	if typ != nil {
		header = append(header, *typ)
	}
	_, err := p.judge(rules, header, []strictjson.Member{{Name: "exp", Value: farAway}})
	return err
}

var algorithmHS256 = strictjson.Member{Name: "alg", Value: `"HS256"`} //nolint:gochecknoglobals // never written to

func (p *prober) judge(rules jwt.VerifierConfig, header, claims []strictjson.Member) (*jwt.Token, error) {
	verifier, err := jwt.NewVerifier(rules)
	if err != nil {
		return nil, err
	}
	signed := segment(header...) + "." + segment(claims...)
	signature, err := p.key.Sign([]byte(signed))
	if err != nil {
		return nil, err
	}
	return verifier.Verify(signed+"."+base64.RawURLEncoding.EncodeToString(signature), p.keys)
}

// parameter asks whether a header may have this parameter, beside an algorithm.
func parameter(m strictjson.Member) error {
	header := []strictjson.Member{m}
	if m.Name != "alg" {
		header = append(header, algorithmHS256)
	}
	_, err := jwt.UnverifiedHeader(segment(header...) + "..")
	return err
}

// keyFor asks which key of a set a header means, by a token whose signature is one byte and so never good: the refusal is for a
// key that is not there, for an algorithm that does not suit, or for the signature.
func keyFor(algorithm, keyID *strictjson.Member, keys *jwk.Set, rules jwt.VerifierConfig) (*jwt.Refusal, error) {
	verifier, err := jwt.NewVerifier(rules)
	if err != nil {
		return nil, err
	}
	header := []strictjson.Member{*algorithm}
	if keyID != nil {
		header = append(header, *keyID)
	}
	_, err = verifier.Verify(segment(header...)+"."+segment()+".AA", keys)
	return refusal(err), nil
}

// segment writes members as one part of a token.
func segment(members ...strictjson.Member) string {
	texts := make([]string, len(members))
	for i, m := range members {
		name, err := json.Marshal(m.Name)
		if err != nil {
			continue // cannot be: a string is marshalled in any case
		}
		texts[i] = string(name) + ":" + m.Value
	}
	return base64.RawURLEncoding.EncodeToString([]byte("{" + strings.Join(texts, ",") + "}"))
}
