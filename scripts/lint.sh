#!/usr/bin/env bash
# Runs golangci-lint over every module, and shellcheck over the scripts.
#
# golangci-lint is pinned as a tool in tools/go.mod. Built, it is kept in .cache, one for each version of it
# and of Go: a linter that an older Go built refuses newer code.
set -euo pipefail
# shellcheck source=scripts/env.sh
source "$(dirname "$0")/env.sh"

version=$(cd tools && go list -m -f '{{.Version}}' github.com/golangci/golangci-lint/v2)
linter=$PWD/.cache/golangci-lint-$version-$(go env GOVERSION)
if [[ ! -x $linter ]]; then
  echo "building golangci-lint $version, once: about two minutes"
  (cd tools && go build -trimpath -o "$linter.part" github.com/golangci/golangci-lint/v2/cmd/golangci-lint)
  mv "$linter.part" "$linter"
fi

scripts/need.sh shellcheck
shellcheck .ci/run scripts/*.sh
scripts/each.sh "$linter" run --config "$PWD/.golangci.yml" ./...
