package jetongrpc

import (
	"errors"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/jetonauth/jeton/guard"
)

var errZero = errors.New("jetongrpc: the zero Interceptor")

// CodeOf returns the code of the status that a refused call ends with:
//
//	guard.MissingToken, guard.InvalidToken         codes.Unauthenticated
//	guard.InsufficientScope, guard.ForgedRequest   codes.PermissionDenied
//	guard.InvalidRequest                           codes.InvalidArgument
//	guard.Unavailable                              codes.Unavailable
//	guard.Internal, and any other                  codes.Internal
func CodeOf(c guard.Code) codes.Code {
	switch c {
	case guard.MissingToken, guard.InvalidToken:
		return codes.Unauthenticated
	case guard.InsufficientScope, guard.ForgedRequest:
		return codes.PermissionDenied
	case guard.InvalidRequest:
		return codes.InvalidArgument
	case guard.Unavailable:
		return codes.Unavailable
	default:
		return codes.Internal
	}
}

// challengeKey is the metadata for what HTTP has in the header WWW-Authenticate.
const challengeKey = "www-authenticate"

func trailer(r *guard.Refusal) metadata.MD {
	challenge := r.Challenge()
	if challenge == "" {
		return nil
	}
	return metadata.Pairs(challengeKey, challenge)
}

// refused is the error of a refused call. An interceptor further out finds the refusal in it, with errors.As, and may return another
// error in its place; the text says no more than the client is told, since it ends up in the status of an error that is wrapped.
type refused struct{ refusal *guard.Refusal }

func (r *refused) Error() string { return r.GRPCStatus().Err().Error() }

func (r *refused) Unwrap() error { return r.refusal }

// GRPCStatus is the status that the client is given.
func (r *refused) GRPCStatus() *status.Status {
	message := r.refusal.Description
	if message == "" {
		message = "The call failed."
	}
	return status.New(CodeOf(r.refusal.Code), message)
}
