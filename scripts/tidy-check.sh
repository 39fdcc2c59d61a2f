#!/usr/bin/env bash
# Fails if a module's go.mod or go.sum is not what `go mod tidy` would write, or if a downloaded module
# is not what go.sum says.
set -euo pipefail
# shellcheck source=scripts/env.sh
source "$(dirname "$0")/env.sh"

failed=0
while read -r module; do
  echo "== module $module"
  (cd "$module" && go mod tidy -diff && go mod verify) </dev/null || failed=1
done < <(scripts/modules.sh)
exit "$failed"
