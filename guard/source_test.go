package guard_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/guard"
)

// request has headers, as name and value in turn, and a query.
func request(t testing.TB, query string, headers ...string) guard.Carrier {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/?"+query, http.NoBody)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	return guard.FromRequest(r)
}

// everywhere has one source of each kind.
func everywhere() []guard.Source {
	return []guard.Source{
		guard.Cookie("auth"), guard.Cookie("old"), guard.Query("access_token"), guard.Subprotocol("bearer."), guard.Bearer(),
		guard.Header("x-access-token"),
	}
}

func TestSources(t *testing.T) {
	t.Parallel()
	const malformed, missing = guard.InvalidRequest, guard.MissingToken
	for name, tt := range map[string]struct {
		query   string
		headers []string
		token   string
		code    guard.Code
		cause   error
	}{
		"nothing":                       {"", nil, "", missing, guard.ErrNoToken},
		"header":                        {"", []string{"Authorization", "Bearer a"}, "a", "", nil},
		"another header":                {"", []string{"X-Access-Token", "b"}, "b", "", nil},
		"another header, empty":         {"", []string{"X-Access-Token", ""}, "", missing, guard.ErrNoToken},
		"another header, with a scheme": {"", []string{"X-Access-Token", "Bearer b"}, "", malformed, guard.ErrMalformed},
		"another header, too long":      {"", []string{"X-Access-Token", strings.Repeat(" ", 1<<20+1)}, "", guard.InvalidToken, nil},
		"two headers":                   {"", []string{"Authorization", "Bearer a", "X-Access-Token", "a"}, "", malformed, guard.ErrAmbiguous},
		"a header twice":                {"", []string{"X-Access-Token", "a", "X-Access-Token", "a"}, "", malformed, guard.ErrAmbiguous},
		"cookie":                        {"", []string{"Cookie", "a=1; auth=c; b=2"}, "c", "", nil},
		"cookie, quoted":                {"", []string{"Cookie", `auth="c"`}, "c", "", nil},
		"cookie, half quoted":           {"", []string{"Cookie", `auth="`}, `"`, "", nil},
		"cookie, second line":           {"", []string{"Cookie", "a=1", "Cookie", "auth=c"}, "c", "", nil},
		"cookie, no space":              {"", []string{"Cookie", "a=1;auth=c;b=2"}, "c", "", nil},
		"cookie, tabs":                  {"", []string{"Cookie", "a=1;\t auth=c \t;b=2"}, "c", "", nil},
		"cookie, equals":                {"", []string{"Cookie", "auth=c=="}, "c==", "", nil},
		"cookie, empty":                 {"", []string{"Cookie", "auth="}, "", missing, guard.ErrNoToken},
		"cookie, no value":              {"", []string{"Cookie", "auth"}, "", missing, guard.ErrNoToken},
		"cookie, other case":            {"", []string{"Cookie", "Auth=c"}, "", missing, guard.ErrNoToken},
		"cookie, prefix":                {"", []string{"Cookie", "xauth=c; authx=d"}, "", missing, guard.ErrNoToken},
		"cookie twice":                  {"", []string{"Cookie", "auth=c; auth=c"}, "", malformed, guard.ErrAmbiguous},
		"cookie twice, one empty":       {"", []string{"Cookie", "auth=c; auth="}, "", malformed, guard.ErrAmbiguous},
		"cookie without a value":        {"", []string{"Cookie", "auth; auth=c"}, "c", "", nil},
		"cookie, quote behind":          {"", []string{"Cookie", `auth=c"`}, `c"`, "", nil},
		"cookie, quote before":          {"", []string{"Cookie", `auth="c`}, `"c`, "", nil},
		"cookie in two lines":           {"", []string{"Cookie", "auth=c", "Cookie", "auth=d"}, "", malformed, guard.ErrAmbiguous},
		"two cookies":                   {"", []string{"Cookie", "old=d; auth=c"}, "c", "", nil},
		"the later cookie":              {"", []string{"Cookie", "old=d; auth="}, "d", "", nil},
		"header and cookie":             {"", []string{"Authorization", "Bearer a", "Cookie", "auth=c"}, "a", "", nil},
		"header and two cookies":        {"", []string{"Authorization", "Bearer a", "Cookie", "auth=c; auth=d"}, "a", "", nil},
		"other scheme and cookie":       {"", []string{"Authorization", "Basic a", "Cookie", "auth=c"}, "c", "", nil},
		"other scheme":                  {"", []string{"Authorization", "Basic a"}, "", missing, guard.ErrOtherScheme},
		"malformed header and cookie":   {"", []string{"Authorization", "Bearer", "Cookie", "auth=c"}, "", malformed, guard.ErrMalformed},
		"query":                         {"access_token=q", nil, "q", "", nil},
		"query, empty":                  {"access_token=", nil, "", missing, guard.ErrNoToken},
		"query, other name":             {"token=q", nil, "", missing, guard.ErrNoToken},
		"query twice":                   {"access_token=q&access_token=r", nil, "", malformed, guard.ErrAmbiguous},
		"query and header":              {"access_token=q", []string{"Authorization", "Bearer a"}, "", malformed, guard.ErrAmbiguous},
		"query and cookie":              {"access_token=q", []string{"Cookie", "auth=c"}, "q", "", nil},
		"subprotocol":                   {"", []string{"Sec-WebSocket-Protocol", "chat, bearer.s"}, "s", "", nil},
		"subprotocol, second line":      {"", []string{"Sec-WebSocket-Protocol", "chat", "Sec-WebSocket-Protocol", "bearer.s"}, "s", "", nil},
		"subprotocol, prefix alone":     {"", []string{"Sec-WebSocket-Protocol", "bearer."}, "", missing, guard.ErrNoToken},
		"subprotocol, prefix and token": {"", []string{"Sec-WebSocket-Protocol", "bearer., bearer.s"}, "s", "", nil},
		"subprotocol twice":             {"", []string{"Sec-WebSocket-Protocol", "bearer.s,bearer.s"}, "", malformed, guard.ErrAmbiguous},
		"subprotocol and header":        {"", []string{"Sec-WebSocket-Protocol", "bearer.s", "Authorization", "Bearer a"}, "", malformed, guard.ErrAmbiguous},
		"cookie, as long as may be":     {"", []string{"Cookie", "auth=" + strings.Repeat("a", 1<<20)}, strings.Repeat("a", 1<<20), "", nil},
		"cookie too long":               {"", []string{"Cookie", "auth=" + strings.Repeat("a", 1<<20+1)}, "", guard.InvalidToken, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := new(seen)
			g := newGuard(t, guard.Config{Verifier: v, Sources: everywhere()})
			_, refusal := g.Check(t.Context(), request(t, tt.query, tt.headers...))
			if got := strings.Join(v.tokens, ","); got != tt.token {
				t.Errorf("token %.40q, want %.40q", got, tt.token)
			}
			switch {
			case tt.code == "" && refusal != nil:
				t.Error(refusal)
			case tt.code != "" && (refusal == nil || refusal.Code != tt.code || tt.cause != nil && !errors.Is(refusal, tt.cause)):
				t.Errorf("%v, want %s, %v", refusal, tt.code, tt.cause)
			case refusal != nil && (refusal.Err == nil || refusal.Description == ""):
				t.Errorf("%v does not say why: %q", refusal, refusal.Description)
			}
		})
	}
}

// Without sources named, nothing but the Authorization header counts.
func TestOnlyTheHeaderByDefault(t *testing.T) {
	t.Parallel()
	g := newGuard(t, guard.Config{Verifier: new(seen)})
	carrier := request(t, "access_token=a", "Cookie", "auth=a; access_token=a", "Sec-WebSocket-Protocol", "bearer.a", "X-Access-Token", "a")
	if p, refusal := g.Check(t.Context(), carrier); p != nil || refusal == nil || refusal.Code != guard.MissingToken {
		t.Errorf("%v, %v", p, refusal)
	}
}

func TestSchemes(t *testing.T) {
	t.Parallel()
	v := new(seen)
	lenient := newGuard(t, guard.Config{Verifier: v, Optional: true, Sources: []guard.Source{guard.Header("Authorization", "JWT", "Bearer")}})
	strict := newGuard(t, guard.Config{Verifier: v, Optional: true, Sources: []guard.Source{guard.Bearer().RefuseOtherSchemes()}})
	for _, tt := range []struct {
		g     *guard.Guard
		value string
		token string
		code  guard.Code
	}{
		{lenient, "JWT a", "a", ""},
		{lenient, "bearer b", "b", ""},
		{lenient, "Basic c", "", ""},
		{lenient, "JWTX d", "", ""},
		{lenient, "JWT", "", guard.InvalidRequest},
		{strict, "Bearer a", "a", ""},
		{strict, "JWT a", "", guard.InvalidRequest},
		{strict, "a", "", guard.InvalidRequest},
		{strict, "", "", guard.InvalidRequest},
	} {
		v.tokens = nil
		_, refusal := tt.g.Check(t.Context(), request(t, "", "Authorization", tt.value))
		if got := strings.Join(v.tokens, ","); got != tt.token {
			t.Errorf("%q: token %q, want %q", tt.value, got, tt.token)
		}
		if refusal == nil != (tt.code == "") || refusal != nil && refusal.Code != tt.code {
			t.Errorf("%q: %v, want %q", tt.value, refusal, tt.code)
		}
		if tt.g == strict && refusal != nil && (!errors.Is(refusal, guard.ErrOtherScheme) || refusal.Description == "") {
			t.Errorf("%q: %v, %q", tt.value, refusal, refusal.Description)
		}
	}
	if _, refusal := strict.Check(t.Context(), request(t, "")); refusal != nil {
		t.Errorf("no header at all: %v", refusal)
	}
}

func TestSourceFunc(t *testing.T) {
	t.Parallel()
	teapot := &guard.Refusal{Code: guard.InsufficientScope}
	for name, tt := range map[string]struct {
		token string
		err   error
		code  guard.Code
	}{
		"token":       {"a", nil, ""},
		"nothing":     {"", nil, guard.MissingToken},
		"error":       {"a", errors.New("no"), guard.InvalidRequest},
		"unavailable": {"", fmt.Errorf("x: %w", jeton.ErrUnavailable), guard.Unavailable},
		"refusal":     {"", fmt.Errorf("x: %w", teapot), guard.InsufficientScope},
	} {
		v := new(seen)
		g := newGuard(t, guard.Config{Verifier: v, Sources: []guard.Source{guard.SourceFunc(func(guard.Carrier) (string, error) { return tt.token, tt.err })}})
		_, refusal := g.Check(t.Context(), request(t, ""))
		if refusal == nil != (tt.code == "") || refusal != nil && refusal.Code != tt.code {
			t.Errorf("%s: %v, want %q", name, refusal, tt.code)
		}
		if tt.err != nil && name != "refusal" && !errors.Is(refusal, tt.err) {
			t.Errorf("%s: the cause is %v", name, refusal.Err)
		}
	}
	if teapot.Realm != "" || teapot.Description != "" {
		t.Error("the application's refusal was changed")
	}
}

func TestNewNamesTheSource(t *testing.T) {
	t.Parallel()
	for name, list := range map[string][]guard.Source{
		"empty header":       {guard.Header("")},
		"header with colon":  {guard.Bearer(), guard.Header("X:Y")},
		"empty scheme":       {guard.Header("Authorization", "")},
		"scheme with space":  {guard.Header("Authorization", "Bearer ")},
		"cookie with equals": {guard.Cookie("a=b")},
		"empty cookie":       {guard.Cookie("")},
		"empty query":        {guard.Query("")},
		"empty prefix":       {guard.Subprotocol("")},
		"no function":        {guard.SourceFunc(nil)},
		"cookie twice":       {guard.Cookie("a"), guard.Cookie("a")},
		"header twice":       {guard.Bearer(), guard.Header("authorization", "JWT")},
		"the zero one twice": {{}, guard.Bearer()},
		"whole and strict":   {guard.Header("X-Token").RefuseOtherSchemes()},
	} {
		want := fmt.Sprintf("guard: Config.Sources[%d]: ", len(list)-1)
		if g, err := guard.New(guard.Config{Verifier: new(seen), Sources: list}); g != nil || err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: %v, want %s…", name, err, want)
		}
	}
	own := guard.SourceFunc(func(guard.Carrier) (string, error) { return "", nil }) // of which there may be several
	if _, err := guard.New(guard.Config{Verifier: new(seen), Sources: append(everywhere(), own, own)}); err != nil {
		t.Error(err)
	}
}

// FuzzSources looks for requests whose token is not what one place of it says.
func FuzzSources(f *testing.F) {
	f.Add("Bearer a.b.c", "auth=c; b=d", "chat, bearer.x", "access_token=q", "t")
	f.Add("bearer  a", `auth="c";auth=`, "bearer.", "access_token=%zz;x", "")
	f.Add("", "", "", "", "")
	f.Fuzz(func(t *testing.T, authorization, cookie, protocol, query, own string) {
		header := http.Header{}
		for name, value := range map[string]string{
			"Authorization": authorization, "Cookie": cookie, "Sec-Websocket-Protocol": protocol, "X-Access-Token": own,
		} {
			if value != "" {
				header[name] = []string{value}
			}
		}
		r := &http.Request{Method: http.MethodGet, Header: header, URL: &url.URL{RawQuery: query}}
		v := new(seen)
		_, refusal := newGuard(t, guard.Config{Verifier: v, Sources: everywhere()}).Check(t.Context(), guard.FromRequest(r))
		if (refusal == nil) != (len(v.tokens) == 1) {
			t.Fatalf("%v, and the verifier was asked about %q", refusal, v.tokens)
		}
		if refusal != nil {
			if refusal.Status() >= http.StatusInternalServerError {
				t.Fatal(refusal)
			}
			return
		}
		token, places := v.tokens[0], 0
		for _, text := range []string{authorization, protocol, own} {
			if token != "" && strings.HasSuffix(text, token) || strings.Contains(text, token+",") || strings.Contains(text, token) {
				places++
			}
		}
		if places == 0 && r.URL.Query().Get("access_token") != token && !strings.Contains(cookie, token) {
			t.Fatalf("token %q is nowhere in the request", token)
		}
	})
}
