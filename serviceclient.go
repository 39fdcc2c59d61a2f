package jeton

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"
)

// What a service client may be allowed.
const (
	// ScopeIntrospect lets it ask what a token is worth (RFC 7662).
	ScopeIntrospect = "introspect"
	// ScopeRevocations lets it follow what is revoked.
	ScopeRevocations = "revocations"
)

// serviceScopes are all the scopes that there are.
var serviceScopes = []string{ScopeIntrospect, ScopeRevocations}

// maxServiceName is the longest name of a service client in bytes.
const maxServiceName = 64

// ServiceClient is a service that may ask jeton about tokens.
type ServiceClient struct {
	// Name is what the service calls itself, and its user name for HTTP Basic: 1 to 64 of the characters a-z, 0-9, ".", "_" and
	// "-", the first one a letter or digit.
	Name string `json:"name"`
	// Scopes are what it may do, each once, in alphabetical order.
	Scopes []string `json:"scopes"`
	// SecretHash is the SHA-256 of its secret.
	SecretHash []byte `json:"-"`
	// CreatedAt is in UTC.
	CreatedAt time.Time `json:"created_at"`
}

// HasScope reports whether the client may do what scope says.
func (c *ServiceClient) HasScope(scope string) bool { return slices.Contains(c.Scopes, scope) }

// Clone returns a copy that shares no memory with c.
func (c *ServiceClient) Clone() *ServiceClient {
	if c == nil {
		return nil
	}
	clone := *c
	clone.Scopes, clone.SecretHash = slices.Clone(c.Scopes), slices.Clone(c.SecretHash)
	return &clone
}

// String leaves out the secret's hash.
func (c ServiceClient) String() string { return "service client " + c.Name }

// GoString is the same as String.
func (c ServiceClient) GoString() string { return c.String() }

// LogValue leaves out the secret's hash.
func (c ServiceClient) LogValue() slog.Value {
	return slog.GroupValue(slog.String("name", c.Name), slog.String("scopes", strings.Join(c.Scopes, " ")))
}

// ServiceClientStore keeps service clients. Implementations are as those of [UserStore]: safe for concurrent use, without
// shared memory, with names compared byte by byte, and with [ErrUnavailable], wrapped, when the database cannot be reached.
type ServiceClientStore interface {
	// AddServiceClient adds a client. A Name that another one has is [ErrConflict].
	AddServiceClient(ctx context.Context, c *ServiceClient) error
	// ServiceClient returns the client with this name or [ErrNotFound].
	ServiceClient(ctx context.Context, name string) (*ServiceClient, error)
	// ServiceClients returns all clients by their names, in the order of their bytes.
	ServiceClients(ctx context.Context) ([]*ServiceClient, error)
	// RemoveServiceClient removes a client or returns [ErrNotFound].
	RemoveServiceClient(ctx context.Context, name string) error
}

// AddServiceClient adds a service client and returns its secret. Nobody can see that again: the store keeps its SHA-256. What is
// wrong with name or scopes is a [*ValidationError] for "/name" or "/scopes"; a name that is taken [ErrConflict]; without a store
// for clients the error is [errors.ErrUnsupported].
func (a *Auth) AddServiceClient(ctx context.Context, name string, scopes []string) (secret string, err error) {
	if a.clients == nil {
		return "", fmt.Errorf("jeton: Config.ServiceClients: the store keeps no service clients: %w", errors.ErrUnsupported)
	}
	scopes, problems := checkServiceScopes(scopes)
	if !isServiceName(name) {
		problems = slices.Insert(problems, 0, invalidServiceName)
	}
	if len(problems) > 0 {
		return "", &ValidationError{Fields: problems}
	}
	secret = newServiceSecret()
	hash := sha256.Sum256([]byte(secret))
	err = a.clients.AddServiceClient(ctx, &ServiceClient{
		Name: name, Scopes: scopes, SecretHash: hash[:], CreatedAt: a.moment(),
	})
	if err != nil {
		return "", err
	}
	a.audit(ctx, Event{Type: EventServiceClientAdded, Reason: "client " + name + ", scopes " + strings.Join(scopes, " ")})
	return secret, nil
}

// ServiceClients returns all service clients by name; none without a store for them.
func (a *Auth) ServiceClients(ctx context.Context) ([]*ServiceClient, error) {
	if a.clients == nil {
		return nil, nil
	}
	return a.clients.ServiceClients(ctx)
}

// RemoveServiceClient removes a service client, whose secret is refused from then on, by every node. [ErrNotFound].
func (a *Auth) RemoveServiceClient(ctx context.Context, name string) error {
	if a.clients == nil || !isServiceName(name) {
		return fmt.Errorf("service client: %w", ErrNotFound)
	}
	if err := a.clients.RemoveServiceClient(ctx, name); err != nil {
		return err
	}
	a.audit(ctx, Event{Type: EventServiceClientRemoved, Reason: "client " + name})
	return nil
}

// CheckServiceClient returns the service client that name and secret prove. The store is asked each time, so that a removed client
// is refused at once, except about what cannot be a name or a secret. [ErrInvalidCredentials] does not tell an unknown name from a
// wrong secret, by its words or its time; [ErrUnavailable] says nothing about them. Where it was asked from is for the audit log.
//
// Attempts are not limited, since nobody guesses 256 random bits. So that they cannot flood the audit log, a refusal is an
// audit event at most once a minute for each client, and once a minute for all unknown names together.
func (a *Auth) CheckServiceClient(ctx context.Context, name, secret string, from Client) (*ServiceClient, error) {
	if a.clients == nil || !isServiceName(name) || !isServiceSecret(secret) {
		return nil, ErrInvalidCredentials
	}
	client, err := a.clients.ServiceClient(ctx, name)
	found := err == nil
	switch {
	case errors.Is(err, ErrNotFound) && !errors.Is(err, ErrUnavailable):
		client = &ServiceClient{}
	case err != nil:
		return nil, err
	}
	if !matchesSecret(client.SecretHash, secret) {
		a.auditRefusedClient(ctx, name, found, from)
		return nil, ErrInvalidCredentials
	}
	return client, nil
}

// matchesSecret does the same work for a client that is not there, which has no hash.
func matchesSecret(hash []byte, secret string) bool {
	var want [sha256.Size]byte
	known := copy(want[:], hash) == len(want) && len(hash) == len(want)
	have := sha256.Sum256([]byte(secret))
	return subtle.ConstantTimeCompare(have[:], want[:]) == 1 && known
}

// auditRefusedClient does not name an unknown client: it could be anything that was typed into the wrong field.
func (a *Auth) auditRefusedClient(ctx context.Context, name string, found bool, from Client) {
	key, reason := "refused client", "no such client"
	if found {
		key, reason = "refused client:"+name, "client "+name+": wrong secret"
	}
	wait, err := a.refusals.Take(ctx, key, Limit{Count: 1, Window: time.Minute}, a.now())
	if err != nil || wait > 0 {
		return // it is told already, or nobody waits for the answer any more
	}
	a.audit(ctx, Event{Type: EventServiceClientFailed, Reason: reason, Client: from})
}

var invalidServiceName = FieldError{
	Pointer: "/name", Code: "invalid_name",
	Message: `must be 1 to 64 of the characters a-z, 0-9, ".", "_" and "-", the first one a letter or digit`,
}

func isServiceName(name string) bool {
	if name == "" || len(name) > maxServiceName || strings.IndexByte("._-", name[0]) >= 0 {
		return false
	}
	return !strings.ContainsFunc(name, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9') && !strings.ContainsRune("._-", r)
	})
}

// checkServiceScopes returns scopes in order and without repetition.
func checkServiceScopes(scopes []string) ([]string, []FieldError) {
	known := strings.Join(serviceScopes, ", ")
	if len(scopes) == 0 {
		return nil, []FieldError{{Pointer: "/scopes", Code: "required", Message: "must be some of " + known}}
	}
	for i, scope := range scopes {
		pointer := fmt.Sprintf("/scopes/%d", i)
		if !isScopeToken(scope) {
			return nil, []FieldError{{
				Pointer: pointer, Code: "invalid_scope", Message: "must be one of " + known + ", and has characters that no scope may have",
			}}
		}
		if !slices.Contains(serviceScopes, scope) {
			return nil, []FieldError{{Pointer: pointer, Code: "unknown_scope", Message: "must be one of " + known}}
		}
	}
	return slices.Compact(slices.Sorted(slices.Values(scopes))), nil
}

// isScopeToken reports whether s is a scope-token (RFC 6749, section 3.3).
func isScopeToken(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' || r == '"' || r == '\\' })
}
