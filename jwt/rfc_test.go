package jwt

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"testing"
	"time"

	"github.com/jetonauth/jeton/jwk"
)

// The examples of RFC 7515, appendix A.1 to A.4 and C, RFC 7519, sections 3.1 and 6.1 and appendix A.1, and RFC 8037, appendix A.4 and A.5.

// rfcPayload is the payload of A.1 to A.3: "iss":"joe", "exp":1300819380, "http://example.com/is_root":true.
const rfcPayload = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"

var rfcExamples = []struct {
	name, key, token string
	isJWT            bool
}{
	{
		name: "RFC 7515 A.2, RS256",
		key: `{"kty":"RSA","alg":"RS256","e":"AQAB","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJ` +
			`PMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBd` +
			`QOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PA` +
			`cDTW9gb54h4FRWyuXpoQ"}`,
		token: "eyJhbGciOiJSUzI1NiJ9." + rfcPayload +
			".cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKB" +
			"YNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6Bf" +
			"I7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw",
		isJWT: true,
	},
	{
		name: "RFC 7515 A.3, ES256",
		key: `{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",` +
			`"y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}`,
		token: "eyJhbGciOiJFUzI1NiJ9." + rfcPayload +
			".DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q",
		isJWT: true,
	},
	{
		name: "RFC 7515 A.4, ES512",
		key: `{"kty":"EC","crv":"P-521","x":"AekpBQ8ST8a8VcfVOTNl353vSrDCLLJXmPk06wTjxrrjcBpXp5EOnYG_NjFZ6OvLFV1jSfS9tsz4qUxcWceqwQGk",` +
			`"y":"ADSmRA43Z1DSNx_RvcLI87cdL07l6jQyyBXMoxVg_l2Th-x3S1WDhjDly79ajL4Kkd0AZMaZmh9ubmf63e3kyMj2"}`,
		token: "eyJhbGciOiJFUzUxMiJ9.UGF5bG9hZA.AdwMgeerwtHoh-l192l60hp9wAHZFVJbLfD_UxMi70cwnZOYaRI1bKPWROc-mZZqwqT2SI-KGDKB34XO0aw_7XdtAG8" +
			"GaSwFKdCAPZgoXD2YBJZCPEX3xKpRwcdOO8KpEHwJjyqOgzDO7iKvU8vcnwNrmxYbSW9ERBXukOXolLzeO_Jn",
	},
	{
		name: "RFC 8037 A.4 and A.5, EdDSA",
		key:  `{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}`,
		token: "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc." +
			"hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg",
	},
}

func TestRFCExamples(t *testing.T) {
	t.Parallel()
	for _, example := range rfcExamples {
		t.Run(example.name, func(t *testing.T) {
			t.Parallel()
			key, err := jwk.Parse([]byte(example.key))
			if err != nil {
				t.Fatal(err)
			}
			keys, err := jwk.NewSet(key)
			if err != nil {
				t.Fatal(err)
			}
			if _, _, err := authenticate(example.token, keys, &algorithmRule{unnamed: []jwk.Algorithm{jwk.RS256}}, new(knownHeaders), new(scratch)); err != nil {
				t.Fatalf("the signature: %v", err)
			}
			got, err := rfcVerifier(t, time.Unix(1300819379, 0)).Verify(example.token, keys)
			if !example.isJWT {
				if got != nil || !errors.Is(err, ErrMalformed) {
					t.Errorf("a payload that is text: %v, %v", got, err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			checkRFCClaims(t, got)
			if got, err := rfcVerifier(t, time.Unix(1300819380, 0)).Verify(example.token, keys); got != nil || !errors.Is(err, ErrExpired) {
				t.Errorf("at its exp: %v, %v", got, err)
			}
		})
	}
}

func rfcVerifier(t *testing.T, now time.Time) *Verifier {
	t.Helper()
	v, err := NewVerifier(VerifierConfig{Issuer: "joe", AnyAudience: true, Leeway: -1, Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func checkRFCClaims(t *testing.T, got *Token) {
	t.Helper()
	var claims map[string]any
	if err := got.Claims(&claims); err != nil {
		t.Fatal(err)
	}
	if got.Issuer() != "joe" || got.ExpiresAt().Unix() != 1300819380 || claims["http://example.com/is_root"] != true || len(claims) != 3 {
		t.Errorf("claims %v", claims)
	}
}

// TestRFCExampleWithPublishedSecret is RFC 7515, appendix A.1, and RFC 7519, section 3.1. Its secret is printed there, so
// no key can be made of it; the test does the HMAC itself.
func TestRFCExampleWithPublishedSecret(t *testing.T) {
	t.Parallel()
	const token = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9." + rfcPayload + ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
	secret, err := base64.RawURLEncoding.DecodeString("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := jwk.FromSecret(jwk.HS256, secret); !errors.Is(err, jwk.ErrWeakKey) {
		t.Errorf("a published secret makes a key: %v", err)
	}
	p, err := split(token)
	if err != nil {
		t.Fatal(err)
	}
	header, err := decodeHeader(p.header)
	if err != nil || header.Header != (Header{Algorithm: jwk.HS256, Type: "JWT"}) {
		t.Errorf("header %+v, %v", header, err)
	}
	if !hmacVerifies(t, secret, p) {
		t.Error("the signature does not verify")
	}
	got, err := decodeClaims(&header, p.payload, new(scratch))
	if err != nil {
		t.Fatal(err)
	}
	checkRFCClaims(t, got)
}

// hmacVerifies checks an HS256 signature with a secret that the jwk package refuses.
func hmacVerifies(t *testing.T, secret []byte, p parts) bool {
	t.Helper()
	signature, err := decodeSegment(p.signature)
	if err != nil {
		return false
	}
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(p.signed))
	return hmac.Equal(mac.Sum(nil), signature)
}

// TestRFC7515AppendixC is the example of base64url.
func TestRFC7515AppendixC(t *testing.T) {
	t.Parallel()
	octets := []byte{3, 236, 255, 224, 193}
	if got := string(appendEncoded(nil, octets)); got != "A-z_4ME" {
		t.Errorf("encoded as %s", got)
	}
	if got, err := decodeSegment("A-z_4ME"); err != nil || !bytes.Equal(got, octets) {
		t.Errorf("decoded as %v, %v", got, err)
	}
}

// TestRFCExamplesThatAreNotRead are the unsecured token of RFC 7519, section 6.1, and the encrypted one of its appendix A.1.
func TestRFCExamplesThatAreNotRead(t *testing.T) {
	t.Parallel()
	key, err := jwk.Generate(jwk.ES256)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := jwk.NewSet(key)
	if err != nil {
		t.Fatal(err)
	}
	v := rfcVerifier(t, time.Unix(1300819379, 0))
	for token, want := range map[string]Reason{
		"eyJhbGciOiJub25lIn0." + rfcPayload + ".": ErrUnsupportedAlgorithm,
		"eyJhbGciOiJSU0ExXzUiLCJlbmMiOiJBMTI4Q0JDLUhTMjU2In0." +
			"QR1Owv2ug2WyPBnbQrRARTeEk9kDO2w8qDcjiHnSJflSdv1iNqhWXaKH4MqAkQtMoNfABIPJaZm0HaA415sv3aeuBWnD8J-Ui7Ah6cWafs3ZwwFKDFUUsWHSK-IPKxLG" +
			"TkND09XyjORj_CHAgOPJ-Sd8ONQRnJvWn_hXV1BNMHzUjPyYwEsRhDhzjAD26imasOTsgruobpYGoQcXUwFDn7moXPRfDE8-NoQX7N7ZYMmpUDkR-Cx9obNGwJQ3nM52" +
			"YCitxoQVPzjbl7WBuB7AohdBoZOdZ24WlN1lVIeh8v1K4krB8xgKvRU8kgFrEn_a1rZgN5TiysnmzTROF869lQ." +
			"AxY8DCtDaGlsbGljb3RoZQ.MKOle7UQrG6nSxTLX6Mqwt0orbHvAKeWnDYvpIAeZ72deHxz3roJDXQyhxx0wKaMHDjUEOKIwrtkHthpqEanSBNYHZgmNOV7sln1Eu9g3J8." +
			"fiK51VwhsxJ-siBMR-YFiA": ErrMalformed,
	} {
		if got, err := v.Verify(token, keys); got != nil || !errors.Is(err, want) {
			t.Errorf("%.40s…: %v, %v; want %v", token, got, err, want)
		}
	}
}
