package remote

import (
	"time"

	"github.com/jetonauth/jeton/revoke"
)

// MaxBody bounds an answer.
const MaxBody = maxBody

// ParsePage is parsePage.
func ParsePage(text string, after uint64, limit int) (entries []revoke.Entry, more bool, err error) {
	p, err := parsePage(text, question{after: after, limit: limit})
	return p.entries, p.more, err
}

// PauseAfter is pauseAfter for a server that asks for a time.
func PauseAfter(failures int, asked time.Duration) time.Duration {
	return pauseAfter(failures, &statusError{wait: asked})
}
