package api_test

import (
	"errors"
	"testing"

	"github.com/danielgtaylor/huma/v2"

	"github.com/jetonauth/jeton/api"
)

// A problem is an error that huma knows how to answer.
func TestProblemIsAnErrorOfHuma(t *testing.T) {
	t.Parallel()
	for code, status := range api.Codes() {
		p := api.Problem(code)
		if p.GetStatus() != status || p.Error() != "api: "+code {
			t.Errorf("%s: %d %v", code, p.GetStatus(), p)
		}
		if with, ok := errors.AsType[huma.HeadersError](p); !ok || with.GetHeaders().Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s has no headers", code)
		}
	}
}
