package jwk_test

import (
	"encoding/json"
	"encoding/pem"
	"errors"
	"testing"

	"github.com/jetonauth/jeton/jwk"
)

// The sample secret of RFC 7515, appendix A.1.
const rfc7515Secret = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"

const (
	rfc7515A3 = `{"kty":"EC", "crv":"P-256",
		"x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
		"y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
		"d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"}`
	rfc7515A4 = `{"kty":"EC", "crv":"P-521",
		"x":"AekpBQ8ST8a8VcfVOTNl353vSrDCLLJXmPk06wTjxrrjcBpXp5EOnYG_NjFZ6OvLFV1jSfS9tsz4qUxcWceqwQGk",
		"y":"ADSmRA43Z1DSNx_RvcLI87cdL07l6jQyyBXMoxVg_l2Th-x3S1WDhjDly79ajL4Kkd0AZMaZmh9ubmf63e3kyMj2",
		"d":"AY5pb7A0UFiB3RELSD64fTLOSV_jazdF7fLYyuTw8lOfRhWg6Y6rUrPAxerEzgdRhajnu0ferB0d53vM9mE15j2C"}`
	rfc8037A1 = `{"kty":"OKP","crv":"Ed25519",
		"d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
		"x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}`
	rfc8037A2 = `{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}`

	// The claims of RFC 7515, appendices A.1 to A.3, as they are signed.
	joe = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
)

func TestRFC7515(t *testing.T) {
	t.Parallel()
	_, err := jwk.Parse([]byte(`{"kty":"oct","alg":"HS256","k":"` + rfc7515Secret + `"}`))
	wantError(t, err, jwk.ErrWeakKey) // A.1 is known to everybody

	tests := []struct {
		name           string
		key            string
		alg, signs     jwk.Algorithm // what the key names, and what is verified
		input          string
		signature      string
		deterministic  bool
		wantThumbprint string
	}{
		{
			name: "A.2", key: string(testdata(t, "rfc7515-a2.json")), signs: jwk.RS256,
			input: "eyJhbGciOiJSUzI1NiJ9." + joe,
			signature: "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujG" +
				"bds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0Gar" +
				"ZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs" +
				"98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw",
		},
		{
			name: "A.3", key: rfc7515A3, alg: jwk.ES256, signs: jwk.ES256,
			input:     "eyJhbGciOiJFUzI1NiJ9." + joe,
			signature: "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q",
		},
		{
			name: "A.4", key: rfc7515A4, alg: jwk.ES512, signs: jwk.ES512,
			input: "eyJhbGciOiJFUzUxMiJ9.UGF5bG9hZA",
			signature: "AdwMgeerwtHoh-l192l60hp9wAHZFVJbLfD_UxMi70cwnZOYaRI1bKPWROc-mZZqwqT2SI-KGDKB34XO0aw_7XdtAG8GaSwFKdCA" +
				"PZgoXD2YBJZCPEX3xKpRwcdOO8KpEHwJjyqOgzDO7iKvU8vcnwNrmxYbSW9ERBXukOXolLzeO_Jn",
		},
		{
			name: "RFC 8037, A.4", key: rfc8037A1, alg: jwk.EdDSA, signs: jwk.EdDSA, deterministic: true,
			input:          "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc",
			signature:      "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg",
			wantThumbprint: "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			k := parse(t, tt.key)
			if k.Algorithm() != tt.alg || !k.CanSign() {
				t.Errorf("%s, CanSign %v", k, k.CanSign())
			}
			signature := decode(t, tt.signature)
			for _, v := range []*jwk.Key{k, k.Public()} {
				if err := v.Verify(tt.signs, []byte(tt.input), signature); err != nil {
					t.Error(err)
				}
			}
			if tt.deterministic && string(sign(t, k, []byte(tt.input))) != string(signature) {
				t.Error("another signature than the RFC's")
			}
			if tt.wantThumbprint != "" && k.ID() != tt.wantThumbprint {
				t.Errorf("id %s, want %s", k.ID(), tt.wantThumbprint)
			}
		})
	}
}

// RFC 7515, appendix A.5, is the unsecured JWS, for which there is no key here, and no algorithm.
func TestRFC7515Unsecured(t *testing.T) {
	t.Parallel()
	for _, alg := range jwk.Algorithms() {
		wantError(t, generate(t, alg).Verify("none", []byte("eyJhbGciOiJub25lIn0."+joe), nil), jwk.ErrAlgorithm)
	}
	_, err := jwk.Parse([]byte(`{"kty":"oct","alg":"none","k":"` + rfc7515Secret + `"}`))
	wantError(t, err, jwk.ErrUnsupported)
}

// The sets of RFC 7517, appendices A.1 and A.2, hold a key for encryption beside the one that signs.
func TestRFC7517(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"rfc7517-a1.json", "rfc7517-a2.json"} {
		data := testdata(t, name)
		_, err := jwk.ParseSet(data)
		wantError(t, err, jwk.ErrUnsupported)

		set, skipped, err := jwk.ParsePublicSet(data)
		if err != nil || set.Len() != 1 || len(skipped) != 1 || !errors.Is(skipped[0], jwk.ErrUnsupported) {
			t.Fatalf("%s: %v, skipped %v, %v", name, set, skipped, err)
		}
		k, ok := set.Find("2011-04-29")
		if !ok || k.Algorithm() != jwk.RS256 || k.CanSign() {
			t.Errorf("%s: found %s, CanSign %v", name, k, ok && k.CanSign())
		}
		// RFC 7638, section 3.1 has the thumbprint of this key.
		if thumbprint, err := k.Thumbprint(); err != nil || thumbprint != "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs" {
			t.Errorf("%s: thumbprint %s, %v", name, thumbprint, err)
		}
	}
}

// TestRFC7517Secrets has the set of appendix A.3: a secret for encryption, and one that names no algorithm.
func TestRFC7517Secrets(t *testing.T) {
	t.Parallel()
	const (
		wrapping = `{"kty":"oct","alg":"A128KW","k":"GawgguFyGrWKav7AX4VKUg"}`
		signing  = `{"kty":"oct","k":"` + rfc7515Secret + `","kid":"HMAC key used in JWS spec Appendix A.1 example"}`
	)
	_, err := jwk.ParseSet(setJSON(wrapping, signing))
	wantError(t, err, jwk.ErrUnsupported)
	_, err = jwk.ParseSet(setJSON(signing))
	wantError(t, err, jwk.ErrInvalidKey)
	set, skipped, err := jwk.ParsePublicSet(setJSON(wrapping, signing))
	if err != nil || set.Len() != 0 || len(skipped) != 2 {
		t.Errorf("%v, skipped %v, %v", set, skipped, err)
	}
}

// TestRFC7517Section3 has the public key of RFC 7515, appendix A.3, under a name.
func TestRFC7517Section3(t *testing.T) {
	t.Parallel()
	k := parse(t, `{"kty":"EC",
		"crv":"P-256",
		"x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
		"y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
		"kid":"Public key used in JWS spec Appendix A.3 example"
	}`)
	if k.ID() != "Public key used in JWS spec Appendix A.3 example" || k.CanSign() || k.Algorithm() != jwk.ES256 {
		t.Errorf("%s, CanSign %v", k, k.CanSign())
	}
	if private := parse(t, rfc7515A3); thumbprintOf(t, k) != private.ID() {
		t.Errorf("it is not the public part of %s", private)
	}
}

// TestRFC7517AppendixB has a key with a certificate, which is not read: it is the same key's.
func TestRFC7517AppendixB(t *testing.T) {
	t.Parallel()
	data := testdata(t, "rfc7517-b.json")
	k := parse(t, string(data))
	if k.ID() != "1b94c" || k.CanSign() || k.Algorithm() != "" {
		t.Errorf("%s, CanSign %v", k, k.CanSign())
	}
	var chain struct{ X5c [][]byte }
	if err := json.Unmarshal(data, &chain); err != nil || len(chain.X5c) != 1 {
		t.Fatal(chain, err)
	}
	certificate, err := jwk.ParsePEM(jwk.RS256, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: chain.X5c[0]}))
	if err != nil {
		t.Fatal(err)
	}
	if thumbprintOf(t, certificate) != thumbprintOf(t, k) {
		t.Errorf("the certificate has %s, the JWK %s", certificate, k)
	}
}

func TestRFC8037Public(t *testing.T) {
	t.Parallel()
	k := parse(t, rfc8037A2)
	if k.CanSign() || k.ID() != parse(t, rfc8037A1).ID() {
		t.Errorf("%s, CanSign %v", k, k.CanSign())
	}
}

// The keys of RFC 8037, appendices A.6 and A.7, are for key agreement.
func TestRFC8037Agreement(t *testing.T) {
	t.Parallel()
	for _, key := range []string{
		`{"kty":"OKP","crv":"X25519","kid":"Bob","x":"3p7bfXt9wbTTW2HC7OQ1Nz-DQ8hbeGdNrfx-FG-IK08"}`,
		`{"kty":"OKP","crv":"X448","kid":"Dave","x":"PreoKbDNIPW8_AtZm2_sz22kYnEHvbDU80W0MCfYuXL8PjT7QjKhPKcG3LV67D2uB73BxnvzNgk"}`,
	} {
		_, err := jwk.Parse([]byte(key))
		wantError(t, err, jwk.ErrUnsupported)
	}
}
