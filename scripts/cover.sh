#!/usr/bin/env bash
# Measures which statements of the root module its tests reach, counted over all packages together:
# a package is also covered by the tests of those that use it.
# Writes .cache/cover.out and .cache/cover.html, and prints each package's share and the total.
set -euo pipefail
# shellcheck source=scripts/env.sh
source "$(dirname "$0")/env.sh"

mkdir -p .cache
scripts/need.sh interop || true
go test -timeout "${TEST_TIMEOUT:-10m}" -coverprofile .cache/cover.out -coverpkg ./... ./...
go tool cover -html .cache/cover.out -o .cache/cover.html

# A line of the profile is FILE:RANGE STATEMENTS COUNT, and a range has a line for each test binary.
awk '
  NR > 1 { statements[$1] = $2; if ($3 > 0) reached[$1] = 1 }
  END {
    for (block in statements) {
      package = block
      sub(/\/[^\/]*$/, "", package)
      all[package] += statements[block]; all["total"] += statements[block]
      if (block in reached) { hit[package] += statements[block]; hit["total"] += statements[block] }
    }
    for (package in all) if (all[package] > 0) printf "%s %.1f\n", package, 100 * hit[package] / all[package]
  }' .cache/cover.out | LC_ALL=C sort | awk '{ printf "%6.1f%%  %s\n", $2, $1 }'
