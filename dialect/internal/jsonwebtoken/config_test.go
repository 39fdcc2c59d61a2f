package jsonwebtoken_test

import (
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/jetonauth/jeton/dialect/internal/jsonwebtoken"
	"github.com/jetonauth/jeton/jwk"
)

// An error has the dialect's name, and that of a field of its Options.
func TestConfigErrors(t *testing.T) {
	t.Parallel()
	set, err := jwk.NewSet(newKey(t, jwk.ES256).Public())
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		change func(*jsonwebtoken.Config)
		want   string
	}{
		"tolerance":          {func(c *jsonwebtoken.Config) { c.Verify.ClockTolerance = time.Hour }, "Verify.ClockTolerance: is 1h0m0s; it may be 0 to 5m0s"},
		"negative":           {func(c *jsonwebtoken.Config) { c.Verify.ClockTolerance = -1 }, "Verify.ClockTolerance: "},
		"age":                {func(c *jsonwebtoken.Config) { c.Verify.MaxAge = -1 }, "Verify.MaxAge: "},
		"audience":           {func(c *jsonwebtoken.Config) { c.Verify.Audience = []string{""} }, "Verify.Audience: "},
		"pattern":            {func(c *jsonwebtoken.Config) { c.Verify.AudiencePatterns = []*regexp.Regexp{nil} }, "Verify.AudiencePatterns: "},
		"issuer":             {func(c *jsonwebtoken.Config) { c.Verify.Issuer = []string{""} }, "Verify.Issuer: "},
		"type":               {func(c *jsonwebtoken.Config) { c.Verify.Types = []string{"\n"} }, "Verify: "},
		"type, by function":  {func(c *jsonwebtoken.Config) { finding(nil, nil)(c); c.Verify.Types = []string{"\n"} }, "Verify: "},
		"algorithm":          {func(c *jsonwebtoken.Config) { finding(nil, nil)(c); c.Verify.Algorithms = []jwk.Algorithm{"none"} }, "Verify: "},
		"foreign audience":   {func(c *jsonwebtoken.Config) { from(set)(c); c.Verify.Audience = nil }, "Verify.Audience: "},
		"foreign issuer":     {func(c *jsonwebtoken.Config) { from(set)(c); c.Verify.Issuer = nil }, "Verify.Issuer: "},
		"any audience alone": {func(c *jsonwebtoken.Config) { from(set)(c); c.Verify.Issuer, c.Verify.AnyAudience = nil, true }, "Verify.Issuer: "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v, err := jsonwebtoken.NewVerifier(config(t, tt.change))
			if v != nil || err == nil || !strings.HasPrefix(err.Error(), "dialect: Options."+tt.want) {
				t.Errorf("%v, want %s", err, tt.want)
			}
		})
	}
	anybody := config(t, from(set), func(c *jsonwebtoken.Config) {
		c.Verify = jsonwebtoken.VerifyOptions{AnyAudience: true, AnyIssuer: true}
	})
	if _, err := jsonwebtoken.NewVerifier(anybody); err != nil {
		t.Error(err)
	}
}

// Which of the keys counts is not left to chance.
func TestOneKindOfKeys(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*jsonwebtoken.Config){
		"none": func(c *jsonwebtoken.Config) { c.Own = nil },
		"two":  func(c *jsonwebtoken.Config) { own := c.Own; finding(nil, nil)(c); c.Own = own },
	} {
		if v, err := jsonwebtoken.NewVerifier(config(t, change)); v != nil || err == nil || !strings.HasPrefix(err.Error(), "jsonwebtoken: Config: ") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// What the caller does to its options later changes nothing.
func TestRulesAreCopied(t *testing.T) {
	t.Parallel()
	audience := []string{"api"}
	v := newVerifier(t, func(c *jsonwebtoken.Config) { c.Verify.Audience = audience })
	audience[0] = "other"
	expect(t, v, sign(t, claims{"aud": "api"}), good)
	expect(t, v, sign(t, claims{"aud": "other"}), "jwt audience invalid. expected: api")
}

// Every field but the clock is a rule.
func TestHasRules(t *testing.T) {
	t.Parallel()
	if jsonwebtoken.HasRules(jsonwebtoken.VerifyOptions{}) || jsonwebtoken.HasRules(jsonwebtoken.VerifyOptions{Now: clock}) {
		t.Error("the clock is taken for a rule")
	}
	for field := range reflect.TypeFor[jsonwebtoken.VerifyOptions]().Fields() {
		if field.Name == "Now" {
			continue
		}
		var o jsonwebtoken.VerifyOptions
		value := reflect.ValueOf(&o).Elem().FieldByIndex(field.Index)
		switch value.Kind() {
		case reflect.Bool:
			value.SetBool(true)
		case reflect.String:
			value.SetString("x")
		case reflect.Int64:
			value.SetInt(1)
		case reflect.Slice:
			value.Set(reflect.MakeSlice(value.Type(), 1, 1))
		default:
			t.Fatalf("%s: set it in this test", field.Name)
		}
		if !jsonwebtoken.HasRules(o) {
			t.Errorf("%s is no rule", field.Name)
		}
	}
}
