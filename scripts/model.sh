#!/usr/bin/env bash
# Compares sessions over each store with their model, MODELRUNS random runs each (5000 by default), and a tenth of that over MongoDB's
# stand-in, which is slow. A failure prints the operations that show it, as few as can be, and the seed that finds it again.
set -euo pipefail
# shellcheck source=scripts/env.sh
source "$(dirname "$0")/env.sh"

runs=${MODELRUNS:-5000}
flags=(-count=1 -v -timeout "${TEST_TIMEOUT:-3h}")
scripts/need.sh postgres || true

failed=0
go test ./internal/sessionmodel "${flags[@]}" -run '^Test(Memory|SQLite|Postgres)$' -rapid.checks="$runs" || failed=1
cd store/mongo/conformance
go test . "${flags[@]}" -run '^TestSessionModel$' -rapid.checks="$((runs / 10 + 1))" || failed=1
exit "$failed"
