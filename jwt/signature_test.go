package jwt

import (
	"errors"
	"fmt"
	"testing"

	"github.com/jetonauth/jeton/jwk"
)

// TestWhateverAKeyAnswersIsARefusal has errors that no key of the jwk package gives today.
func TestWhateverAKeyAnswersIsARefusal(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		err  error
		want Reason
	}{
		{jwk.ErrSignature, ErrBadSignature},
		{fmt.Errorf("wrapped: %w", jwk.ErrSignature), ErrBadSignature},
		{fmt.Errorf("wrapped: %w", jwk.ErrAlgorithm), ErrUnsupportedAlgorithm},
		{jwk.ErrUnsupported, ErrBadSignature},
		{errors.New("anything"), ErrBadSignature},
	} {
		if got := refuseSignature(test.err, jwk.ES256, jwk.ES384); !errors.Is(got, test.want) {
			t.Errorf("%v becomes %v, want %v", test.err, got, test.want)
		}
	}
}
