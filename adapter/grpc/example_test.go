package jetongrpc_test

import (
	"context"
	"fmt"
	"log/slog"
	"net"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/jetonauth/jeton"
	jetongrpc "github.com/jetonauth/jeton/adapter/grpc"
	"github.com/jetonauth/jeton/guard"
	"github.com/jetonauth/jeton/jwk"
	"github.com/jetonauth/jeton/store/memory"
)

// newAuth returns a service, and what issues its tokens.
func newAuth() (auth *jeton.Auth, token func(subject string, scopes ...string) string) {
	key, err := jwk.Generate(jwk.ES256)
	if err != nil {
		panic(err)
	}
	auth, err = jeton.New(jeton.Config{
		Issuer: "https://api.example.com", Keys: jwk.Static(key), Store: memory.New(), Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		panic(err)
	}
	return auth, func(subject string, scopes ...string) string {
		token, err := auth.Issue(context.Background(), subject, jeton.IssueOptions{Scopes: scopes})
		if err != nil {
			panic(err)
		}
		return token
	}
}

// run starts a server and connects to it; stop ends both.
func run(server *grpc.Server) (conn *grpc.ClientConn, stop func()) {
	listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	go func() { _ = server.Serve(listener) }()
	conn, err = grpc.NewClient(listener.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		panic(err)
	}
	return conn, func() {
		_ = conn.Close()
		server.Stop()
	}
}

// get calls news.v1.News/Get, with a token unless that is empty.
func get(conn *grpc.ClientConn, token string) (text string, trailer metadata.MD, err error) {
	ctx := context.Background()
	if token != "" {
		ctx = metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+token)
	}
	var answer wrapperspb.StringValue
	err = conn.Invoke(ctx, getMethod, new(emptypb.Empty), &answer, grpc.Trailer(&trailer))
	return answer.GetValue(), trailer, err
}

func Example() {
	auth, token := newAuth()

	server := grpc.NewServer(jetongrpc.Options(
		jetongrpc.Require(auth).Except("grpc.health.v1.Health"),
		jetongrpc.Scopes("news:write").Only("news.v1.News/Watch"),
	)...)
	grpc_health_v1.RegisterHealthServer(server, health.NewServer())
	news := service{unary: func(ctx context.Context) string {
		me, _ := jeton.FromContext(ctx) // always there behind Require
		return "news for " + me.Subject()
	}}
	server.RegisterService(news.description(), news)
	conn, stop := run(server)
	defer stop()

	text, _, err := get(conn, token("ada"))
	fmt.Println(text, err)
	_, trailer, err := get(conn, "")
	fmt.Println(status.Code(err), trailer["www-authenticate"])
	_, trailer, err = get(conn, "forged")
	fmt.Println(status.Code(err), trailer["www-authenticate"])
	_, err = grpc_health_v1.NewHealthClient(conn).Check(context.Background(), &grpc_health_v1.HealthCheckRequest{})
	fmt.Println("health", status.Code(err))
	// Output:
	// news for ada <nil>
	// Unauthenticated [Bearer realm="api"]
	// Unauthenticated [Bearer realm="api", error="invalid_token", error_description="The access token is malformed, revoked or otherwise invalid."]
	// health OK
}

func ExampleWrap() {
	auth, token := newAuth()

	g, err := guard.New(guard.Config{Verifier: auth, Realm: "news", Scopes: []string{"news:read"}})
	if err != nil {
		panic(err)
	}
	server := grpc.NewServer(jetongrpc.Options(jetongrpc.Wrap(g))...)
	news := service{unary: func(context.Context) string { return "news" }}
	server.RegisterService(news.description(), news)
	conn, stop := run(server)
	defer stop()

	_, trailer, err := get(conn, token("ada"))
	fmt.Println(status.Code(err), trailer["www-authenticate"])
	text, _, err := get(conn, token("ada", "news:read"))
	fmt.Println(text, err)
	// Output:
	// PermissionDenied [Bearer realm="news", error="insufficient_scope", error_description="The access token does not allow this.", scope="news:read"]
	// news <nil>
}

func ExampleLoad() {
	auth, token := newAuth()

	type Reader struct{ Name string }
	readers := map[string]*Reader{"user-1": {Name: "Ada"}}
	users := guard.Users(func(_ context.Context, subject string) (*Reader, error) {
		if reader, ok := readers[subject]; ok {
			return reader, nil
		}
		return nil, jeton.ErrNotFound
	})

	server := grpc.NewServer(jetongrpc.Options(jetongrpc.Require(auth), jetongrpc.Load(users))...)
	news := service{unary: func(ctx context.Context) string {
		me, _ := users.From(ctx) // a *Reader
		return "hello, " + me.Name
	}}
	server.RegisterService(news.description(), news)
	conn, stop := run(server)
	defer stop()

	text, _, err := get(conn, token("user-1"))
	fmt.Println(text, err)
	_, _, err = get(conn, token("user-2"))
	fmt.Println(status.Code(err))
	// Output:
	// hello, Ada <nil>
	// Unauthenticated
}
