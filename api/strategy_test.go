package api_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/api"
	"github.com/jetonauth/jeton/jetontest"
)

type pin struct {
	Card string `json:"card" doc:"Number of the card" pattern:"^[0-9]+$"`
	Pin  string `json:"pin" minLength:"4" maxLength:"4"`
}

type code struct {
	State string `json:"state"`
	Code  string `json:"code"`
}

// twoSteps are a PIN, and a code after it.
func twoSteps(userID *string) []jeton.Strategy {
	first := jeton.StrategyFunc("pin", func(_ context.Context, c pin, from jeton.Client) (jeton.Identity, error) {
		if c.Card != "4711" || c.Pin != "0815" || !from.Address.IsValid() {
			return jeton.Identity{}, jeton.ErrInvalidCredentials
		}
		return jeton.Identity{}, &jeton.Challenge{Strategy: "code", Data: map[string]any{"state": "s1", "length": 6}}
	})
	second := jeton.StrategyFunc("code", func(_ context.Context, c code, _ jeton.Client) (jeton.Identity, error) {
		if c.State != "s1" || c.Code != "123456" {
			return jeton.Identity{}, jeton.ErrInvalidCredentials
		}
		return jeton.Identity{UserID: *userID, Methods: []string{"pin", "otp"}}, nil
	})
	return []jeton.Strategy{first, second}
}

func TestChallenge(t *testing.T) {
	t.Parallel()
	var userID string
	s := start(t, withStrategies(twoSteps(&userID)...))
	userID = s.signUp().User.ID
	login := func(namesAndValues ...any) answer {
		t.Helper()
		return s.post("/auth/login", object(namesAndValues...), "")
	}
	before := s.store.writes.Load()
	a := login("strategy", "pin", "card", "4711", "pin", "0815")
	p := a.expectProblem(http.StatusUnauthorized, "challenge")
	if p.Challenge["strategy"] != "code" || p.Challenge["state"] != "s1" || p.Challenge["length"] != 6.0 || len(p.Challenge) != 3 {
		t.Errorf("challenge %v", p.Challenge)
	}
	if got := a.header.Get("WWW-Authenticate"); got != `Bearer realm="api"` {
		t.Errorf("header %q", got)
	}
	login("strategy", "pin", "card", "4711", "pin", "0816").expectProblem(http.StatusUnauthorized, "invalid_credentials")
	login("strategy", "code", "state", "s1", "code", "000000").expectProblem(http.StatusUnauthorized, "invalid_credentials")
	invalid := func(a answer) problem { return a.expectProblem(http.StatusUnprocessableEntity, "validation_failed") }
	invalid(login("strategy", "pin", "card", "47x", "pin", "815")).expectFields(t, "/card invalid_value", "/pin too_short")
	invalid(login("strategy", "code", "email", email)).expectFields(t, "/state required", "/code required", "/email unknown_member")
	invalid(login("card", "4711", "pin", "0815")).
		expectFields(t, "/email required", "/password required", "/card unknown_member", "/pin unknown_member")
	if written := s.store.writes.Load() - before; written != 0 {
		t.Errorf("%d writes", written)
	}

	in := login("strategy", "code", "state", "s1", "code", "123456").expect(http.StatusOK).tokens()
	if in.User.ID != userID {
		t.Errorf("signed in as %+v", in.User)
	}
	if list := s.sessions(in.AccessToken); list[0].Strategy != "code" && list[1].Strategy != "code" {
		t.Errorf("sessions %+v", list)
	}
	login("strategy", "local", "email", email, "password", password).expect(http.StatusOK)
	s.signIn()
}

// everyKind has members of all kinds that a schema tells apart.
type everyKind struct {
	Number  int8           `json:"number,omitempty" minimum:"-3"`
	Big     int64          `json:"big,omitempty"`
	Ratio   float64        `json:"ratio,omitempty" exclusiveMaximum:"1"`
	Yes     bool           `json:"yes,omitempty"`
	When    time.Time      `json:"when,omitzero"`
	Choice  string         `json:"choice,omitempty" enum:"left,right"`
	List    []string       `json:"list,omitempty" nullable:"false" maxItems:"3" minItems:"1" uniqueItems:"true"`
	Nested  *everyPart     `json:"nested,omitempty"`
	Parts   []everyPart    `json:"parts,omitempty"`
	Free    map[string]int `json:"free,omitempty"`
	Any     any            `json:"any,omitempty"`
	Perhaps *string        `json:"perhaps"`
}

type everyPart struct {
	Name  string `json:"name" minLength:"1"`
	Title string `json:"title,omitempty" dependentRequired:"rank"`
	Rank  int    `json:"rank,omitempty"`
}

func TestFields(t *testing.T) {
	t.Parallel()
	var got everyKind
	s := start(t, withStrategies(jeton.StrategyFunc("every", func(_ context.Context, c everyKind, _ jeton.Client) (jeton.Identity, error) {
		got = c
		return jeton.Identity{}, jeton.ErrInvalidCredentials
	})))
	const start = `{"strategy":"every","perhaps":null`
	tests := map[string][]string{
		`,"number":-3,"big":9007199254740993,"ratio":0.5,"yes":true,"when":"2024-01-02T03:04:05Z","choice":"left"`: nil,
		`,"list":["a","b"],"nested":{"name":"n"},"parts":[{"name":"n"}],"free":{"a":1},"any":[{}]`:                 nil,
		`,"perhaps2":1`:                           {"/perhaps2 unknown_member"},
		`,"number":-4`:                            {"/number invalid_value"},
		`,"number":1.5`:                           {"/number invalid_type"},
		`,"number":"1"`:                           {"/number invalid_type"},
		`,"number":128`:                           {"/number invalid_value"}, // which only the Go type knows
		`,"ratio":1`:                              {"/ratio invalid_value"},
		`,"yes":0`:                                {"/yes invalid_type"},
		`,"yes":null`:                             {"/yes invalid_type"},
		`,"when":"yesterday"`:                     {"/when invalid_value"},
		`,"choice":"up"`:                          {"/choice invalid_value"},
		`,"list":null`:                            {"/list invalid_type"},
		`,"list":[]`:                              {"/list too_short"},
		`,"list":["a",1]`:                         {"/list/1 invalid_type"},
		`,"list":["a","a"]`:                       {"/list not_unique"},
		`,"list":[{},{"a":[]}]`:                   {"/list/0 invalid_type", "/list/1 invalid_type"},
		`,"list":["","a","b","c"]`:                {"/list too_long"},
		`,"nested":[]`:                            {"/nested invalid_type"},
		`,"nested":{}`:                            {"/nested/name required"},
		`,"nested":{"name":"","Name":"x"}`:        {"/nested/Name unknown_member", "/nested/name too_short"},
		`,"nested":{"name":"n","title":"t"}`:      {"/nested invalid_value"},
		`,"parts":[{"name":"n"},{"names":1}]`:     {"/parts/1/name required", "/parts/1/names unknown_member"},
		`,"free":{"a":"1","Perhaps":2,"~/.[":{}}`: {"/free/a invalid_type", "/free/~0~1.[ invalid_type"},
		`,"` + strings.Repeat("x", 200) + `":1`:   {" unknown_member"},
	}
	for rest, fields := range tests {
		a := s.post("/auth/login", start+rest+"}", "")
		a.t = t
		if fields == nil {
			a.expectProblem(http.StatusUnauthorized, "invalid_credentials")
			continue
		}
		t.Log(rest)
		p := a.expectProblem(http.StatusUnprocessableEntity, "validation_failed")
		p.expectFields(t, fields...)
		if strings.Contains(a.text, "yesterday") {
			t.Errorf("values are told: %s", a.text)
		}
	}
	s.post("/auth/login", start+`,"big":9007199254740993}`, "").expect(http.StatusUnauthorized)
	if got.Big != 9007199254740993 || got.Perhaps != nil {
		t.Errorf("read %+v", got)
	}
}

// However much is wrong, the answer stays small.
func TestManyProblems(t *testing.T) {
	t.Parallel()
	s := start(t)
	members := map[string]int{}
	for i := range 5000 {
		members[strings.Repeat("x", i%7)+string(rune('a'+i%26))+strings.Repeat("y", i/300)] = i
	}
	body, err := json.Marshal(members)
	if err != nil {
		t.Fatal(err)
	}
	p := s.post("/auth/signup", string(body), "").expectProblem(http.StatusUnprocessableEntity, "validation_failed")
	if len(p.Errors) != 32 {
		t.Errorf("%d errors", len(p.Errors))
	}
}

// What is not closed may hold any member, but not one that encoding/json would take for another.
type open struct {
	_ struct{} `additionalProperties:"true"`

	User string `json:"user"`
}

func TestOpenCredentials(t *testing.T) {
	t.Parallel()
	s := start(t, withStrategies(jeton.StrategyFunc("open", func(_ context.Context, c open, _ jeton.Client) (jeton.Identity, error) {
		if c.User != "a" {
			t.Errorf("user %q", c.User)
		}
		return jeton.Identity{}, jeton.ErrInvalidCredentials
	})))
	s.post("/auth/login", `{"strategy":"open","user":"a","other":1}`, "").expect(http.StatusUnauthorized)
	s.post("/auth/login", `{"strategy":"open","user":"a","USER":"b"}`, "").
		expectProblem(http.StatusUnprocessableEntity, "validation_failed").expectFields(t, "/USER unknown_member")
}

// Of two strategies whose credentials have one name, each has its own schema.
func TestStrategiesWithTypesOfOneName(t *testing.T) {
	t.Parallel()
	type part struct {
		A string `json:"a"`
	}
	type User struct {
		Part part `json:"part"`
	}
	prove := func(context.Context, User, jeton.Client) (jeton.Identity, error) {
		return jeton.Identity{}, jeton.ErrInvalidCredentials
	}
	other := func() jeton.Strategy {
		type part struct {
			B int `json:"b"`
		}
		type User struct {
			Part part `json:"part"`
		}
		return jeton.StrategyFunc("other one/two", func(context.Context, User, jeton.Client) (jeton.Identity, error) {
			return jeton.Identity{}, jeton.ErrInvalidCredentials
		})
	}
	s := start(t, withStrategies(jeton.StrategyFunc("one", prove), other()))
	s.post("/auth/login", `{"strategy":"one","part":{"a":"x"}}`, "").expect(http.StatusUnauthorized)
	s.post("/auth/login", `{"strategy":"one","part":{"b":1}}`, "").expect(http.StatusUnprocessableEntity)
	s.post("/auth/login", `{"strategy":"other one/two","part":{"b":1}}`, "").expect(http.StatusUnauthorized)
	checkDocument(t, s.api.OpenAPI())
}

type fixed struct{ made any }

func (fixed) Name() string { return "fixed" }
func (f fixed) New() any   { return f.made }
func (fixed) Prove(context.Context, any, jeton.Client) (jeton.Identity, error) {
	return jeton.Identity{}, jeton.ErrInvalidCredentials
}

// Credentials that cannot be read or described are found when the program starts.
func TestBadCredentials(t *testing.T) {
	t.Parallel()
	type named struct {
		Strategy string `json:"Strategy"`
	}
	type wrongTag struct {
		A string `json:"a" minLength:"many"`
	}
	for name, made := range map[string]any{
		"nil": nil, "nil pointer": (*pin)(nil), "no pointer": pin{}, "no object": new(string), "a function": new(func()),
		"member strategy": new(named), "wrong tag": new(wrongTag),
	} {
		auth := jetontest.New(t, func(c *jeton.Config) { c.Strategies = []jeton.Strategy{fixed{made}} })
		a, err := api.New(api.Config{Auth: auth.Auth})
		if a != nil || err == nil || !strings.Contains(err.Error(), `api: strategy "fixed": `) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A strategy gets its credentials and nothing else, whatever their type makes of what it is given.
func TestCredentialsWithoutStrategy(t *testing.T) {
	t.Parallel()
	var got map[string]string
	prove := func(_ context.Context, c map[string]string, _ jeton.Client) (jeton.Identity, error) {
		got = c
		return jeton.Identity{}, jeton.ErrInvalidCredentials
	}
	s := start(t, withStrategies(jeton.StrategyFunc("map", prove)))
	s.post("/auth/login", `{"strategy":"map","a":"b"}`, "").expectProblem(http.StatusUnauthorized, "invalid_credentials")
	if len(got) != 1 || got["a"] != "b" {
		t.Errorf("credentials %v", got)
	}
	s.post("/auth/login", `{"strategy":"map","a":1}`, "").expectProblem(http.StatusUnprocessableEntity, "validation_failed").
		expectFields(t, "/a invalid_type")
}
