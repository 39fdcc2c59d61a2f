package compare

import (
	"fmt"
	"runtime/debug"
	"strings"
	"time"

	"github.com/jetonauth/jeton/bench"
	"github.com/jetonauth/jeton/bench/internal/report"
)

// heading says where, when and how a report was made.
func heading(cfg Config, start time.Time, loadBefore string) string {
	var b strings.Builder
	b.WriteString("# Results\n\nWritten by `" + cfg.Command + "`. README.md says what the numbers mean.\n\n")
	b.WriteString("- Machine: " + report.Machine() + "\n")
	fmt.Fprintf(&b, "- Date: %s, for %s\n", start.UTC().Format("2006-01-02 15:04 MST"), time.Since(start).Round(time.Second))
	if loadBefore != "" {
		fmt.Fprintf(&b, "- Load (1, 5 and 15 minutes): %s before, %s after, the comparison itself included\n", loadBefore, report.Load())
	}
	fmt.Fprintf(&b, "- %d rounds, in each of which everything in a table runs for %s, in a new order. A time is the median of the rounds. A ratio or a\n"+
		"  difference is taken within each round; its median is followed by the interval in which the true one is with 95 %% confidence.\n",
		cfg.Rounds, cfg.Turn)
	b.WriteString("- " + strings.Join(versions(), ", ") + "\n")
	if cfg.Rounds < FewestRounds {
		fmt.Fprintf(&b, "\n**%d rounds are too few to publish.** It takes at least %d.\n", cfg.Rounds, FewestRounds)
	}
	return b.String()
}

// versions returns the compared modules, as they were built into this program.
func versions() []string {
	paths := []string{
		"github.com/auth0/go-jwt-middleware/v2", "github.com/labstack/echo-jwt/v4", "github.com/go-chi/jwtauth/v5", "github.com/lestrrat-go/jwx/v2",
	}
	for _, library := range bench.Libraries()[1:] {
		paths = append(paths, library.Module)
	}
	build, ok := debug.ReadBuildInfo()
	if !ok {
		return nil
	}
	var found []string
	for _, path := range paths {
		for _, dependency := range build.Deps {
			if dependency.Path == path {
				found = append(found, path+" "+dependency.Version)
			}
		}
	}
	return found
}
