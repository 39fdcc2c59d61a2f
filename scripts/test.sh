#!/usr/bin/env bash
# test.sh [GO-TEST-FLAG...]: runs every test of every module.
#
# Tests whose outside part is missing and cannot be installed here are left out, and named at the end.
# With JETON_TEST_COMPLETE=1 nothing may be left out: a missing part is a failure, and no result is cached.
set -euo pipefail
# shellcheck source=scripts/env.sh
source "$(dirname "$0")/env.sh"

build=(go build)
if [[ " $* " == *" -race "* ]]; then
  build+=(-race)
fi
flags=(-timeout "${TEST_TIMEOUT:-20m}" "$@")
left_out=$(scripts/need.sh certificates curl interop browser postgres redis nginx caddy vectors) || true
if [[ ${JETON_TEST_COMPLETE:-} == 1 ]]; then
  flags+=(-count=1)
  if [[ -n $left_out ]]; then
    printf 'JETON_TEST_COMPLETE=1, and something is missing:\n%s\n' "$left_out" >&2
    exit 1
  fi
fi

failed=0
while read -r module; do
  echo "== module $module"
  packages=(./...)
  if [[ $module == . ]]; then # the longest ones begin first, so that nobody waits for them alone in the end
    packages=(./test/browser ./cmd/jeton ./test/fleet ./...)
  fi
  # Everything is compiled before the first test runs: those that build a program need not wait for a compiler that all others wait for, too.
  (cd "$module" && "${build[@]}" ./... && go test "${flags[@]}" "${packages[@]}") </dev/null || failed=1
done < <(scripts/modules.sh code)

if [[ -n $left_out ]]; then
  printf '\nLeft out, because something is missing:\n%s\n' "$left_out"
fi
exit "$failed"
