package api

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"slices"
	"strconv"

	"github.com/danielgtaylor/huma/v2"
)

// requestIDHeader tells the client what its request is called in the log.
const requestIDHeader = "X-Request-Id"

type requestIDKey struct{}

// withRequestID names a request, in its context and in the answer's header.
func withRequestID(ctx huma.Context) huma.Context {
	id := rand.Text()
	ctx.SetHeader(requestIDHeader, id)
	return huma.WithValue(ctx, requestIDKey{}, id)
}

func requestID(ctx context.Context) string {
	id, _ := ctx.Value(requestIDKey{}).(string)
	return id
}

// fail answers an error of an endpoint. One whose code the endpoint does not have in the document is a defect.
func (a *API) fail(ctx huma.Context, e *endpoint, err error) {
	p := a.problemOf(err)
	if !slices.Contains(e.codes, p.Code) {
		p = newProblem(codeInternal)
	}
	a.logFailure(ctx.Context(), e, p, err)
	a.write(ctx, e.words(p))
}

// logFailure tells of what is not the client's doing. A client that went away is nobody's.
func (a *API) logFailure(ctx context.Context, e *endpoint, p *problem, err error) {
	if p.Code != codeInternal && p.Code != codeUnavailable {
		return
	}
	level := slog.LevelError
	if errors.Is(ctx.Err(), context.Canceled) && errors.Is(err, context.Canceled) {
		level = slog.LevelDebug
	}
	a.log.LogAttrs(ctx, level, "api: request failed", slog.String("request_id", requestID(ctx)),
		slog.String("operation", e.op.OperationID), slog.String("code", p.Code), slog.Any("error", err))
}

// recover answers a panic as the defect that it is, if there is time for an answer.
func (a *API) recover(ctx huma.Context, e *endpoint) {
	reason := recover()
	if reason == nil {
		return
	}
	if err, ok := reason.(error); ok && errors.Is(err, http.ErrAbortHandler) {
		panic(reason) // the server's own way to end a connection
	}
	a.log.LogAttrs(ctx.Context(), slog.LevelError, "api: request failed", slog.String("request_id", requestID(ctx.Context())),
		slog.String("operation", e.op.OperationID), slog.String("code", codeInternal),
		slog.String("panic", fmt.Sprint(reason)), slog.String("stack", string(debug.Stack())))
	if ctx.Status() != 0 {
		panic(http.ErrAbortHandler)
	}
	a.write(ctx, e.words(newProblem(codeInternal)))
}

// write answers with a problem.
func (a *API) write(ctx huma.Context, p *problem) {
	p.RequestID = requestID(ctx.Context())
	text, err := json.Marshal(p.body())
	if err != nil {
		a.log.LogAttrs(ctx.Context(), slog.LevelError, "api: a problem has no JSON form",
			slog.String("request_id", p.RequestID), slog.String("code", p.Code), slog.Any("error", err))
	}
	for name, values := range p.header {
		ctx.SetHeader(name, values[0])
		for _, more := range values[1:] {
			ctx.AppendHeader(name, more)
		}
	}
	send(ctx, p.Status, text)
}

// send ends an answer.
func send(ctx huma.Context, status int, text []byte) {
	ctx.SetHeader("Content-Length", strconv.Itoa(len(text)))
	ctx.SetStatus(status)
	_, _ = ctx.BodyWriter().Write(text) // the client may be gone; there is nobody to tell
}
