package jeton_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/store/memory"
)

func (s *service) addClient(name string, scopes ...string) (secret string) {
	s.t.Helper()
	secret, err := s.AddServiceClient(s.t.Context(), name, scopes)
	if err != nil {
		s.t.Fatal(err)
	}
	return secret
}

func TestServiceClients(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	secret := s.addClient("billing", jeton.ScopeRevocations, jeton.ScopeIntrospect, jeton.ScopeRevocations)
	other := s.addClient("a.b-c_9", jeton.ScopeIntrospect)

	client, err := s.CheckServiceClient(t.Context(), "billing", secret, jeton.Client{})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{jeton.ScopeIntrospect, jeton.ScopeRevocations}
	if client.Name != "billing" || !slices.Equal(client.Scopes, want) || !client.CreatedAt.Equal(s.Now()) {
		t.Errorf("client %+v", *client)
	}
	if !client.HasScope(jeton.ScopeIntrospect) || client.HasScope("other") || client.HasScope("") {
		t.Error("HasScope is wrong")
	}
	for what, try := range map[string][2]string{
		"another one's secret": {"billing", other},
		"an unknown name":      {"nobody", secret},
		"no secret":            {"billing", ""},
		"no name":              {"", secret},
		"another case":         {"Billing", secret},
		"a typing error":       {"billing", secret[:20] + string(secret[20]^1) + secret[21:]},
		"no prefix":            {"billing", strings.TrimPrefix(secret, "jcs_")},
		"something after it":   {"billing", secret + "="},
		"a newline in it":      {"billing", secret[:20] + "\n" + secret[20:]},
		"the stored hash":      {"billing", string(client.SecretHash)},
		"a long one":           {"billing", strings.Repeat("x", 1<<20)},
		"a long name":          {strings.Repeat("x", 1<<20), secret},
	} {
		got, err := s.CheckServiceClient(t.Context(), try[0], try[1], jeton.Client{})
		wantErr(t, what, err, jeton.ErrInvalidCredentials)
		if got != nil || err != nil && err.Error() != jeton.ErrInvalidCredentials.Error() {
			t.Errorf("%s: client %v, error %v", what, got, err)
		}
	}
	list, err := s.ServiceClients(t.Context())
	if err != nil || len(list) != 2 || list[0].Name != "a.b-c_9" || list[1].Name != "billing" {
		t.Errorf("clients %v, error %v", list, err)
	}
	_, err = s.AddServiceClient(t.Context(), "billing", []string{jeton.ScopeIntrospect})
	wantErr(t, "add again", err, jeton.ErrConflict)

	if err := s.RemoveServiceClient(t.Context(), "billing"); err != nil {
		t.Fatal(err)
	}
	_, err = s.CheckServiceClient(t.Context(), "billing", secret, jeton.Client{})
	wantErr(t, "a removed client", err, jeton.ErrInvalidCredentials)
	wantErr(t, "remove again", s.RemoveServiceClient(t.Context(), "billing"), jeton.ErrNotFound)
	wantErr(t, "remove what is no name", s.RemoveServiceClient(t.Context(), "Bill ing"), jeton.ErrNotFound)
	again := s.addClient("billing", jeton.ScopeIntrospect)
	_, err = s.CheckServiceClient(t.Context(), "billing", secret, jeton.Client{})
	wantErr(t, "the secret of an earlier client", err, jeton.ErrInvalidCredentials)
	if _, err := s.CheckServiceClient(t.Context(), "billing", again, jeton.Client{}); err != nil {
		t.Error(err)
	}
}

func TestServiceClientFields(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	introspect := []string{jeton.ScopeIntrospect}
	for _, test := range []struct {
		name   string
		scopes []string
		want   string
	}{
		{"", introspect, "/name invalid_name"},
		{"-a", introspect, "/name invalid_name"},
		{".a", introspect, "/name invalid_name"},
		{"_a", introspect, "/name invalid_name"},
		{"Billing", introspect, "/name invalid_name"},
		{"bill ing", introspect, "/name invalid_name"},
		{"bill:ing", introspect, "/name invalid_name"},
		{"bíll", introspect, "/name invalid_name"},
		{"a\xff", introspect, "/name invalid_name"},
		{strings.Repeat("a", 65), introspect, "/name invalid_name"},
		{"a", nil, "/scopes required"},
		{"a", []string{}, "/scopes required"},
		{"a", []string{""}, "/scopes/0 invalid_scope"},
		{"a", []string{"introspect", "two words"}, "/scopes/1 invalid_scope"},
		{"a", []string{"a\"b"}, "/scopes/0 invalid_scope"},
		{"a", []string{"introspect", "admin"}, "/scopes/1 unknown_scope"},
		{"a", []string{"Introspect"}, "/scopes/0 unknown_scope"},
		{"A", []string{"admin"}, "/name invalid_name /scopes/0 unknown_scope"},
	} {
		secret, err := s.AddServiceClient(t.Context(), test.name, test.scopes)
		wantFields(t, err, test.want)
		if secret != "" {
			t.Errorf("%q: there is a secret", test.name)
		}
		if strings.Contains(test.want, "scopes") && !strings.Contains(err.Error(), "introspect, revocations") {
			t.Errorf("error %v does not say which there are", err)
		}
	}
	for _, name := range []string{"a", "9", "a.b_c-d", strings.Repeat("a", 64)} {
		s.addClient(name, jeton.ScopeIntrospect)
	}
	if list, err := s.ServiceClients(t.Context()); err != nil || len(list) != 4 {
		t.Errorf("%d clients, error %v", len(list), err)
	}
}

func TestTheSecretOfAServiceClient(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	secret := s.addClient("billing", jeton.ScopeIntrospect)
	encoded, ok := strings.CutPrefix(secret, "jcs_")
	b, err := base64.RawURLEncoding.DecodeString(encoded)
	if !ok || err != nil || len(b) != 36 {
		t.Fatalf("a secret of %d bytes, error %v", len(b), err)
	}
	sum := crc32.ChecksumIEEE(b[:32])
	if !bytes.Equal(b[32:], []byte{byte(sum >> 24), byte(sum >> 16), byte(sum >> 8), byte(sum)}) {
		t.Error("the checksum is not the one of the random bytes")
	}
	if other := s.addClient("other", jeton.ScopeIntrospect); other[:12] == secret[:12] {
		t.Error("two secrets begin alike")
	}
	kept, err := s.store.ServiceClient(t.Context(), "billing")
	if err != nil {
		t.Fatal(err)
	}
	if hash := sha256.Sum256([]byte(secret)); !bytes.Equal(kept.SecretHash, hash[:]) {
		t.Error("what is kept is not the SHA-256")
	}
	text, err := json.Marshal(kept)
	if err != nil {
		t.Fatal(err)
	}
	var logs bytes.Buffer
	slog.New(slog.NewTextHandler(&logs, nil)).Info("", "client", kept)
	for _, shown := range []string{
		string(text), fmt.Sprintf("%v %+v %#v %s %x %v", kept, *kept, kept, *kept, *kept, []*jeton.ServiceClient{kept}), logs.String(), s.logs.String(),
	} {
		for _, hidden := range []string{
			secret, string(kept.SecretHash), fmt.Sprintf("%x", kept.SecretHash), base64.StdEncoding.EncodeToString(kept.SecretHash),
		} {
			if strings.Contains(shown, hidden) {
				t.Errorf("%q shows the secret or its hash", shown)
			}
		}
	}
	if !strings.Contains(logs.String(), "client.name=billing client.scopes=introspect") {
		t.Errorf("the log lacks the name or scopes: %s", &logs)
	}
}

// brokenClients is a store of service clients that can be away, and counts how often it is asked.
type brokenClients struct {
	jeton.ServiceClientStore
	err   error
	asked int
}

func (b *brokenClients) ServiceClient(ctx context.Context, name string) (*jeton.ServiceClient, error) {
	b.asked++
	if b.err != nil {
		return nil, b.err
	}
	return b.ServiceClientStore.ServiceClient(ctx, name)
}

func TestServiceClientsWhoseStoreIsAway(t *testing.T) {
	t.Parallel()
	clients := &brokenClients{ServiceClientStore: memory.New()}
	s := newService(t, func(cfg *jeton.Config) { cfg.ServiceClients = clients })
	secret := s.addClient("billing", jeton.ScopeIntrospect)
	if _, err := s.store.ServiceClient(t.Context(), "billing"); !errors.Is(err, jeton.ErrNotFound) {
		t.Errorf("Config.ServiceClients is not used: %v", err)
	}
	for _, away := range []error{jeton.ErrUnavailable, fmt.Errorf("%w: %w", jeton.ErrUnavailable, jeton.ErrNotFound), context.Canceled} {
		clients.err = away
		_, err := s.CheckServiceClient(t.Context(), "billing", secret, jeton.Client{})
		wantErr(t, "the store is away", err, away)
	}
	clients.err, clients.asked = nil, 0
	for _, guess := range []string{"", "jcs_", "password", secret[:len(secret)-1] + "!"} {
		_, err := s.CheckServiceClient(t.Context(), "billing", guess, jeton.Client{})
		wantErr(t, "a guess", err, jeton.ErrInvalidCredentials)
	}
	if clients.asked != 0 {
		t.Errorf("guesses cost %d queries", clients.asked)
	}
	for _, name := range []string{"billing", "nobody"} { // right, wrong and unknown cost the same
		clients.asked = 0
		_, err := s.CheckServiceClient(t.Context(), name, s.addClient("x"+name, jeton.ScopeIntrospect), jeton.Client{})
		wantErr(t, name, err, jeton.ErrInvalidCredentials)
		if clients.asked != 1 {
			t.Errorf("%s: %d queries", name, clients.asked)
		}
	}
}

// userTable is a store that keeps no service clients and cannot list users.
type userTable struct{ jeton.Store }

func TestWithoutAStoreForServiceClients(t *testing.T) {
	t.Parallel()
	s := newService(t, func(cfg *jeton.Config) { cfg.Store, cfg.Secret = userTable{memory.New()}, masterKey })
	_, err := s.AddServiceClient(t.Context(), "billing", []string{jeton.ScopeIntrospect})
	wantErr(t, "add", err, errors.ErrUnsupported)
	_, err = s.CheckServiceClient(t.Context(), "billing", "x", jeton.Client{})
	wantErr(t, "check", err, jeton.ErrInvalidCredentials)
	wantErr(t, "remove", s.RemoveServiceClient(t.Context(), "billing"), jeton.ErrNotFound)
	if list, err := s.ServiceClients(t.Context()); len(list) != 0 || err != nil {
		t.Errorf("clients %v, error %v", list, err)
	}
	_, err = s.ListUsers(t.Context(), "", 10)
	wantErr(t, "list users", err, errors.ErrUnsupported)
}

func TestServiceClientsAreAudited(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	secret := s.addClient("billing", jeton.ScopeRevocations, jeton.ScopeIntrospect)
	other := s.addClient("other", jeton.ScopeIntrospect)
	for range 100 {
		for _, try := range [][2]string{{"billing", other}, {"nobody", secret}, {"noone", other}, {"other", secret}, {"other", "guess"}, {"other", other}} {
			_, _ = s.CheckServiceClient(t.Context(), try[0], try[1], from(homeNet, "worker"))
		}
	}
	s.advance(61 * time.Second)
	for range 100 {
		_, _ = s.CheckServiceClient(t.Context(), "billing", other, from(homeNet, "worker"))
	}
	if err := s.RemoveServiceClient(t.Context(), "billing"); err != nil {
		t.Fatal(err)
	}
	_ = s.RemoveServiceClient(t.Context(), "billing")
	var got []string
	for _, e := range s.events {
		got = append(got, string(e.Type)+": "+e.Reason)
		if e.Type == jeton.EventServiceClientFailed && e.Client != from(homeNet, "worker") {
			t.Errorf("%s: from %v", e.Reason, e.Client)
		}
	}
	want := []string{
		"service_client_added: client billing, scopes introspect revocations",
		"service_client_added: client other, scopes introspect",
		"service_client_failed: client billing: wrong secret",
		"service_client_failed: no such client",
		"service_client_failed: client other: wrong secret",
		"service_client_failed: client billing: wrong secret",
		"service_client_removed: client billing",
	}
	if !slices.Equal(got, want) {
		t.Errorf("events\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
