#!/usr/bin/env bash
# Finds every fuzz target of every module and runs each for FUZZTIME (30s by default).
# FUZZ, a regular expression, chooses among them.
set -euo pipefail
# shellcheck source=scripts/env.sh
source "$(dirname "$0")/env.sh"

# targets prints "PACKAGE TARGET" for each fuzz target of the module in the current directory:
# `go test -list` prints a package's targets before the line that ends the package.
targets() {
  go test -list '^Fuzz' ./... | awk '
    /^Fuzz/ { names[n++] = $1; next }
    $1 == "ok" { for (i = 0; i < n; i++) print $2, names[i] }
    { n = 0 }'
}

failed=0
ran=0
while read -r module; do
  found=$(cd "$module" && targets)
  while read -r package target; do
    [[ -n $target && $target =~ ${FUZZ:-.} ]] || continue
    echo "== $package $target"
    ran=$((ran + 1))
    (cd "$module" && go test -run '^$' -fuzz "^$target\$" -fuzztime "${FUZZTIME:-30s}" "$package") </dev/null || failed=1
  done <<<"$found"
done < <(scripts/modules.sh code)
echo "$ran fuzz targets ran"
exit "$failed"
