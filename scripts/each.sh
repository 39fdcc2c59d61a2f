#!/usr/bin/env bash
# each.sh COMMAND...: runs a command in every module that holds Go files, and fails if one of them failed.
set -euo pipefail
# shellcheck source=scripts/env.sh
source "$(dirname "$0")/env.sh"

failed=0
while read -r module; do
  echo "== module $module: $*"
  (cd "$module" && "$@") </dev/null || failed=1
done < <(scripts/modules.sh code)
exit "$failed"
