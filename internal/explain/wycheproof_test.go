package explain_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/jetonauth/jeton/jwk"
)

// TestVerdictOnWycheproof has the signatures of Project Wycheproof's vectors, whose folder WYCHEPROOF_DIR names. Whether they are
// judged rightly is package jwt's business; here the explanation has to fit.
func TestVerdictOnWycheproof(t *testing.T) {
	t.Parallel()
	dir := os.Getenv("WYCHEPROOF_DIR")
	if dir == "" {
		if os.Getenv("JETON_TEST_COMPLETE") == "1" {
			t.Fatal("the environment variable WYCHEPROOF_DIR does not name the folder with Wycheproof's vectors")
		}
		t.Skip("the environment variable WYCHEPROOF_DIR does not name the folder with Wycheproof's vectors")
	}
	data, err := os.ReadFile(filepath.Join(dir, "json_web_signature_test.json"))
	if err != nil {
		t.Fatal(err)
	}
	var vectors struct {
		TestGroups []struct {
			Private, Public json.RawMessage
			Tests           []struct{ JWS string }
		}
	}
	if err := json.Unmarshal(data, &vectors); err != nil {
		t.Fatal(err)
	}
	tried := 0
	for _, group := range vectors.TestGroups {
		key, err := jwk.Parse(group.Private)
		if group.Public != nil {
			key, err = jwk.Parse(group.Public)
		}
		if err != nil {
			continue
		}
		for _, test := range group.Tests {
			for _, opts := range judges(newSet(t, key)) {
				explained(t, test.JWS, opts)
				tried++
			}
		}
	}
	if tried < 100 {
		t.Errorf("only %d were tried", tried)
	}
}
