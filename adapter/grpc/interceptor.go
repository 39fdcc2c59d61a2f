// Package jetongrpc is package guard for gRPC servers.
//
//	server := grpc.NewServer(jetongrpc.Options(
//		jetongrpc.Require(auth).Except("grpc.health.v1.Health"),
//		jetongrpc.Scopes("news:write").Only("news.v1.News/Post"),
//	)...)
//
// Each function is the one of package guard of that name, as an [Interceptor] for unary and streaming calls alike. The token is in the
// metadata "authorization", the principal in the context: jeton.FromContext(ctx), or of stream.Context(). A refused call ends with a
// status, as [CodeOf] says it, and the challenge in the trailer "www-authenticate"; its handler is not called. A guard's Answerer is
// not asked, since its answers are those of HTTP.
package jetongrpc

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"google.golang.org/grpc"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/guard"
)

// Interceptor stands in front of a server's methods, all of them unless [Interceptor.Except] or [Interceptor.Only] says otherwise. It is
// immutable. The zero Interceptor refuses every call as [codes.Internal].
type Interceptor struct {
	judge  func(ctx context.Context) (context.Context, *guard.Refusal)
	only   []string // all if empty
	except []string
}

// Wrap returns an interceptor that lets through what g lets through.
func Wrap(g *guard.Guard) Interceptor {
	return Interceptor{judge: func(ctx context.Context) (context.Context, *guard.Refusal) {
		return g.Admit(ctx, carrier{ctx})
	}}
}

// Require returns an interceptor that lets only calls with a good Bearer token through, as [guard.Require] does it.
func Require(v jeton.Verifier) Interceptor { return Wrap(guardFor(guard.Config{Verifier: v})) }

// Optional returns an interceptor that lets calls with a good Bearer token and calls without any through, as [guard.Optional] does it.
func Optional(v jeton.Verifier) Interceptor {
	return Wrap(guardFor(guard.Config{Verifier: v, Optional: true}))
}

// guardFor returns a guard that refuses everything, as unavailable, if there is no verifier.
func guardFor(cfg guard.Config) *guard.Guard {
	g, err := guard.New(cfg)
	if err != nil {
		return new(guard.Guard)
	}
	return g
}

// Load returns an interceptor for behind a guard's: it finds the user, for users.From(ctx), as [guard.Loader.Load] does it.
func Load[U any](users *guard.Loader[U]) Interceptor { return Interceptor{judge: users.Find} }

// Scopes returns an interceptor for behind a guard's: the token must have all of these scopes, as [guard.Scopes] does it.
func Scopes(all ...string) Interceptor {
	all = slices.Clone(all)
	return check(func(ctx context.Context) *guard.Refusal { return guard.CheckScopes(ctx, all...) })
}

// Roles returns an interceptor for behind a guard's: the token must have at least one of these roles, as [guard.Roles] does it.
func Roles(anyOf ...string) Interceptor {
	anyOf = slices.Clone(anyOf)
	return check(func(ctx context.Context) *guard.Refusal { return guard.CheckRoles(ctx, anyOf...) })
}

// Allow returns an interceptor for behind a guard's: policy must allow the call, as [guard.Allow] does it. The policy finds the name of
// the method with [grpc.Method].
func Allow(policy guard.Policy) Interceptor {
	return check(func(ctx context.Context) *guard.Refusal { return guard.CheckPolicy(ctx, policy) })
}

func check(judge func(ctx context.Context) *guard.Refusal) Interceptor {
	return Interceptor{judge: func(ctx context.Context) (context.Context, *guard.Refusal) { return ctx, judge(ctx) }}
}

// Except returns the interceptor without these methods, which it lets through unjudged. A name is a method's, such as "news.v1.News/Post",
// or a service's, "news.v1.News", for all its methods. What is named by [Interceptor.Only], too, is left out.
func (i Interceptor) Except(names ...string) Interceptor {
	i.except = slices.Concat(i.except, trimmed(names))
	return i
}

// Only returns the interceptor for these methods alone, with names as [Interceptor.Except] has them. Calls of all others it lets through
// unjudged, those of a method whose name is misspelled here among them: a guard of its own should rather be for all methods but some.
// Without a name nothing changes.
func (i Interceptor) Only(names ...string) Interceptor {
	i.only = slices.Concat(i.only, trimmed(names))
	return i
}

func trimmed(names []string) []string {
	var list []string
	for _, name := range names {
		if name = strings.Trim(name, "/"); name != "" {
			list = append(list, name)
		}
	}
	return list
}

// covers reports whether the interceptor is for a method, "/package.Service/Method".
func (i Interceptor) covers(fullMethod string) bool {
	method := strings.TrimPrefix(fullMethod, "/")
	service, _, _ := strings.Cut(method, "/")
	named := func(names []string) bool { return slices.Contains(names, method) || slices.Contains(names, service) }
	return !named(i.except) && (len(i.only) == 0 || named(i.only))
}

// Unary is a [grpc.UnaryServerInterceptor].
func (i Interceptor) Unary(ctx context.Context, request any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	if !i.covers(info.FullMethod) {
		return handler(ctx, request)
	}
	inner, refusal := i.run(ctx)
	if refusal != nil {
		_ = grpc.SetTrailer(ctx, trailer(refusal)) // it fails where there is no call
		return nil, &refused{refusal}
	}
	return handler(inner, request)
}

// Stream is a [grpc.StreamServerInterceptor].
func (i Interceptor) Stream(server any, stream grpc.ServerStream, info *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
	if !i.covers(info.FullMethod) {
		return handler(server, stream)
	}
	inner, refusal := i.run(stream.Context())
	if refusal != nil {
		stream.SetTrailer(trailer(refusal))
		return &refused{refusal}
	}
	return handler(server, &streamWith{stream, inner})
}

// Options returns what makes a server call these interceptors, the outermost first, for unary and for streaming calls.
func Options(list ...Interceptor) []grpc.ServerOption {
	var unary []grpc.UnaryServerInterceptor
	var stream []grpc.StreamServerInterceptor
	for _, i := range list {
		unary, stream = append(unary, i.Unary), append(stream, i.Stream)
	}
	return []grpc.ServerOption{grpc.ChainUnaryInterceptor(unary...), grpc.ChainStreamInterceptor(stream...)}
}

// run judges a call. A panic with http.ErrAbortHandler, the only one that a guard lets through, would end the process: here it is a
// call that fails without a reason.
func (i Interceptor) run(ctx context.Context) (inner context.Context, refusal *guard.Refusal) {
	defer func() {
		value := recover()
		if value == http.ErrAbortHandler { //nolint:errorlint // the very value that net/http compares with
			inner, refusal = ctx, &guard.Refusal{Code: guard.Internal, Err: http.ErrAbortHandler}
		} else if value != nil {
			panic(value)
		}
	}()
	if i.judge == nil {
		return ctx, &guard.Refusal{Code: guard.Internal, Err: errZero}
	}
	return i.judge(ctx)
}

// streamWith is a stream with another context.
type streamWith struct {
	grpc.ServerStream
	ctx context.Context //nolint:containedctx // a stream has one
}

func (s *streamWith) Context() context.Context { return s.ctx }
