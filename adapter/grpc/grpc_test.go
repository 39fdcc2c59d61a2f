package jetongrpc_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/wrapperspb"

	jetongrpc "github.com/jetonauth/jeton/adapter/grpc"
	"github.com/jetonauth/jeton/guard/guardtest"
)

func TestAdapter(t *testing.T) {
	t.Parallel()
	for name, call := range map[string]caller{"unary": unary, "stream": stream} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			guardtest.Run(t, guardtest.Harness{Call: func(t testing.TB, s guardtest.Server) guardtest.Caller {
				t.Helper()
				conn := start(t, service{unary: s.Handle, stream: s.Handle}, interceptors(s)...)
				return func(ctx context.Context, header http.Header) (guardtest.Reply, error) { return call(ctx, conn, header) }
			}})
		})
	}
}

func interceptors(s guardtest.Server) []jetongrpc.Interceptor {
	list := []jetongrpc.Interceptor{jetongrpc.Wrap(s.Guard)}
	if s.Users != nil {
		list = append(list, jetongrpc.Load(s.Users))
	}
	if s.Scopes != nil {
		list = append(list, jetongrpc.Scopes(s.Scopes...))
	}
	if s.Roles != nil {
		list = append(list, jetongrpc.Roles(s.Roles...))
	}
	if s.Policy != nil {
		list = append(list, jetongrpc.Allow(s.Policy))
	}
	return list
}

// service is news.v1.News: a unary method Get and a streaming one, Watch, which answer with a text.
type service struct {
	unary, stream func(ctx context.Context) string
}

const (
	getMethod   = "/news.v1.News/Get"
	watchMethod = "/news.v1.News/Watch"
)

// description is what protoc would write for it.
func (s service) description() *grpc.ServiceDesc {
	get := func(_ any, ctx context.Context, decode func(any) error, intercept grpc.UnaryServerInterceptor) (any, error) {
		request := new(emptypb.Empty)
		if err := decode(request); err != nil {
			return nil, err
		}
		handler := func(ctx context.Context, _ any) (any, error) { return wrapperspb.String(s.unary(ctx)), nil }
		if intercept == nil {
			return handler(ctx, request)
		}
		return intercept(ctx, request, &grpc.UnaryServerInfo{Server: s, FullMethod: getMethod}, handler)
	}
	watch := func(_ any, stream grpc.ServerStream) error {
		if err := stream.RecvMsg(new(emptypb.Empty)); err != nil {
			return err
		}
		return stream.SendMsg(wrapperspb.String(s.stream(stream.Context())))
	}
	return &grpc.ServiceDesc{
		ServiceName: "news.v1.News", HandlerType: (*any)(nil),
		Methods: []grpc.MethodDesc{{MethodName: "Get", Handler: get}},
		Streams: []grpc.StreamDesc{{StreamName: "Watch", Handler: watch, ServerStreams: true}},
	}
}

// start starts a server and connects to it.
func start(t testing.TB, s service, list ...jetongrpc.Interceptor) *grpc.ClientConn {
	t.Helper()
	return serve(t, grpc.NewServer(jetongrpc.Options(list...)...), s)
}

func serve(t testing.TB, server *grpc.Server, s service) *grpc.ClientConn {
	t.Helper()
	server.RegisterService(s.description(), s)
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	conn, err := grpc.NewClient(listener.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		err := conn.Close()
		server.Stop()
		if err := errors.Join(err, <-served); err != nil {
			t.Errorf("grpc: %v", err)
		}
	})
	return conn
}

// caller calls a method with metadata and returns what came back, in terms of HTTP.
type caller func(ctx context.Context, conn *grpc.ClientConn, header http.Header) (guardtest.Reply, error)

func outgoing(ctx context.Context, header http.Header) context.Context {
	md := metadata.MD{}
	for name, values := range header {
		md.Append(name, values...)
	}
	return metadata.NewOutgoingContext(ctx, md)
}

func unary(ctx context.Context, conn *grpc.ClientConn, header http.Header) (guardtest.Reply, error) {
	var answer wrapperspb.StringValue
	var head, tail metadata.MD
	err := conn.Invoke(outgoing(ctx, header), getMethod, new(emptypb.Empty), &answer, grpc.Header(&head), grpc.Trailer(&tail))
	return replyOf(ctx, answer.GetValue(), err, head, tail)
}

func stream(ctx context.Context, conn *grpc.ClientConn, header http.Header) (guardtest.Reply, error) {
	s, err := conn.NewStream(outgoing(ctx, header), &grpc.StreamDesc{ServerStreams: true}, watchMethod)
	if err != nil {
		return replyOf(ctx, "", err, nil, nil)
	}
	if err := errors.Join(s.SendMsg(new(emptypb.Empty)), s.CloseSend()); err != nil && !errors.Is(err, io.EOF) {
		return replyOf(ctx, "", err, nil, nil)
	}
	var answer wrapperspb.StringValue
	err = s.RecvMsg(&answer)
	text := answer.GetValue()
	if err == nil {
		if err = s.RecvMsg(&answer); errors.Is(err, io.EOF) {
			err = nil
		}
	}
	head, _ := s.Header()
	return replyOf(ctx, text, err, head, s.Trailer())
}

// replyOf turns a status into what comes closest to it in HTTP.
func replyOf(ctx context.Context, text string, err error, head, tail metadata.MD) (guardtest.Reply, error) {
	if ctx.Err() != nil {
		return guardtest.Reply{}, ctx.Err()
	}
	said := status.Convert(err)
	reply := guardtest.Reply{Header: http.Header{}, Body: text + said.Message()}
	for _, md := range []metadata.MD{head, tail} {
		for name, values := range md {
			for _, value := range values {
				reply.Header.Add(name, value)
			}
		}
	}
	statuses := map[codes.Code]int{
		codes.OK: http.StatusOK, codes.Unauthenticated: http.StatusUnauthorized, codes.PermissionDenied: http.StatusForbidden,
		codes.InvalidArgument: http.StatusBadRequest, codes.Unavailable: http.StatusServiceUnavailable, codes.Internal: http.StatusInternalServerError,
	}
	if reply.Status = statuses[said.Code()]; reply.Status == 0 {
		return reply, err
	}
	return reply, nil
}
