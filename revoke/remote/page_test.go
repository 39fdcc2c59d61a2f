package remote_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/jetonauth/jeton/revoke"
	"github.com/jetonauth/jeton/revoke/remote"
)

const (
	goodID    = "uU0nuZNNPgilLlLX2n2r-sSE7-N6U4DukIj3rOLvzek" // of "hello world"
	goodEntry = `{"number":7,"id":"` + goodID + `","expires_at":"2026-11-22T10:20:30.456Z"}`
	goodPage  = `{"entries":[` + goodEntry + `,{"expires_at":null,"later":[{}],"id":"` + goodID + `","number":9007199254740991}],"more":true,"later":{"a":1}}`
)

func TestParsePage(t *testing.T) {
	t.Parallel()
	entries, more, err := remote.ParsePage(goodPage, 6, 2)
	if err != nil || !more || len(entries) != 2 {
		t.Fatal(entries, more, err)
	}
	first, second := entries[0], entries[1]
	if first.Number != 7 || first.ID != revoke.IDOf("hello world") || !first.ExpiresAt.Equal(time.Date(2026, 11, 22, 10, 20, 30, 456e6, time.UTC)) {
		t.Errorf("%+v", first)
	}
	if second.Number != 1<<53-1 || second.ID != first.ID || !second.ExpiresAt.IsZero() {
		t.Errorf("%+v", second)
	}
}

func TestParsePageRefuses(t *testing.T) {
	t.Parallel()
	change := func(old, with string) string {
		if !strings.Contains(goodPage, old) {
			t.Fatalf("%s is not in the page", old)
		}
		return strings.Replace(goodPage, old, with, 1)
	}
	for name, text := range map[string]string{
		"something behind":          goodPage + "{}",
		"an array":                  "[" + goodPage + "]",
		"a member twice":            change(`"more":true`, `"more":true,"more":true`),
		"a member twice inside":     change(`"number":7`, `"number":7,"number":7`),
		"a name in other case":      change(`"entries"`, `"Entries"`),
		"a name inside in another":  change(`"id"`, `"ID"`),
		"no more":                   change(`"more":true`, `"less":true`),
		"more is a text":            change(`"more":true`, `"more":"true"`),
		"more is null":              change(`"more":true`, `"more":null`),
		"entries are null":          `{"entries":null,"more":false}`,
		"entries are an object":     `{"entries":{},"more":false}`,
		"an entry is null":          `{"entries":[null],"more":false}`,
		"an entry is a number":      `{"entries":[1],"more":false}`,
		"no number":                 change(`"number":7,`, ``),
		"no id":                     change(`"id":"`+goodID+`",`, ``),
		"no expiry":                 change(`,"expires_at":"2026-11-22T10:20:30.456Z"`, ``),
		"number 0":                  change(`"number":7`, `"number":0`),
		"number -1":                 change(`"number":7`, `"number":-1`),
		"number is a fraction":      change(`"number":7`, `"number":7.0`),
		"number has an exponent":    change(`"number":7`, `"number":7e0`),
		"number is a text":          change(`"number":7`, `"number":"7"`),
		"number is too large":       change(`9007199254740991`, `9007199254740992`),
		"number not after":          change(`"number":7`, `"number":6`),
		"number not after another":  change(`9007199254740991`, `7`),
		"id too short":              change(goodID, goodID[:42]),
		"id too long":               change(goodID, goodID+"A"),
		"id with padding":           change(goodID, goodID[:42]+"="),
		"id of another alphabet":    change("-sSE7-", "+sSE7+"),
		"id with a newline":         change(goodID, goodID[:42]+`\n`),
		"id with bits that are cut": change("vzek", "vzel"),
		"id is a number":            change(`"`+goodID+`"`, `7`),
		"expiry is a number":        change(`"2026-11-22T10:20:30.456Z"`, `1795342830`),
		"expiry is no time":         change(`2026-11-22T10:20:30.456Z`, `tomorrow`),
		"expiry is the zero time":   change(`2026-11-22T10:20:30.456Z`, `0001-01-01T00:00:00Z`),
		"expiry without zone":       change(`10:20:30.456Z`, `10:20:30.456`),
		"not UTF-8":                 change(`"later"`, "\"\xff\""),
	} {
		entries, more, err := remote.ParsePage(text, 6, 2)
		if !errors.Is(err, remote.ErrMalformed) || entries != nil || more {
			t.Errorf("%s: %v, %t, %v", name, entries, more, err)
		}
	}
	if _, _, err := remote.ParsePage(goodPage, 6, 1); !errors.Is(err, remote.ErrMalformed) {
		t.Errorf("more entries than wanted: %v", err)
	}
}

func FuzzParsePage(f *testing.F) {
	for _, text := range []string{
		goodPage, `{"entries":[],"more":false}`, `{"entries":[],"more":true}`, `{"entries":[` + goodEntry + `],"more":false}`, `{"more":false}`, "", "{",
		`{"entries":[{"number":1,"id":"","expires_at":null}],"more":false}`, `{"entries":[[[[]]]],"more":false}`, `{"entries":null,"more":null}`,
	} {
		f.Add(text, uint64(6), 2)
	}
	f.Fuzz(func(t *testing.T, text string, after uint64, limit int) {
		entries, more, err := remote.ParsePage(text, after, limit)
		if err != nil {
			if !errors.Is(err, remote.ErrMalformed) || entries != nil || more {
				t.Fatalf("%v, %t, %v", entries, more, err)
			}
			return
		}
		if len(entries) > limit || more && len(entries) == 0 {
			t.Fatalf("%d entries of %d, more %t", len(entries), limit, more)
		}
		for _, e := range entries {
			if e.Number <= after || e.Number >= 1<<53 || !e.ExpiresAt.IsZero() && e.ExpiresAt.Unix() <= 0 {
				t.Fatalf("%+v after %d", e, after)
			}
			after = e.Number
		}
	})
}
