package redis

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	driver "github.com/redis/go-redis/v9"

	"github.com/jetonauth/jeton"
)

// translate makes err, which came from the client during operation, one that callers know. The original is wrapped, too.
//
//   - Whatever happened after ctx was over is ctx's error.
//   - What a server has answered that may not, or cannot, do its work now is [jeton.ErrUnavailable], and so is everything that is no answer.
//   - What else a server has answered, such as that a password is wrong, only says the operation.
func translate(ctx context.Context, operation string, err error) error {
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return fmt.Errorf("redis: %s: %w", operation, ctx.Err())
	case isUnavailable(err):
		return fmt.Errorf("redis: %s: %w: %w", operation, jeton.ErrUnavailable, err)
	}
	return fmt.Errorf("redis: %s: %w", operation, err)
}

// isUnavailable tells answers by their first word, which is Redis's code for what is wrong.
func isUnavailable(err error) bool {
	answer, ok := errors.AsType[driver.Error](err)
	if !ok {
		return true
	}
	code, _, _ := strings.Cut(answer.Error(), " ")
	return slices.Contains([]string{
		"BUSY",        // a script runs for too long
		"CLUSTERDOWN", // a part of the cluster is missing
		"LOADING",     // the server reads its data
		"MASTERDOWN",  // the replica has lost its master
		"MISCONF",     // nothing can be written to disk
		"NOREPLICAS",  // too few replicas to be allowed to write
		"OOM",         // no memory is left
		"READONLY",    // it has become a replica
		"TRYAGAIN",    // a slot of the cluster is on its way
		"UNKILLABLE",
	}, code)
}
