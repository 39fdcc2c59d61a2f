package jetongrpc_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/jetonauth/jeton"
	jetongrpc "github.com/jetonauth/jeton/adapter/grpc"
	"github.com/jetonauth/jeton/guard"
	"github.com/jetonauth/jeton/jetontest"
	"github.com/jetonauth/jeton/jwt"
)

// subjects answers with who is known.
func subjects() service {
	who := func(ctx context.Context) string {
		if p, ok := jeton.FromContext(ctx); ok {
			return p.Subject()
		}
		return "nobody"
	}
	return service{unary: who, stream: who}
}

// both calls both methods, with a token unless that is empty, and returns their statuses in terms of HTTP.
func both(t *testing.T, conn *grpc.ClientConn, token string) (get, watch int) {
	t.Helper()
	header := http.Header{}
	if token != "" {
		header.Set("Authorization", "Bearer "+token)
	}
	var statuses []int
	for _, call := range []caller{unary, stream} {
		reply, err := call(t.Context(), conn, header)
		if err != nil {
			t.Fatal(err)
		}
		statuses = append(statuses, reply.Status)
	}
	return statuses[0], statuses[1]
}

func TestMethods(t *testing.T) {
	t.Parallel()
	all := jetongrpc.Require(jetontest.New(t))
	const no, yes = http.StatusUnauthorized, http.StatusOK
	for name, tt := range map[string]struct {
		i          jetongrpc.Interceptor
		get, watch int
	}{
		"all":                          {all, no, no},
		"except one":                   {all.Except("news.v1.News/Get"), yes, no},
		"except one, as on the wire":   {all.Except("/news.v1.News/Get"), yes, no},
		"except a service":             {all.Except("news.v1.News"), yes, yes},
		"except a service, with slash": {all.Except("/news.v1.News/"), yes, yes},
		"except another service":       {all.Except("news.v1.New", "news.v1", "News", "Get", "news.v1.News/Get/"), yes, no},
		"except nothing":               {all.Except(), no, no},
		"except an empty name":         {all.Except("", "/"), no, no},
		"except another":               {all.Except("grpc.health.v1.Health", "news.v1.News/Ge"), no, no},
		"except one and another":       {all.Except("news.v1.News/Get").Except("news.v1.News/Watch"), yes, yes},
		"only one":                     {all.Only("news.v1.News/Get"), no, yes},
		"only a service":               {all.Only("news.v1.News"), no, no},
		"only one and another":         {all.Only("news.v1.News/Get").Only("/news.v1.News/Watch"), no, no},
		"only nothing":                 {all.Only(), no, no},
		"only an empty name":           {all.Only("", "/"), no, no},
		"only another":                 {all.Only("news.v1.News/Ge"), yes, yes},
		"only a service, except one":   {all.Only("news.v1.News").Except("news.v1.News/Watch"), no, yes},
		"except one, only that":        {all.Except("news.v1.News/Watch").Only("news.v1.News/Watch"), yes, yes},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if get, watch := both(t, start(t, subjects(), tt.i), ""); get != tt.get || watch != tt.watch {
				t.Errorf("Get %d, Watch %d, want %d, %d", get, watch, tt.get, tt.watch)
			}
		})
	}
	if get, _ := both(t, start(t, subjects(), all), ""); get != no {
		t.Errorf("what was made of the interceptor has changed it: %d", get)
	}
}

// Two lists of names that were made of one do not share memory.
func TestInterceptorsAreApart(t *testing.T) {
	t.Parallel()
	base := jetongrpc.Require(jetontest.New(t)).Except("a", "b", "c")
	first, second := base.Except("news.v1.News/Get"), base.Except("news.v1.News/Watch")
	if get, watch := both(t, start(t, subjects(), first), ""); get != http.StatusOK || watch != http.StatusUnauthorized {
		t.Errorf("first: %d, %d", get, watch)
	}
	if get, watch := both(t, start(t, subjects(), second), ""); get != http.StatusUnauthorized || watch != http.StatusOK {
		t.Errorf("second: %d, %d", get, watch)
	}
}

// Without a verifier, nothing is let through.
func TestNoVerifier(t *testing.T) {
	t.Parallel()
	token := jetontest.New(t).Token("ada")
	var none *jeton.Auth
	for name, i := range map[string]jetongrpc.Interceptor{
		"require": jetongrpc.Require(nil), "optional": jetongrpc.Optional(nil), "require nil": jetongrpc.Require(none),
	} {
		conn := start(t, subjects(), i)
		for _, token := range []string{"", token} {
			if get, watch := both(t, conn, token); get != http.StatusServiceUnavailable || watch != get {
				t.Errorf("%s: %d, %d", name, get, watch)
			}
		}
	}
}

func TestZero(t *testing.T) {
	t.Parallel()
	if get, watch := both(t, start(t, subjects(), jetongrpc.Interceptor{}), "abc"); get != http.StatusInternalServerError || watch != get {
		t.Errorf("%d, %d", get, watch)
	}
}

func TestCodeOf(t *testing.T) {
	t.Parallel()
	for code, want := range map[guard.Code]codes.Code{
		guard.MissingToken: codes.Unauthenticated, guard.InvalidToken: codes.Unauthenticated, guard.InvalidRequest: codes.InvalidArgument,
		guard.InsufficientScope: codes.PermissionDenied, guard.ForgedRequest: codes.PermissionDenied,
		guard.Unavailable: codes.Unavailable, guard.Internal: codes.Internal, "": codes.Internal, "other": codes.Internal,
	} {
		if got := jetongrpc.CodeOf(code); got != want {
			t.Errorf("%s: %v, want %v", code, got, want)
		}
	}
}

// What stands further out finds the refusal in the error, and does not tell the client more by wrapping it.
func TestOuterInterceptor(t *testing.T) {
	t.Parallel()
	a := jetontest.New(t)
	found := map[string]error{}
	inner := jetongrpc.Require(a)
	server := grpc.NewServer(grpc.ChainUnaryInterceptor(
		func(ctx context.Context, request any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
			answer, err := handler(ctx, request)
			if err == nil {
				return answer, nil
			}
			found["unary"] = err
			return nil, fmt.Errorf("news: %w", err)
		}, inner.Unary), grpc.ChainStreamInterceptor(
		func(server any, stream grpc.ServerStream, _ *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
			if err := handler(server, stream); err != nil {
				found["stream"] = err
				return fmt.Errorf("news: %w", err)
			}
			return nil
		}, inner.Stream))
	conn := serve(t, server, subjects())
	token := a.Token("ada")
	a.Revoke(token)
	for name, call := range map[string]caller{"unary": unary, "stream": stream} {
		reply, err := call(t.Context(), conn, http.Header{"Authorization": {"Bearer " + token}})
		if err != nil || reply.Status != http.StatusUnauthorized {
			t.Fatalf("%s: %d, %v", name, reply.Status, err)
		}
		refusal, ok := errors.AsType[*guard.Refusal](found[name])
		if !ok || refusal.Code != guard.InvalidToken || !errors.Is(found[name], jwt.ErrRevoked) {
			t.Errorf("%s: the error is %v", name, found[name])
		}
		if want := refusal.Challenge(); reply.Header.Get("Www-Authenticate") != want {
			t.Errorf("%s: challenge %q, want %q", name, reply.Header, want)
		}
		if strings.Contains(reply.Body, "jwt:") || !strings.Contains(reply.Body, refusal.Description) {
			t.Errorf("%s: the client is told %q", name, reply.Body)
		}
	}
}

// Interceptors are functions, and can be called without a connection.
func TestWithoutServer(t *testing.T) {
	t.Parallel()
	i := jetongrpc.Require(jetontest.New(t))
	_, err := i.Unary(t.Context(), nil, &grpc.UnaryServerInfo{FullMethod: getMethod}, func(context.Context, any) (any, error) {
		t.Error("the handler was called")
		return nil, nil
	})
	if status.Code(err) != codes.Unauthenticated {
		t.Errorf("%v", err)
	}
}

// What a guard sees of a call: with a cookie, as browsers send one through a proxy for gRPC-Web, it needs the CSRF value.
func TestWhatTheGuardSees(t *testing.T) {
	t.Parallel()
	var seen string
	a := jetontest.New(t)
	g, err := guard.New(guard.Config{Verifier: a, CSRF: guard.CSRF{Claim: "page"}, Sources: []guard.Source{
		guard.Cookie("token"),
		guard.SourceFunc(func(c guard.Carrier) (string, error) {
			seen = fmt.Sprintf("%s %s %q %v", c.Method(), c.Host(), c.Header("X-Words"), c.Query("q"))
			return "", nil
		}),
	}})
	if err != nil {
		t.Fatal(err)
	}
	conn := start(t, subjects(), jetongrpc.Wrap(g))
	cookie := "token=" + a.Token("ada", jetontest.Claim("page", guard.CSRFDigest("value")))
	for value, want := range map[string]int{"value": http.StatusOK, "guessed": http.StatusForbidden} {
		for name, call := range map[string]caller{"unary": unary, "stream": stream} {
			header := http.Header{"cookie": {cookie}, "x-csrf-token": {value}, "x-words": {"one", "two"}}
			if reply, err := call(t.Context(), conn, header); err != nil || reply.Status != want {
				t.Errorf("%s, %s: %d %s (%v), want %d", name, value, reply.Status, reply.Body, err, want)
			}
			if want := fmt.Sprintf("POST %s %q []", conn.CanonicalTarget()[len("dns:///"):], []string{"one", "two"}); seen != want {
				t.Errorf("%s: the guard sees %s, want %s", name, seen, want)
			}
		}
	}
}

// A policy is told by grpc.Method what is called.
func TestPolicyByMethod(t *testing.T) {
	t.Parallel()
	a := jetontest.New(t)
	conn := start(t, subjects(), jetongrpc.Require(a), jetongrpc.Allow(func(ctx context.Context, _ *jeton.Principal) (bool, error) {
		method, ok := grpc.Method(ctx)
		return ok && method == getMethod, nil
	}))
	if get, watch := both(t, conn, a.Token("ada")); get != http.StatusOK || watch != http.StatusForbidden {
		t.Errorf("Get %d, Watch %d", get, watch)
	}
}

// The words that were given are the ones that count, whatever becomes of the slice.
func TestWordsAreCopied(t *testing.T) {
	t.Parallel()
	a := jetontest.New(t)
	scopes, roles, names := []string{"news:write"}, []string{"admin"}, []string{"news.v1.News/Get"}
	conn := start(t, subjects(), jetongrpc.Require(a).Except(names...),
		jetongrpc.Scopes(scopes...).Only(names...), jetongrpc.Roles(roles...).Except(names...))
	scopes[0], roles[0], names[0] = "news:read", "reader", "news.v1.News/Watch"
	if get, watch := both(t, conn, ""); get != http.StatusUnauthorized || watch != http.StatusUnauthorized {
		t.Errorf("without a token: Get %d, Watch %d", get, watch)
	}
	token := a.Token("ada", jetontest.Scopes("news:read"), jetontest.Roles("reader"))
	if _, watch := both(t, conn, token); watch != http.StatusForbidden {
		t.Errorf("Watch %d", watch)
	}
}
