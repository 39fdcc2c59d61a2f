package api_test

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/jetonauth/jeton/api"
)

func TestDecodeObject(t *testing.T) {
	t.Parallel()
	nested := func(n int) string { return strings.Repeat(`{"a":`, n-1) + "{}" + strings.Repeat("}", n-1) }
	for text, want := range map[string]string{
		`{}`:                          "",
		" {\"a\" : [ 1 , {} ] } \r\n": "",
		`{"a":1,"A":2,"":3," ":4}`:    "",
		`{"a":{"x":1},"b":{"x":1}}`:   "",
		`{"a":"\ud83d\ude00 \u00e9"}`: "",
		`{"a":"\\ud800"}`:             "",
		`{"a":"\\\\u"}`:               "",
		`{"a":"\uFFFD"}`:              "",
		nested(32):                    "",
		`{"a":[` + strings.Repeat("{},", 40) + `[]]}`: "",
		nested(33):                     "nested deeper",
		``:                             "is empty",
		"\n":                           "is empty",
		`null`:                         "not a JSON object",
		`"{}"`:                         "not a JSON object",
		`[{}]`:                         "not a JSON object",
		`{}{}`:                         "JSON",
		`{},`:                          "JSON",
		`{"a":1,}`:                     "JSON",
		`{'a':1}`:                      "JSON",
		`{"a":01}`:                     "JSON",
		`{"a":NaN}`:                    "JSON",
		"{\"a\":\"\n\"}":               "JSON",
		"\ufeff{}":                     "JSON",
		"{}\x00":                       "JSON",
		`{"a":1,"a":1}`:                "duplicate member",
		`{"a":1,"\u0061":1}`:           "duplicate member",
		`{"b":[{"c":{"a":1,"a":1}}]}`:  "duplicate member",
		"{\"a\":\"\xff\"}":             "invalid UTF-8",
		"{\"a\":\"\xed\xa0\x80\"}":     "invalid UTF-8",
		`{"a":"\ud800"}`:               "lone surrogate",
		`{"a":"\ud83dx\ude00"}`:        "lone surrogate",
		`{"a":"\ude00\ud83d"}`:         "lone surrogate",
		`{"\uDFFF":1}`:                 "lone surrogate",
		`{"a":"\\\ud800\\"}`:           "lone surrogate",
		`{"a":"\ud83d\ude00\ud83d\u"}`: "JSON",
		strings.Repeat("[", 1<<16):     "JSON",
		strings.Repeat(`{"a":`, 1<<14): "JSON",
	} {
		object, err := api.DecodeObject([]byte(text))
		switch {
		case want == "" && (err != nil || object == nil):
			t.Errorf("%.60q: %v", text, err)
		case want != "" && (err == nil || object != nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%.60q: %v, want %q", text, err, want)
		}
	}
}

// What is accepted means to encoding/json the same, whichever of two members with one name it prefers.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		`{}`, `{"email":"a@b.c","password":"x"}`, `{"a":[1,2.5e3,true,null,{"b":"\u00e9\ud83d\ude00"}]}`, `{"a":1,"a":2}`, `[`, "\xff",
		`{"a":"\ud800"}`, ` { "" : { } } `, `{"a":1e999}`, `{"a":"\\u"}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		object, err := api.DecodeObject(text)
		if err != nil {
			if object != nil {
				t.Fatal("an object together with an error")
			}
			return
		}
		var want map[string]any
		if err := json.Unmarshal(text, &want); err != nil {
			t.Fatalf("encoding/json does not accept it: %v", err)
		}
		if !reflect.DeepEqual(object, want) {
			t.Fatalf("decoded %v, encoding/json %v", object, want)
		}
		var members int
		count(object, &members)
		if colons := bytes.Count(withoutStrings(text), []byte(":")); colons != members {
			t.Fatalf("%d members of %d", members, colons)
		}
		again, err := json.Marshal(object)
		if err != nil {
			t.Fatal(err)
		}
		if twice, err := api.DecodeObject(again); err != nil || !reflect.DeepEqual(twice, object) {
			t.Fatalf("%s is not accepted again: %v", again, err)
		}
	})
}

func count(value any, members *int) {
	switch value := value.(type) {
	case map[string]any:
		*members += len(value)
		for _, v := range value {
			count(v, members)
		}
	case []any:
		for _, v := range value {
			count(v, members)
		}
	}
}

// withoutStrings leaves out of valid JSON what is between quotes.
func withoutStrings(text []byte) (rest []byte) {
	inside := false
	for i := 0; i < len(text); i++ {
		switch {
		case inside && text[i] == '\\':
			i++
		case text[i] == '"':
			inside = !inside
		case !inside:
			rest = append(rest, text[i])
		}
	}
	return rest
}
