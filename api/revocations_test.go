package api_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/api"
	"github.com/jetonauth/jeton/revoke"
	"github.com/jetonauth/jeton/store/memory"
)

// feedStore counts how often the revocations are read, and fails when told to.
type feedStore struct {
	*memory.Store
	reads atomic.Int64
	err   atomic.Pointer[error]
}

func (s *feedStore) Revocations(ctx context.Context, after uint64, limit int) ([]revoke.Entry, error) {
	s.reads.Add(1)
	if err := s.err.Load(); err != nil {
		return nil, *err
	}
	return s.Store.Revocations(ctx, after, limit)
}

// commit revokes something as another node does.
func (s *feedStore) commit(t *testing.T, value string, expires time.Time) revoke.Entry {
	t.Helper()
	entry, err := s.RevokeToken(t.Context(), revoke.IDOf(value), expires)
	if err != nil {
		t.Fatal(err)
	}
	return entry
}

// feed is a server whose revocations are followed.
type feed struct {
	*server
	store *feedStore
	basic string
}

func startFeed(t *testing.T) *feed {
	t.Helper()
	f := &feed{store: &feedStore{Store: memory.New()}}
	f.server = start(t, func(c *jeton.Config, _ *api.Config) { c.Store = f.store })
	f.basic = basicHeader(f.service("news", jeton.ScopeRevocations))
	return f
}

// follow asks for revocations.
func (f *feed) follow(query string, authorization ...string) answer {
	f.t.Helper()
	return f.send(request{method: http.MethodGet, path: "/auth/revocations" + query, header: http.Header{"Authorization": authorization}})
}

// entries asks for revocations that there are.
func (f *feed) entries(query string) feedPage {
	f.t.Helper()
	var p feedPage
	f.follow(query, f.basic).expect(http.StatusOK).decode(&p)
	return p
}

type feedPage struct {
	Entries []feedEntry `json:"entries"`
	More    bool        `json:"more"`
}

type feedEntry struct {
	Number    uint64     `json:"number"`
	ID        string     `json:"id"`
	ExpiresAt *time.Time `json:"expires_at"`
}

func hashOf(value string) string {
	id := revoke.IDOf(value)
	return base64.RawURLEncoding.EncodeToString(id[:])
}

func TestRevocations(t *testing.T) {
	t.Parallel()
	f := startFeed(t)
	if got := f.follow("", f.basic).expect(http.StatusOK).text; got != `{"entries":[],"more":false}` {
		t.Errorf("without revocations: %s", got)
	}
	in := f.signUp()
	f.post("/auth/logout", "", in.AccessToken).expect(http.StatusNoContent)
	f.store.commit(t, "for ever", time.Time{}) // by another node: the answer is the store's
	expires := f.auth.Now().Add(jeton.DefaultAccessTTL + 5*time.Minute)
	a := f.follow("", f.basic).expect(http.StatusOK)
	want := fmt.Sprintf(`{"entries":[{"number":1,"id":%q,"expires_at":%q},{"number":2,"id":%q,"expires_at":null}],"more":false}`,
		hashOf(in.SessionID), expires.UTC().Format(time.RFC3339), hashOf("for ever"))
	if a.text != want || a.header.Get("Content-Type") != "application/json" {
		t.Errorf("answer %s\nwant   %s", a.text, want)
	}
	if strings.Contains(a.text, in.User.ID) {
		t.Error("the answer names an account")
	}
}

func TestRevocationsPageByPage(t *testing.T) {
	t.Parallel()
	f := startFeed(t)
	for i := range 5 {
		f.store.commit(t, fmt.Sprint(i), f.auth.Now().Add(time.Hour))
	}
	for _, tt := range []struct {
		query   string
		numbers string
		more    bool
	}{
		{"", "[1 2 3 4 5]", false},
		{"?after=0&limit=2", "[1 2]", true},
		{"?after=2&limit=3", "[3 4 5]", false},
		{"?after=3&limit=1&wait=25", "[4]", true}, // nothing to wait for
		{"?after=4&limit=20000", "[5]", false},
		{"?after=5", "[]", false},
		{"?after=6", "[]", false},
		{"?after=18446744073709551615", "[]", false},
	} {
		p, numbers := f.entries(tt.query), []uint64{}
		for _, e := range p.Entries {
			numbers = append(numbers, e.Number)
			if e.ID != hashOf(fmt.Sprint(e.Number-1)) {
				t.Errorf("%q: entry %+v", tt.query, e)
			}
		}
		if fmt.Sprint(numbers) != tt.numbers || p.More != tt.more {
			t.Errorf("%q: %v, more %t; want %s, %t", tt.query, numbers, p.More, tt.numbers, tt.more)
		}
	}
}

func TestWhoMayFollow(t *testing.T) {
	t.Parallel()
	f := startFeed(t)
	in := f.signUp()
	name, secret := f.service("both", jeton.ScopeRevocations, jeton.ScopeIntrospect)
	other, otherSecret := f.service("other", jeton.ScopeIntrospect)
	gone, goneSecret := f.service("gone", jeton.ScopeRevocations)
	if err := f.auth.RemoveServiceClient(t.Context(), gone); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name          string
		authorization []string
		status        int
		code          string
	}{
		{"good", []string{f.basic}, 200, ""},
		{"both scopes", []string{basicHeader(name, secret)}, 200, ""},
		{"another scope", []string{basicHeader(other, otherSecret)}, 403, "insufficient_scope"},
		{"none", nil, 401, "invalid_credentials"},
		{"a user's token", []string{"Bearer " + in.AccessToken}, 401, "invalid_credentials"},
		{"a user's password", []string{basicHeader(email, password)}, 401, "invalid_credentials"},
		{"wrong secret", []string{basicHeader(name, otherSecret)}, 401, "invalid_credentials"},
		{"unknown name", []string{basicHeader("nobody", secret)}, 401, "invalid_credentials"},
		{"removed", []string{basicHeader(gone, goneSecret)}, 401, "invalid_credentials"},
		{"not base64", []string{"Basic !!!!"}, 401, "invalid_credentials"},
		{"two headers", []string{f.basic, f.basic}, 400, "invalid_request"},
	} {
		for _, query := range []string{"", "?wait=25&after=99"} {
			if query != "" && tt.status == http.StatusOK {
				continue // it would wait
			}
			a := f.follow(query, tt.authorization...)
			var p problem
			if a.expect(tt.status); tt.status == http.StatusOK {
				continue
			}
			if a.decode(&p); p.Code != tt.code || p.Detail == "" || strings.Contains(p.Detail, "access token") {
				t.Errorf("%s: %s", tt.name, a.text)
			}
			challenge := a.header.Get("WWW-Authenticate")
			if want := tt.status == http.StatusUnauthorized; want != (challenge == `Basic realm="api"`) {
				t.Errorf("%s: challenge %q", tt.name, challenge)
			}
		}
	}
}

func TestBadRevocationQueries(t *testing.T) {
	t.Parallel()
	f := startFeed(t)
	for _, query := range []string{
		"after=-1", "after=", "after", "after=x", "after=1.0", "after=+1", "after=18446744073709551616", "after=1&after=1",
		"limit=0", "limit=20001", "limit=-1", "limit=", "limit=1e3", "limit=1&limit=2",
		"wait=26", "wait=-1", "wait=1s", "wait=0.5", "wait=", "wait=99999999999999999999",
		"before=1", "After=1", "after=1;limit=1", "after=%zz",
	} {
		p := f.follow("?"+query, f.basic).expectProblem(http.StatusBadRequest, "invalid_request")
		if name, _, _ := strings.Cut(query, "="); slices.Contains([]string{"limit", "wait"}, name) && !strings.Contains(query, "&") &&
			!strings.Contains(p.Detail, "The parameter "+name+" must be") {
			t.Errorf("%s: detail %q", query, p.Detail)
		}
	}
	f.follow("?after=-1").expect(http.StatusUnauthorized) // who may not learns nothing
}

func TestRevocationsAreUnavailable(t *testing.T) {
	t.Parallel()
	f := startFeed(t)
	down := fmt.Errorf("%w: %w", jeton.ErrUnavailable, errDisk)
	f.store.err.Store(&down)
	for _, query := range []string{"", "?wait=25"} {
		if p := f.follow(query, f.basic).expectProblem(http.StatusServiceUnavailable, "unavailable"); p.Detail == "" {
			t.Error("no detail")
		}
	}
	f.store.err.Store(nil)
	f.entries("")
}
