#!/usr/bin/env bash
# Builds every module that somebody uses, without cgo, for the other systems that jeton runs on: not those that only measure or test.
# Nobody runs the result, so that the compiler need not optimise.
set -euo pipefail
# shellcheck source=scripts/env.sh
source "$(dirname "$0")/env.sh"

for target in linux/arm64 darwin/arm64 windows/amd64; do
  while read -r module; do
    case $module in ./bench | ./store/mongo/conformance) continue ;; esac
    echo "== module $module: $target"
    (cd "$module" && CGO_ENABLED=0 GOOS=${target%/*} GOARCH=${target#*/} go build -gcflags='all=-N -l' ./...) </dev/null
  done < <(scripts/modules.sh code)
  echo "$target builds"
done
