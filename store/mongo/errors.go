package mongo

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"go.mongodb.org/mongo-driver/v2/mongo"

	"github.com/jetonauth/jeton"
)

// translate makes err, which came from the database during operation, one that callers of [jeton.Store] know. The
// original is wrapped, too.
//
//   - Whatever happened after ctx was over is ctx's error.
//   - No document is [jeton.ErrNotFound].
//   - A document that is there already is [jeton.ErrConflict]. Operations that can meet another one's e-mail address look
//     for that first.
//   - A database that cannot be reached, read or written is [jeton.ErrUnavailable].
//   - Errors that are jeton's already only say the operation.
func translate(ctx context.Context, operation string, err error) error {
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return fmt.Errorf("mongo: %s: %w", operation, ctx.Err())
	case errors.Is(err, mongo.ErrNoDocuments):
		return fmt.Errorf("mongo: %s: %w", operation, jeton.ErrNotFound)
	case mongo.IsDuplicateKeyError(err):
		return fmt.Errorf("mongo: %s: %w: %w", operation, jeton.ErrConflict, err)
	case isUnavailable(err):
		return fmt.Errorf("mongo: %s: %w: %w", operation, jeton.ErrUnavailable, err)
	}
	return fmt.Errorf("mongo: %s: %w", operation, err)
}

// isUnavailable reports whether no server that may write was found, or it did not answer as one, or not in time.
func isUnavailable(err error) bool {
	if mongo.IsTimeout(err) || mongo.IsNetworkError(err) || errors.Is(err, mongo.ErrClientDisconnected) {
		return true
	}
	server, ok := errors.AsType[mongo.ServerError](err)
	return ok && slices.ContainsFunc(unavailableCodes(), server.HasErrorCode)
}

// unavailableCodes are those of https://www.mongodb.com/docs/manual/reference/error-codes/ that a server has while it is not, or no
// longer, the one to ask, or cannot do its work.
func unavailableCodes() []int {
	return []int{
		6,     // HostUnreachable
		7,     // HostNotFound
		64,    // WriteConcernFailed
		89,    // NetworkTimeout
		91,    // ShutdownInProgress
		100,   // UnsatisfiableWriteConcern
		133,   // FailedToSatisfyReadPreference
		134,   // ReadConcernMajorityNotAvailableYet
		189,   // PrimarySteppedDown
		262,   // ExceededTimeLimit
		9001,  // SocketException
		10058, // LegacyNotPrimary
		10107, // NotWritablePrimary
		11600, // InterruptedAtShutdown
		11602, // InterruptedDueToReplStateChange
		13435, // NotPrimaryNoSecondaryOk
		13436, // NotPrimaryOrSecondary
		14031, // OutOfDiskSpace
	}
}
