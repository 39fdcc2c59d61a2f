package jwk_test

import (
	"testing"

	"github.com/jetonauth/jeton/jwk"
)

// rereads fails unless k can be written and read again as the same key.
func rereads(t *testing.T, k *jwk.Key) {
	t.Helper()
	if k.CanSign() || k.Algorithm().Symmetric() {
		data, err := k.MarshalPrivateJWK()
		if err != nil {
			t.Fatalf("%s cannot be written: %v", k, err)
		}
		again, err := jwk.Parse(data)
		if err != nil {
			t.Fatalf("what was written is refused: %v", err)
		}
		sameKey(t, k, again)
	}
	public := k.Public()
	if public == nil {
		return
	}
	data, err := public.MarshalJSON()
	if err != nil {
		t.Fatalf("%s cannot be written: %v", public, err)
	}
	again, err := jwk.Parse(data)
	if err != nil {
		t.Fatalf("what was written is refused: %v\n%s", err, data)
	}
	sameKey(t, public, again)
	data, err = public.MarshalPublicPEM()
	if err != nil {
		t.Fatalf("%s cannot be written as PEM: %v", public, err)
	}
	if k.Algorithm() == "" {
		return
	}
	if again, err = jwk.ParsePEM(k.Algorithm(), data); err != nil {
		t.Fatalf("what was written is refused: %v\n%s", err, data)
	}
	if thumbprintOf(t, again) != thumbprintOf(t, public) {
		t.Fatalf("%s was read back as %s", public, again)
	}
}

func sameKey(t *testing.T, a, b *jwk.Key) {
	t.Helper()
	if a.ID() != b.ID() || a.Algorithm() != b.Algorithm() || a.CanSign() != b.CanSign() {
		t.Fatalf("%s was read back as %s", a, b)
	}
	if !a.Algorithm().Symmetric() && thumbprintOf(t, a) != thumbprintOf(t, b) {
		t.Fatalf("%s was read back with another thumbprint", a)
	}
}

func thumbprintOf(t *testing.T, k *jwk.Key) string {
	t.Helper()
	thumbprint, err := k.Thumbprint()
	if err != nil {
		t.Fatal(err)
	}
	return thumbprint
}

func addKeys(f *testing.F) {
	f.Helper()
	for _, alg := range jwk.Algorithms() {
		f.Add(privateJWK(f, generate(f, alg)))
		if !alg.Symmetric() {
			f.Add(publicJWK(f, generate(f, alg)))
		}
	}
	for _, key := range []string{rfc7515A3, rfc7515A4, rfc8037A1, rfc8037A2, "{}", "null", `{"kty":"EC"}`} {
		f.Add([]byte(key))
	}
	f.Add(testdata(f, "rfc7515-a2.json"))
}

func FuzzParse(f *testing.F) {
	addKeys(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		k, err := jwk.Parse(data)
		if (k == nil) != (err != nil) {
			t.Fatalf("%v, %v", k, err)
		}
		if err == nil {
			rereads(t, k)
		}
	})
}

func addSets(f *testing.F) {
	f.Helper()
	f.Add(testdata(f, "rfc7517-a1.json"))
	f.Add(testdata(f, "rfc7517-a2.json"))
	f.Add(setJSON(rfc7515A3, rfc8037A2))
	f.Add(setJSON(string(privateJWK(f, generate(f, jwk.HS256)))))
	f.Add(setJSON(rfc7515A3, string(privateJWK(f, generate(f, jwk.HS256)))))
	f.Add([]byte(`{"keys":[]}`))
	f.Add([]byte(`{"keys":[{"kty":"oct","alg":"HS256"},{"kty":"EC"},{"kty":"RSA"},1,null]}`))
}

func FuzzParseSet(f *testing.F) {
	addSets(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := jwk.ParseSet(data)
		if (s == nil) != (err != nil) {
			t.Fatalf("%v, %v", s, err)
		}
		if err != nil {
			return
		}
		for k := range s.All() {
			rereads(t, k)
		}
		rereadsSet(t, s)
	})
}

func FuzzParsePublicSet(f *testing.F) {
	addSets(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		s, skipped, err := jwk.ParsePublicSet(data)
		if (s == nil) != (err != nil) || err != nil && skipped != nil {
			t.Fatalf("%v, %v, %v", s, skipped, err)
		}
		if err != nil {
			return
		}
		for k := range s.All() {
			if k.CanSign() || k.Algorithm().Symmetric() {
				t.Fatalf("%s in a public set", k)
			}
		}
		rereadsSet(t, s)
	})
}

// rereadsSet fails unless the public part of s can be published and read again.
func rereadsSet(t *testing.T, s *jwk.Set) {
	t.Helper()
	data, err := s.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	again, err := jwk.ParseSet(data)
	if err != nil || again.Len() != s.Public().Len() {
		t.Fatalf("%s was read back as %v, %v", s, again, err)
	}
	for k := range s.Public().All() {
		found, ok := again.Find(k.ID())
		if !ok {
			t.Fatalf("%s was lost", k)
		}
		sameKey(t, k, found)
	}
}

func FuzzParsePEM(f *testing.F) {
	for _, alg := range asymmetric() {
		private, err := generate(f, alg).MarshalPrivatePEM()
		if err != nil {
			f.Fatal(err)
		}
		public, err := generate(f, alg).MarshalPublicPEM()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(alg), private)
		f.Add(string(alg), public)
	}
	f.Add("ES256", []byte("-----BEGIN EC PARAMETERS-----\n-----END EC PARAMETERS-----\n"))
	f.Add("none", []byte("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"))
	f.Fuzz(func(t *testing.T, alg string, data []byte) {
		k, err := jwk.ParsePEM(jwk.Algorithm(alg), data)
		if (k == nil) != (err != nil) {
			t.Fatalf("%v, %v", k, err)
		}
		if err == nil {
			rereads(t, k)
		}
	})
}
