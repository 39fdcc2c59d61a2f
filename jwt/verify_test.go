package jwt_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jetonauth/jeton/jwk"
	"github.com/jetonauth/jeton/jwt"
)

func TestSignAndVerifyWithEveryAlgorithm(t *testing.T) {
	t.Parallel()
	claims := jwt.Claims{
		Issuer:    issuer,
		Subject:   "42",
		Audience:  []string{"other", audience},
		ExpiresAt: noon.Add(time.Minute),
		NotBefore: noon.Add(-time.Minute),
		IssuedAt:  noon,
		ID:        "id-1",
		Extra:     map[string]any{"scope": "read write", "roles": []string{"admin"}},
	}
	for _, algorithm := range jwk.Algorithms() {
		t.Run(string(algorithm), func(t *testing.T) {
			t.Parallel()
			k := key(t, algorithm)
			token := sign(t, k, "at+jwt", claims)
			verifying := k
			if !algorithm.Symmetric() {
				verifying = k.Public()
			}
			got := verify(t, newVerifier(t, strictConfig()), token, verifying)
			want := jwt.Header{Algorithm: algorithm, KeyID: k.ID(), Type: "at+jwt"}
			if got.Header() != want {
				t.Errorf("header %+v, want %+v", got.Header(), want)
			}
			unverified, err := jwt.UnverifiedHeader(token)
			if err != nil || unverified != want {
				t.Errorf("unverified header %+v, %v, want %+v", unverified, err, want)
			}
			checkClaims(t, got, claims)
			other := newVerifier(t, strictConfig())
			refused(t, other, token, newSet(t, newKey(t, algorithm)), jwt.ErrUnknownKey)
		})
	}
}

func checkClaims(t *testing.T, got *jwt.Token, want jwt.Claims) {
	t.Helper()
	if got.Issuer() != want.Issuer || got.Subject() != want.Subject || got.ID() != want.ID {
		t.Errorf("iss %q, sub %q, jti %q, want %q, %q, %q", got.Issuer(), got.Subject(), got.ID(), want.Issuer, want.Subject, want.ID)
	}
	if fmt.Sprint(got.Audience()) != fmt.Sprint(want.Audience) {
		t.Errorf("aud %q, want %q", got.Audience(), want.Audience)
	}
	if !got.ExpiresAt().Equal(want.ExpiresAt) || !got.NotBefore().Equal(want.NotBefore) || !got.IssuedAt().Equal(want.IssuedAt) {
		t.Errorf("exp %v, nbf %v, iat %v, want %v, %v, %v",
			got.ExpiresAt(), got.NotBefore(), got.IssuedAt(), want.ExpiresAt, want.NotBefore, want.IssuedAt)
	}
}

// TestEveryReason has a token for each reason, so that none is dead, except the one that only callers give.
func TestEveryReason(t *testing.T) {
	t.Parallel()
	k := key(t, jwk.ES256)
	header := fmt.Sprintf(`{"alg":"ES256","kid":%q}`, k.ID())
	good := forge(t, k, header, goodPayload)
	tests := map[jwt.Reason]string{
		jwt.ErrMalformed:            "not a token",
		jwt.ErrUnsupportedAlgorithm: forge(t, k, strings.Replace(header, "ES256", "RS256", 1), goodPayload),
		jwt.ErrUnknownKey:           forge(t, k, `{"alg":"ES256","kid":"other"}`, goodPayload),
		jwt.ErrBadSignature:         good[:strings.LastIndexByte(good, '.')+1] + encode(make([]byte, 64)),
		jwt.ErrExpired:              forge(t, k, header, `{"iss":"https://issuer.example","aud":"api","exp":1767300000}`),
		jwt.ErrNotYetValid:          forge(t, k, header, `{"iss":"https://issuer.example","aud":"api","exp":1767358800,"nbf":1767358000}`),
		jwt.ErrWrongAudience:        forge(t, k, header, `{"iss":"https://issuer.example","exp":1767358800}`),
		jwt.ErrWrongIssuer:          forge(t, k, header, `{"aud":"api","exp":1767358800}`),
		jwt.ErrWrongType:            forge(t, k, strings.Replace(header, "}", `,"typ":"id_token"}`, 1), goodPayload),
		jwt.ErrMissingClaim:         forge(t, k, header, `{"iss":"https://issuer.example","aud":"api"}`),
	}
	keys := newSet(t, k.Public())
	v := newVerifier(t, strictConfig())
	if _, err := v.Verify(good, keys); err != nil {
		t.Fatalf("the token that the others derive from: %v", err)
	}
	for reason, token := range tests {
		refusal := refused(t, v, token, keys, reason)
		if refusal.Reason != reason {
			t.Errorf("%s: the refusal's reason is %s", reason, refusal.Reason)
		}
		t.Log(refusal)
	}
}

func TestFindingTheKey(t *testing.T) {
	t.Parallel()
	a, b := newKey(t, jwk.HS256), newKey(t, jwk.HS256)
	c := newKey(t, jwk.HS512)
	withID := func(k *jwk.Key, id string) string {
		return fmt.Sprintf(`{"alg":%q,"kid":%q}`, k.Algorithm(), id)
	}
	tests := []struct {
		name   string
		header string
		signer *jwk.Key
		keys   *jwk.Set
		want   jwt.Reason
	}{
		{"by id", withID(a, a.ID()), a, newSet(t, b, c, a), ""},
		{"id of another key", withID(a, b.ID()), a, newSet(t, a, b), jwt.ErrBadSignature},
		{"id of a key for another algorithm", withID(a, c.ID()), a, newSet(t, a, c), jwt.ErrUnsupportedAlgorithm},
		{"unknown id, one suitable key", withID(a, "other"), a, newSet(t, a), jwt.ErrUnknownKey},
		{"empty id, one suitable key", withID(a, ""), a, newSet(t, a), jwt.ErrUnknownKey},
		{"no id, one key", `{"alg":"HS256"}`, a, newSet(t, a), ""},
		{"no id, one suitable key", `{"alg":"HS256"}`, a, newSet(t, c, a), ""},
		{"no id, two suitable keys", `{"alg":"HS256"}`, a, newSet(t, a, b), jwt.ErrUnknownKey},
		{"no id, no suitable key", `{"alg":"HS384"}`, a, newSet(t, a, c), jwt.ErrUnknownKey},
		{"no set", withID(a, a.ID()), a, nil, jwt.ErrUnknownKey},
		{"no set, no id", `{"alg":"HS256"}`, a, nil, jwt.ErrUnknownKey},
		{"empty set", withID(a, a.ID()), a, newSet(t), jwt.ErrUnknownKey},
		{"empty set, no id", `{"alg":"HS256"}`, a, newSet(t), jwt.ErrUnknownKey},
	}
	v := newVerifier(t, strictConfig())
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			token := forge(t, test.signer, test.header, goodPayload)
			got, err := v.Verify(token, test.keys)
			if test.want == "" {
				if err != nil || got == nil {
					t.Error(err)
				}
				return
			}
			wantRefusal(t, err, got, test.want, token)
		})
	}
}

func TestUnknownKeyNamesTheID(t *testing.T) {
	t.Parallel()
	k := key(t, jwk.HS256)
	for _, id := range []string{"next-key", strings.Repeat("k", 256)} {
		token := forge(t, k, fmt.Sprintf(`{"alg":"HS256","kid":%q}`, id), goodPayload)
		refusal := refused(t, newVerifier(t, strictConfig()), token, newSet(t, k), jwt.ErrUnknownKey)
		if refusal.Claim != "kid" || refusal.Got != id {
			t.Errorf("the refusal has %q %q, want kid %q", refusal.Claim, refusal.Got, id)
		}
	}
}

func TestAcceptedAlgorithms(t *testing.T) {
	t.Parallel()
	rs256, es256, eddsa := key(t, jwk.RS256), key(t, jwk.ES256), key(t, jwk.EdDSA)
	bare := withoutAlgorithm(t, rs256)
	sameKey := func(algorithm jwk.Algorithm) *jwk.Key { return sameRSA(t, rs256, algorithm) }
	tests := []struct {
		name   string
		listed []jwk.Algorithm
		header string
		signer *jwk.Key
		key    *jwk.Key
		want   jwt.Reason
	}{
		{"the key's", nil, `{"alg":"ES256"}`, es256, es256, ""},
		{"listed", []jwk.Algorithm{jwk.RS256, jwk.ES256}, `{"alg":"ES256"}`, es256, es256, ""},
		{"not listed", []jwk.Algorithm{jwk.RS256}, `{"alg":"ES256"}`, es256, es256, jwt.ErrUnsupportedAlgorithm},
		{"EdDSA", nil, `{"alg":"EdDSA"}`, eddsa, eddsa, ""},
		{"Ed25519", nil, `{"alg":"Ed25519"}`, eddsa, eddsa, ""},
		{"Ed25519 listed by its other name", []jwk.Algorithm{"Ed25519"}, `{"alg":"EdDSA"}`, eddsa, eddsa, ""},
		{"Ed448", nil, `{"alg":"Ed448"}`, eddsa, eddsa, jwt.ErrUnsupportedAlgorithm},
		{"lower case", nil, `{"alg":"es256"}`, es256, es256, jwt.ErrUnsupportedAlgorithm},
		{"empty", nil, `{"alg":""}`, es256, es256, jwt.ErrUnsupportedAlgorithm},
		{"unnamed RSA, default", nil, `{"alg":"RS256"}`, rs256, bare, ""},
		{"unnamed RSA, not the default", nil, `{"alg":"PS256"}`, sameKey(jwk.PS256), bare, jwt.ErrUnsupportedAlgorithm},
		{"unnamed RSA, listed", []jwk.Algorithm{jwk.PS256, jwk.ES256}, `{"alg":"PS256"}`, sameKey(jwk.PS256), bare, ""},
		{"unnamed RSA, default not listed", []jwk.Algorithm{jwk.PS256}, `{"alg":"RS256"}`, rs256, bare, jwt.ErrUnsupportedAlgorithm},
		{"unnamed RSA, no RSA listed", []jwk.Algorithm{jwk.ES256}, `{"alg":"RS256"}`, rs256, bare, jwt.ErrUnsupportedAlgorithm},
		{"unnamed RSA, ES256", []jwk.Algorithm{jwk.ES256}, fmt.Sprintf(`{"alg":"ES256","kid":%q}`, bare.ID()), es256, bare, jwt.ErrUnsupportedAlgorithm},
		{"unnamed RSA, HS256", []jwk.Algorithm{jwk.HS256}, fmt.Sprintf(`{"alg":"HS256","kid":%q}`, bare.ID()), es256, bare, jwt.ErrUnsupportedAlgorithm},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			cfg := strictConfig()
			cfg.Algorithms = test.listed
			token := forge(t, test.signer, test.header, goodPayload)
			got, err := newVerifier(t, cfg).Verify(token, newSet(t, test.key.Public()))
			if test.want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			wantRefusal(t, err, got, test.want, token)
		})
	}
}

// TestUnnamedKeyDoesNotSuitOtherTypes has a token without "kid", for which an RSA key that names no algorithm is no choice.
func TestUnnamedKeyDoesNotSuitOtherTypes(t *testing.T) {
	t.Parallel()
	k, bare := key(t, jwk.ES256), withoutAlgorithm(t, key(t, jwk.RS256))
	v := newVerifier(t, strictConfig())
	verify(t, v, forge(t, k, `{"alg":"ES256"}`, goodPayload), bare, k.Public())
	verify(t, v, forge(t, key(t, jwk.RS256), `{"alg":"RS256"}`, goodPayload), bare, k.Public())
	both := newSet(t, bare, newKey(t, jwk.RS512).Public())
	refused(t, v, forge(t, key(t, jwk.RS256), `{"alg":"RS512"}`, goodPayload), both, jwt.ErrUnknownKey)
}

// sameRSA returns the private key k for another algorithm.
func sameRSA(t *testing.T, k *jwk.Key, algorithm jwk.Algorithm) *jwk.Key {
	t.Helper()
	text, err := k.MarshalPrivatePEM()
	if err != nil {
		t.Fatal(err)
	}
	same, err := jwk.ParsePEM(algorithm, text)
	if err != nil {
		t.Fatal(err)
	}
	return same
}

func TestAlgorithmRefusalSaysWhich(t *testing.T) {
	t.Parallel()
	k := key(t, jwk.ES256)
	token := forge(t, k, fmt.Sprintf(`{"alg":"none","kid":%q}`, k.ID()), goodPayload)
	refusal := refused(t, newVerifier(t, strictConfig()), token, newSet(t, k.Public()), jwt.ErrUnsupportedAlgorithm)
	if refusal.Claim != "alg" || refusal.Expected != "ES256" || refusal.Got != "none" {
		t.Errorf("got %+v", refusal)
	}
}

func TestZeroVerifierRefuses(t *testing.T) {
	t.Parallel()
	k := key(t, jwk.HS256)
	token := forge(t, k, `{"alg":"HS256"}`, goodPayload)
	refused(t, new(jwt.Verifier), token, newSet(t, k), jwt.ErrMalformed)
}

func TestMaxSize(t *testing.T) {
	t.Parallel()
	k := key(t, jwk.HS256)
	short := sign(t, k, "", jwt.Claims{ExpiresAt: noon})
	for _, limit := range []int{len(short) + 3, jwt.DefaultMaxSize, 1 << 20} {
		cfg := openConfig()
		cfg.MaxSize = limit
		v := newVerifier(t, cfg)
		exact := padTo(t, k, limit)
		if _, err := v.Verify(exact, newSet(t, k)); err != nil {
			t.Errorf("%d bytes of at most %d: %v", len(exact), limit, err)
		}
		longer := padTo(t, k, limit+2)
		refused(t, v, longer, newSet(t, k), jwt.ErrMalformed)
	}
}

// padTo returns a token of about length bytes, at most that many and at least that many less 1.
func padTo(t *testing.T, k *jwk.Key, length int) string {
	t.Helper()
	payload := `{"exp":1767358800}`
	token := forge(t, k, `{"alg":"HS256"}`, payload)
	payload += strings.Repeat(" ", (length-len(token))*3/4)
	for range 4 {
		token = forge(t, k, `{"alg":"HS256"}`, payload)
		if len(token) == length || len(token) == length-1 {
			return token
		}
		if len(token) > length {
			payload = payload[:len(payload)-1]
		} else {
			payload += " "
		}
	}
	t.Fatalf("no token of %d bytes, got %d", length, len(token))
	return ""
}
