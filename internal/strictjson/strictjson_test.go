package strictjson_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/jetonauth/jeton/internal/strictjson"
)

func TestObject(t *testing.T) {
	t.Parallel()
	members, err := strictjson.Object(` {"a":"x\n\u00e9\ud83d\ude00","b":[1,{"a":null}] , "\u0063":true} `)
	if err != nil {
		t.Fatal(err)
	}
	want := []strictjson.Member{{Name: "a", Value: `"x\n\u00e9\ud83d\ude00"`}, {Name: "b", Value: `[1,{"a":null}]`}, {Name: "c", Value: "true"}}
	if fmt.Sprint(members) != fmt.Sprint(want) {
		t.Errorf("members %v, want %v", members, want)
	}
	if s, err := strictjson.String(members[0].Value); err != nil || s != "x\né😀" {
		t.Errorf("string %q, %v", s, err)
	}
	if _, err := strictjson.String(members[2].Value); err == nil {
		t.Error("true is a string")
	}
}

func TestObjectRefuses(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat(`{"a":`, strictjson.MaxDepth) + "1" + strings.Repeat("}", strictjson.MaxDepth)
	if _, err := strictjson.Object(deep); err != nil {
		t.Errorf("nested as deep as allowed: %v", err)
	}
	for _, text := range []string{
		"", " ", "null", "1", "[]", `"a"`, "{", "{}{}", "{} x", `{"a":1,}`, `{"a"}`, `{"a":}`, `{a:1}`, `{'a':1}`,
		`{"a":1,"a":2}`, `{"a":1,"\u0061":2}`, `{"x":[{"a":1,"a":2}]}`, `{"a":"` + "\xff" + `"}`, `{"a":"\ud800"}`,
		`{"a":"\ud800\ud800"}`, `{"a":"\x"}`, "{\"a\":\"\n\"}", `{"a":01}`, `{"a":+1}`, `{"a":.5}`, `{"a":1.}`, `{"a":1e}`,
		`{"a":nul}`, `{"a":NaN}`, "\ufeff{}", `{"a":` + deep + `}`,
	} {
		if members, err := strictjson.Object(text); err == nil {
			t.Errorf("%q was read as %v", text, members)
		}
	}
}

func TestStrings(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{`"a"`: "[a]", `["a","b"]`: "[a b]", `[]`: "[]", `[ "\u0061" ]`: "[a]"} {
		if got, err := strictjson.Strings(value); err != nil || fmt.Sprint(got) != want {
			t.Errorf("%s: %v, %v", value, got, err)
		}
	}
	for _, value := range []string{"1", "{}", `[1]`, `["a",[]]`, "null"} {
		if got, err := strictjson.Strings(value); err == nil {
			t.Errorf("%s: %v", value, got)
		}
	}
}

// What is accepted means the same to encoding/json.
func FuzzObject(f *testing.F) {
	for _, seed := range []string{
		`{}`, `{"a":1.5e-7,"b":"\u00e9\ud83d\ude00\/","c":[true,false,null,{"d":""}]}`, `{"a":1,"a":2}`, `{"é":0}`, `{"":[[]]}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		members, err := strictjson.Object(text)
		if err != nil {
			return
		}
		var decoded map[string]json.RawMessage
		if err := json.Unmarshal([]byte(text), &decoded); err != nil || len(decoded) != len(members) {
			t.Fatalf("%q: %d members, encoding/json has %d, %v", text, len(members), len(decoded), err)
		}
		for _, m := range members {
			if string(decoded[m.Name]) != m.Value {
				t.Errorf("%q: member %q is %q, encoding/json has %q", text, m.Name, m.Value, decoded[m.Name])
			}
			var want string
			got, err := strictjson.String(m.Value)
			if err == nil && (json.Unmarshal(decoded[m.Name], &want) != nil || got != want) {
				t.Errorf("%q: member %q is the string %q, encoding/json has %q", text, m.Name, got, want)
			}
		}
	})
}

func TestPlain(t *testing.T) {
	t.Parallel()
	for _, size := range []int{0, 1, 7, 8, 9, 31} {
		text := strings.Repeat("a", size)
		if !strictjson.Plain(text) {
			t.Errorf("%q is not plain", text)
		}
		for i := range size {
			for c := range 256 {
				changed := text[:i] + string([]byte{byte(c)}) + text[i+1:]
				want := c >= ' ' && c < 0x80 && c != '"' && c != '\\'
				if got := strictjson.Plain(changed); got != want {
					t.Fatalf("%q: plain %v, want %v", changed, got, want)
				}
			}
		}
	}
}
