package humaguard_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/guard"
	"github.com/jetonauth/jeton/guard/humaguard"
)

// nobody lets nobody through.
type nobody struct{}

func (nobody) Verify(context.Context, string) (*jeton.Principal, error) {
	return nil, jeton.ErrUnavailable
}

func newGuard(t testing.TB, cfg guard.Config) *guard.Guard {
	t.Helper()
	cfg.Verifier, cfg.Logger = nobody{}, slog.New(slog.DiscardHandler)
	g, err := guard.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func newAPI() huma.API { return humago.New(http.NewServeMux(), huma.DefaultConfig("News", "1")) }

func list(context.Context, *struct{}) (*plain, error) { return &plain{}, nil }

// document returns the OpenAPI document as JSON has it.
func document(t *testing.T, api huma.API) map[string]any {
	t.Helper()
	text, err := json.Marshal(api.OpenAPI())
	if err != nil {
		t.Fatal(err)
	}
	var doc map[string]any
	if err := json.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	return doc
}

// at goes down into a document; what is not there is nil.
func at(value any, names ...string) any {
	for _, name := range names {
		object, _ := value.(map[string]any)
		value = object[name]
	}
	return value
}

// compact is a value as JSON.
func compact(value any) string {
	text, _ := json.Marshal(value)
	return string(text)
}

// register adds POST /news behind g, and returns the operation as the document has it.
func register(t *testing.T, api huma.API, g *guard.Guard, options ...humaguard.Option) map[string]any {
	t.Helper()
	op := huma.Operation{OperationID: "addNews", Method: http.MethodPost, Path: "/news"}
	huma.Register(api, humaguard.Protect(api.OpenAPI(), op, g, options...), list)
	described, _ := at(document(t, api), "paths", "/news", "post").(map[string]any)
	return described
}

// The document says how a token is sent, whatever the guard's sources are.
func TestSecurity(t *testing.T) {
	t.Parallel()
	function := guard.SourceFunc(func(guard.Carrier) (string, error) { return "", nil })
	tests := map[string]struct {
		cfg      guard.Config
		options  []humaguard.Option
		security string
		schemes  string
	}{
		"by default": {
			security: `[{"bearer":[]}]`,
			schemes:  `{"bearer":"http bearer"}`,
		},
		"optional": {
			cfg:      guard.Config{Optional: true},
			security: `[{},{"bearer":[]}]`,
			schemes:  `{"bearer":"http bearer"}`,
		},
		"optional, and something is demanded": {
			cfg:      guard.Config{Optional: true},
			options:  []humaguard.Option{humaguard.Roles("editor")},
			security: `[{"bearer":[]}]`,
			schemes:  `{"bearer":"http bearer"}`,
		},
		"scopes": {
			cfg:      guard.Config{Scopes: []string{"news:read"}, Roles: []string{"editor"}},
			options:  []humaguard.Option{humaguard.Scopes("news:write")},
			security: `[{"bearer":["news:read","news:write"]}]`,
			schemes:  `{"bearer":"http bearer"}`,
		},
		"cookie": {
			cfg:      guard.Config{Sources: []guard.Source{guard.Cookie("__Host-jeton"), guard.Bearer()}, Scopes: []string{"a"}},
			security: `[{"bearer":["a"]},{"cookie":["a"],"csrf":[]}]`,
			schemes:  `{"bearer":"http bearer","cookie":"apiKey cookie __Host-jeton","csrf":"apiKey header X-Csrf-Token"}`,
		},
		"cookie, by origin": {
			cfg:      guard.Config{Sources: []guard.Source{guard.Cookie("jeton")}, CSRF: guard.CSRF{OriginOnly: true}},
			security: `[{"cookie":[]}]`,
			schemes:  `{"cookie":"apiKey cookie jeton"}`,
		},
		"headers": {
			cfg: guard.Config{Sources: []guard.Source{
				guard.Header("Authorization", "Bearer", "JWT"), guard.Header("X-Token"), guard.Header("X-Auth", "Token"),
			}},
			security: `[{"bearer":[]},{"jwt":[]},{"header":[]},{"header2":[]}]`,
			schemes:  `{"bearer":"http bearer","header":"apiKey header X-Token","header2":"apiKey header X-Auth","jwt":"http jwt"}`,
		},
		"live": {
			cfg:      guard.Config{Sources: []guard.Source{guard.Query("ticket"), guard.Subprotocol("jeton.")}},
			security: `[{"subprotocol":[]},{"query":[]}]`,
			schemes:  `{"query":"apiKey query ticket","subprotocol":"apiKey header Sec-WebSocket-Protocol"}`,
		},
		"function": {
			cfg:      guard.Config{Sources: []guard.Source{function}},
			options:  []humaguard.Option{humaguard.Scheme("my own!", &huma.SecurityScheme{Type: "mutualTLS"}), humaguard.Scopes("a")},
			security: `[{"myown":["a"]}]`,
			schemes:  `{"myown":"mutualTLS"}`,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := newAPI()
			op := register(t, api, newGuard(t, tt.cfg), tt.options...)
			if got := compact(op["security"]); got != tt.security {
				t.Errorf("security %s, want %s", got, tt.security)
			}
			schemes := map[string]string{}
			for name, scheme := range at(document(t, api), "components", "securitySchemes").(map[string]any) {
				var words []string
				for _, member := range []string{"type", "scheme", "in", "name"} {
					if word, ok := at(scheme, member).(string); ok {
						words = append(words, word)
					}
				}
				schemes[name] = strings.Join(words, " ")
			}
			if got := compact(schemes); got != tt.schemes {
				t.Errorf("schemes %s, want %s", got, tt.schemes)
			}
		})
	}
}

// A scheme that the application has described already is used again, and one that asks for something else keeps its name.
func TestSchemesOfTheApplication(t *testing.T) {
	t.Parallel()
	api := newAPI()
	api.OpenAPI().Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"token": {Type: "http", Scheme: "Bearer", Description: "Ask Ada for one"}, "cookie": {Type: "apiKey", In: "cookie", Name: "other"},
	}
	op := register(t, api, newGuard(t, guard.Config{Sources: []guard.Source{guard.Bearer(), guard.Cookie("mine")}, CSRF: guard.CSRF{Off: true}}))
	if got := compact(op["security"]); got != `[{"token":[]},{"cookie2":[]}]` {
		t.Errorf("security %s", got)
	}
	if n := len(api.OpenAPI().Components.SecuritySchemes); n != 3 {
		t.Errorf("%d schemes", n)
	}
}

// OpenAPI 3.0 allows scopes for OAuth only.
func TestScopesInAnOlderDocument(t *testing.T) {
	t.Parallel()
	api := newAPI()
	api.OpenAPI().OpenAPI = "3.0.3"
	op := register(t, api, newGuard(t, guard.Config{Scopes: []string{"news:read"}}))
	if got := compact(op["security"]); got != `[{"bearer":[]}]` {
		t.Errorf("security %s", got)
	}
	if got, _ := at(op, "responses", "403", "description").(string); !strings.Contains(got, "`news:read`") {
		t.Errorf("403: %q", got)
	}
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		cfg     guard.Config
		options []humaguard.Option
		want    string // codes of examples by status
	}{
		"by default": {
			want: `{"400":["invalid_request"],"401":["invalid_token","missing_token"],"503":["unavailable"]}`,
		},
		"optional": {
			cfg:  guard.Config{Optional: true},
			want: `{"400":["invalid_request"],"401":["invalid_token"],"503":["unavailable"]}`,
		},
		"optional, and a policy is asked": {
			cfg:     guard.Config{Optional: true},
			options: []humaguard.Option{humaguard.Allow(func(context.Context, *jeton.Principal) (bool, error) { return true, nil })},
			want:    `{"400":["invalid_request"],"401":["invalid_token","missing_token"],"403":["insufficient_scope"],"503":["unavailable"]}`,
		},
		"scopes": {
			cfg:  guard.Config{Scopes: []string{"a"}},
			want: `{"400":["invalid_request"],"401":["invalid_token","missing_token"],"403":["insufficient_scope"],"503":["unavailable"]}`,
		},
		"roles": {
			options: []humaguard.Option{humaguard.Roles("a")},
			want:    `{"400":["invalid_request"],"401":["invalid_token","missing_token"],"403":["insufficient_scope"],"503":["unavailable"]}`,
		},
		"policy": {
			cfg:  guard.Config{Policy: func(context.Context, *jeton.Principal) (bool, error) { return true, nil }},
			want: `{"400":["invalid_request"],"401":["invalid_token","missing_token"],"403":["insufficient_scope"],"503":["unavailable"]}`,
		},
		"cookie": {
			cfg:  guard.Config{Sources: []guard.Source{guard.Cookie("a")}},
			want: `{"400":["invalid_request"],"401":["invalid_token","missing_token"],"403":["csrf_failed"],"503":["unavailable"]}`,
		},
		"cookie and scopes": {
			cfg:  guard.Config{Sources: []guard.Source{guard.Cookie("a")}, Scopes: []string{"a"}},
			want: `{"400":["invalid_request"],"401":["invalid_token","missing_token"],"403":["csrf_failed","insufficient_scope"],"503":["unavailable"]}`,
		},
		"cookie, unprotected": {
			cfg:  guard.Config{Sources: []guard.Source{guard.Cookie("a")}, CSRF: guard.CSRF{Off: true}},
			want: `{"400":["invalid_request"],"401":["invalid_token","missing_token"],"503":["unavailable"]}`,
		},
		"others": {
			cfg: guard.Config{Answerer: guard.AnswererFunc(func(*guard.Refusal) guard.Answer {
				return guard.Answer{Status: 418, Header: http.Header{"Content-Type": {"text/plain; charset=utf-8"}}, Body: []byte("no")}
			})},
			want: `{"418":["invalid_request","invalid_token","missing_token","unavailable"]}`,
		},
		"none": {
			options: []humaguard.Option{humaguard.AnswerWith(func(huma.Context, guard.Answer) {})},
			want:    `{}`,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := map[string][]string{}
			for status, response := range at(register(t, newAPI(), newGuard(t, tt.cfg), tt.options...), "responses").(map[string]any) {
				content, _ := at(response, "content").(map[string]any)
				for mediaType, body := range content {
					examples, _ := at(body, "examples").(map[string]any)
					for code, example := range examples {
						got[status] = append(got[status], code)
						checkExample(t, mediaType, body, at(example, "value"))
					}
				}
				slices.Sort(got[status])
			}
			if compact(got) != tt.want {
				t.Errorf("answers %s, want %s", compact(got), tt.want)
			}
		})
	}
}

func checkExample(t *testing.T, mediaType string, body, value any) {
	t.Helper()
	if mediaType == "text/plain" {
		if value != "no" || at(body, "schema") != nil {
			t.Errorf("%s: %v, schema %v", mediaType, value, at(body, "schema"))
		}
		return
	}
	if mediaType != "application/problem+json" || at(body, "schema", "$ref") != "#/components/schemas/GuardProblem" || at(value, "code") == nil {
		t.Errorf("%s: %v, schema %v", mediaType, value, at(body, "schema"))
	}
}

// What the operation says itself stays, huma's description of its own errors included.
func TestAnswersOfTheOperation(t *testing.T) {
	t.Parallel()
	api, g := newAPI(), newGuard(t, guard.Config{})
	own := map[string]*huma.Response{"401": {Description: "my own"}}
	op := huma.Operation{
		OperationID: "own", Method: http.MethodGet, Path: "/own", Responses: own, Errors: []int{http.StatusServiceUnavailable},
		Security: []map[string][]string{{"mine": {}}}, Middlewares: make(huma.Middlewares, 0, 4),
	}
	before := compact(op)
	protected := humaguard.Protect(api.OpenAPI(), op, g)
	if compact(op) != before || len(own) != 1 || len(op.Middlewares[:1]) != 1 || op.Middlewares[:1][0] != nil {
		t.Error("the operation that was given has changed")
	}
	huma.Register(api, protected, list)
	huma.Register(api, humaguard.Protect(api.OpenAPI(), huma.Operation{OperationID: "no", Method: http.MethodGet, Path: "/no"}, g), list)
	doc := document(t, api)
	if got := at(doc, "paths", "/own", "get", "responses", "401"); !reflect.DeepEqual(got, map[string]any{"description": "my own"}) {
		t.Errorf("401: %v", got)
	}
	if got := compact(at(doc, "paths", "/own", "get", "security")); got != `[{"mine":[]},{"bearer":[]}]` {
		t.Errorf("security %s", got)
	}
	for _, where := range [][]string{{"/own", "503"}, {"/no", "500"}} {
		got := at(doc, "paths", where[0], "get", "responses", where[1], "content", "application/problem+json", "schema", "$ref")
		if got != "#/components/schemas/ErrorModel" {
			t.Errorf("%v: %v", where, got)
		}
	}
}

// A group says everything once, with as many prefixes as it may have.
func TestGroup(t *testing.T) {
	t.Parallel()
	api := newAPI()
	group := huma.NewGroup(api, "/v1", "/v2")
	humaguard.ProtectGroup(group, newGuard(t, guard.Config{Scopes: []string{"a"}}), humaguard.Scopes("b"))
	huma.Register(group, huma.Operation{OperationID: "list", Method: http.MethodGet, Path: "/news"}, list)
	huma.Register(api, huma.Operation{OperationID: "free", Method: http.MethodGet, Path: "/free"}, list)
	doc := document(t, api)
	for _, path := range []string{"/v1/news", "/v2/news"} {
		op := at(doc, "paths", path, "get")
		if got := compact(at(op, "security")); got != `[{"bearer":["a","b"]}]` {
			t.Errorf("%s: security %s", path, got)
		}
		if got, _ := at(op, "responses", "403", "description").(string); got != "The access token does not allow this. It needs the scopes `a`, `b`." {
			t.Errorf("%s: 403: %q", path, got)
		}
	}
	if op := at(doc, "paths", "/free", "get"); at(op, "security") != nil || at(op, "responses", "403") != nil {
		t.Errorf("what is not of the group: %v", op)
	}
	for path, want := range map[string]int{"/v1/news": 401, "/v2/news": 401, "/free": 200} {
		w := httptest.NewRecorder()
		api.Adapter().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, http.NoBody))
		if w.Code != want {
			t.Errorf("%s: %d, want %d", path, w.Code, want)
		}
	}
}

// A guard that is not there refuses, and is asked before the operation's own middleware.
func TestNilGuard(t *testing.T) {
	t.Parallel()
	api := newAPI()
	op := huma.Operation{OperationID: "list", Method: http.MethodGet, Path: "/news", Middlewares: huma.Middlewares{
		func(huma.Context, func(huma.Context)) { t.Error("the request came through") },
	}}
	huma.Register(api, humaguard.Protect(api.OpenAPI(), op, nil), list)
	w := httptest.NewRecorder()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/news", http.NoBody)
	r.Header.Set("Authorization", "Bearer a.b.c")
	api.Adapter().ServeHTTP(w, r)
	if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") != "1" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
}

// An answer without a status that HTTP has is one of a defect.
func TestStrangeAnswer(t *testing.T) {
	t.Parallel()
	api := newAPI()
	g := newGuard(t, guard.Config{Answerer: guard.AnswererFunc(func(*guard.Refusal) guard.Answer {
		return guard.Answer{Header: http.Header{"X-Many": {"a", "b"}, "Content-Type": {";"}}}
	})})
	for status := range at(register(t, api, g), "responses").(map[string]any) {
		if status != "200" && status != "500" {
			t.Errorf("the document has an answer %s", status)
		}
	}
	w := httptest.NewRecorder()
	api.Adapter().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/news", http.NoBody))
	if w.Code != http.StatusInternalServerError || len(w.Header()["X-Many"]) != 2 {
		t.Errorf("%d %v", w.Code, w.Header())
	}
}

func TestOptionsThatReplace(t *testing.T) {
	t.Parallel()
	api := newAPI()
	var code int
	register(t, api, newGuard(t, guard.Config{}),
		humaguard.SeenAs(func(huma.Context) guard.Carrier {
			r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody)
			r.Header.Set("Authorization", "Bearer a.b.c")
			return guard.FromRequest(r)
		}),
		humaguard.AnswerWith(func(ctx huma.Context, refused guard.Answer) {
			code = refused.Status
			ctx.SetStatus(http.StatusTeapot)
		}))
	w := httptest.NewRecorder()
	api.Adapter().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/news", http.NoBody))
	if w.Code != http.StatusTeapot || code != http.StatusServiceUnavailable {
		t.Errorf("%d, for %d", w.Code, code)
	}
}
