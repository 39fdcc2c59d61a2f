package guard_test

import (
	"context"
	"log/slog"
	"regexp"
	"strings"
	"testing"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/guard"
)

// seen is a verifier that accepts everything and remembers it.
type seen struct{ tokens []string }

func (s *seen) Verify(_ context.Context, token string) (*jeton.Principal, error) {
	s.tokens = append(s.tokens, token)
	return &jeton.Principal{}, nil
}

func newGuard(t testing.TB, cfg guard.Config) *guard.Guard {
	t.Helper()
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	g, err := guard.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func TestAuthorizationHeader(t *testing.T) {
	t.Parallel()
	const missing, malformed, bad = guard.MissingToken, guard.InvalidRequest, guard.InvalidToken
	tests := map[string]struct {
		values []string
		token  string
		code   guard.Code
	}{
		"none":                   {nil, "", missing},
		"empty":                  {[]string{""}, "", missing},
		"token":                  {[]string{"Bearer a.b.c"}, "a.b.c", ""},
		"every character":        {[]string{"Bearer azAZ09-._~+/=="}, "azAZ09-._~+/==", ""},
		"lower case scheme":      {[]string{"bearer abc"}, "abc", ""},
		"mixed case scheme":      {[]string{"bEaReR abc"}, "abc", ""},
		"several spaces":         {[]string{"Bearer   abc"}, "abc", ""},
		"scheme alone":           {[]string{"Bearer"}, "", malformed},
		"scheme and space":       {[]string{"Bearer "}, "", malformed},
		"space inside":           {[]string{"Bearer abc def"}, "", malformed},
		"space behind":           {[]string{"Bearer abc "}, "", malformed},
		"tab":                    {[]string{"Bearer\tabc"}, "", malformed},
		"space and tab":          {[]string{"Bearer \tabc"}, "", malformed},
		"colon":                  {[]string{"Bearer:abc"}, "", malformed},
		"slash":                  {[]string{"Bearer/abc"}, "", malformed},
		"list":                   {[]string{"Bearer abc, Bearer def"}, "", malformed},
		"parameter":              {[]string{`Bearer token="abc"`}, "", malformed},
		"padding inside":         {[]string{"Bearer ab=c"}, "", malformed},
		"padding before":         {[]string{"Bearer =abc"}, "", malformed},
		"padding alone":          {[]string{"Bearer =="}, "", malformed},
		"scheme twice":           {[]string{"Bearer Bearer abc"}, "", malformed},
		"not ASCII":              {[]string{"Bearer abcé"}, "", malformed},
		"NUL":                    {[]string{"Bearer abc\x00"}, "", malformed},
		"newline":                {[]string{"Bearer abc\n"}, "", malformed},
		"another scheme":         {[]string{"Basic dXNlcjpwYXNz"}, "", missing},
		"a longer scheme":        {[]string{"BearerToken abc"}, "", missing},
		"a scheme with a hyphen": {[]string{"Bearer-2 abc"}, "", missing},
		"a scheme with a mark":   {[]string{"Bearer!2 abc"}, "", missing},
		"a shorter scheme":       {[]string{"Bear abc"}, "", missing},
		"no scheme":              {[]string{"abc.def.ghi"}, "", missing},
		"two headers":            {[]string{"Bearer abc", "Bearer abc"}, "", malformed},
		"two headers, one other": {[]string{"Basic abc", "Bearer abc"}, "", malformed},
		"two headers, one empty": {[]string{"", "Bearer abc"}, "", malformed},
		"long":                   {[]string{"Bearer " + strings.Repeat("a", 1<<20-1)}, strings.Repeat("a", 1<<20-1), ""},
		"too long":               {[]string{"Bearer " + strings.Repeat("a", 1<<20)}, "", bad},
		"too long and malformed": {[]string{"Bearer " + strings.Repeat(" ", 1<<20)}, "", bad},
		"too long, other scheme": {[]string{"Basic " + strings.Repeat("a", 1<<20)}, "", missing},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var v seen
			p, refusal := newGuard(t, guard.Config{Verifier: &v}).Check(t.Context(), message{"Authorization": tt.values})
			if tt.code != "" {
				if refusal == nil || refusal.Code != tt.code || p != nil || v.tokens != nil {
					t.Fatalf("got %v, %v with tokens %q, want code %s", p, refusal, v.tokens, tt.code)
				}
				return
			}
			if refusal != nil || p == nil || len(v.tokens) != 1 || v.tokens[0] != tt.token {
				t.Fatalf("got %v, %v with tokens %.80q, want %.80q", p, refusal, v.tokens, tt.token)
			}
		})
	}
}

// FuzzAuthorizationHeader compares with the grammar of RFC 6750, section 2.1, written down a second time.
func FuzzAuthorizationHeader(f *testing.F) {
	for _, seed := range []string{
		"", "Bearer", "Bearer ", "Bearer a", "bearer  a.b.c==", "Bearer a b", "Bearer a=b", "Basic a", "Bearerx a", "Bearer\ta",
		"Bearer,a", "Bearer/a", "BEARER ~+/-._=", "Bearer \xff", "Bearer é", "\x00",
	} {
		f.Add(seed)
	}
	bearer := regexp.MustCompile("^(?i:bearer)([^!#$%&'*+.^_`|~0-9A-Za-z-]|$)")
	strict := regexp.MustCompile(`^(?i:bearer) +([A-Za-z0-9._~+/-]+=*)$`)
	f.Fuzz(func(t *testing.T, value string) {
		var v seen
		_, refusal := newGuard(t, guard.Config{Verifier: &v}).Check(t.Context(), message{"Authorization": {value}})
		match := strict.FindStringSubmatch(value)
		switch {
		case len(value) > 1<<20:
			return // beyond what is scanned
		case match != nil:
			if refusal != nil || len(v.tokens) != 1 || v.tokens[0] != match[1] {
				t.Errorf("%q: %v, tokens %q", value, refusal, v.tokens)
			}
		case refusal == nil || v.tokens != nil:
			t.Errorf("%q was accepted: tokens %q", value, v.tokens)
		case bearer.MatchString(value) != (refusal.Code == guard.InvalidRequest):
			t.Errorf("%q: %v", value, refusal)
		case !bearer.MatchString(value) && refusal.Code != guard.MissingToken:
			t.Errorf("%q: %v", value, refusal)
		}
	})
}
