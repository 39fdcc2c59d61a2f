package jwk_test

import (
	"bytes"
	"encoding/gob"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/jetonauth/jeton/jwk"
)

// privateTraces are the forms in which the private part of k could be recognized.
func privateTraces(t *testing.T, k *jwk.Key) []string {
	t.Helper()
	data := privateJWK(t, k)
	var members map[string]any
	if err := json.Unmarshal(data, &members); err != nil {
		t.Fatal(err)
	}
	var traces []string
	for _, name := range []string{"k", "d", "p", "q", "dp", "dq", "qi"} {
		value, ok := members[name].(string)
		if !ok {
			continue
		}
		raw := decode(t, value)
		decimals := strings.Trim(fmt.Sprintf("%d", raw[:8]), "[]")
		traces = append(traces, value[:12], hex.EncodeToString(raw[:8]), strings.ToUpper(hex.EncodeToString(raw[:8])),
			string(raw[:8]), decimals, strings.ReplaceAll(decimals, " ", ", "), strings.Trim(fmt.Sprintf("%q", raw[:8]), `"`))
	}
	if len(traces) == 0 {
		t.Fatalf("no private part in %s", data)
	}
	return traces
}

func TestNothingPrintsThePrivatePart(t *testing.T) {
	t.Parallel()
	type holder struct {
		Key    *jwk.Key
		Value  jwk.Key
		hidden *jwk.Key
		value  jwk.Key
		Set    *jwk.Set
		set    jwk.Set
		Source jwk.Source
		Any    any
	}
	for _, alg := range jwk.Algorithms() {
		t.Run(string(alg), func(t *testing.T) {
			t.Parallel()
			k := generate(t, alg)
			set := newSet(t, k)
			source := jwk.Static(k)
			var out bytes.Buffer
			values := []any{
				k, *k, &k, set, *set, source,
				[]*jwk.Key{k},
				[]jwk.Key{*k},
				map[string]*jwk.Key{"k": k},
				holder{k, *k, k, *k, set, *set, source, k},
				&holder{k, *k, k, *k, set, *set, source, *k},
			}
			for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%T", "%+q", "%# x", "%10.3v", "%b"} {
				for _, value := range values {
					fmt.Fprintf(&out, verb+"\n", value)
				}
			}
			logged := slog.New(slog.NewTextHandler(&out, nil))
			logged.Info("text", "key", k, "value", *k, "set", set, "keys", []*jwk.Key{k}, "holder", values[len(values)-1])
			slog.New(slog.NewJSONHandler(&out, nil)).Info("json", "key", k, "value", *k, "set", set, "keys", []*jwk.Key{k})
			for _, value := range values {
				data, err := json.Marshal(value)
				fmt.Fprintln(&out, string(data), err)
				fmt.Fprintln(&out, gob.NewEncoder(&out).Encode(value))
			}
			fmt.Fprintln(&out, k.Verify("none", nil, nil))
			for _, trace := range privateTraces(t, k) {
				if i := strings.Index(out.String(), trace); i >= 0 {
					t.Fatalf("the private part is printed: …%q", out.String()[max(0, i-60):i+20])
				}
			}
		})
	}
}

// TestParseErrorsShowNoPrivatePart damages JWKs in many places, and has them read alone and in a set.
func TestParseErrorsShowNoPrivatePart(t *testing.T) {
	t.Parallel()
	for _, alg := range []jwk.Algorithm{jwk.HS256, jwk.ES256, jwk.EdDSA, jwk.RS256} {
		k := withID(t, generate(t, alg), "id")
		good, traces := string(privateJWK(t, k)), privateTraces(t, k)
		step := 1 + len(good)/400
		for i := 0; i < len(good); i += step {
			for _, data := range []string{good[:i], good[:i] + good[i+1:], good[:i] + `"` + good[i:], good[:i] + "\x00" + good[i+1:]} {
				_, one := jwk.Parse([]byte(data))
				_, all := jwk.ParseSet(setJSON(data))
				_, skipped, public := jwk.ParsePublicSet(setJSON(data))
				text := fmt.Sprint(one, all, skipped, public)
				for _, trace := range traces {
					if strings.Contains(text, trace) {
						t.Fatalf("%s: an error shows the private part: %s", alg, text)
					}
				}
			}
		}
	}
}

func TestStrings(t *testing.T) {
	t.Parallel()
	secret, private := withID(t, generate(t, jwk.HS256), "s"), withID(t, generate(t, jwk.ES256), "p")
	noAlgorithm := parse(t, changed(t, publicJWK(t, generate(t, jwk.RS256)), map[string]any{"alg": nil, "kid": "r"}))
	for _, tt := range []struct {
		value fmt.Stringer
		want  string
	}{
		{secret, `secret HS256 key "s"`},
		{private, `private ES256 key "p"`},
		{private.Public(), `public ES256 key "p"`},
		{noAlgorithm, `public RSA key "r"`},
		{(*jwk.Key)(nil), "<nil>"},
		{&jwk.Key{}, "empty key"},
		{newSet(t), "set of 0 keys"},
		{newSet(t, private, noAlgorithm), `set of 2 keys, private ES256 key "p", public RSA key "r"`},
		{(*jwk.Set)(nil), "set of 0 keys"},
	} {
		if got := fmt.Sprintf("%#v", tt.value); got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
	var out bytes.Buffer
	slog.New(slog.NewTextHandler(&out, nil)).Info("x", "key", private, "none", (*jwk.Key)(nil), "set", newSet(t, private))
	if want := `key.kid=p key.alg=ES256 key.private=true none=<nil> set=[p]`; !strings.Contains(out.String(), want) {
		t.Errorf("logged %q, want %q", out.String(), want)
	}
}
