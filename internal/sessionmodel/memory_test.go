package sessionmodel_test

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/internal/sessionmodel"
	"github.com/jetonauth/jeton/store/memory"
)

func TestMemory(t *testing.T) {
	sessionmodel.Check(t, 2000, func(*testing.T) func(*rapid.T) sessionmodel.Subject {
		return func(*rapid.T) sessionmodel.Subject {
			return sessionmodel.Subject{Stores: []jeton.Store{memory.New()}}
		}
	})
}
