#!/usr/bin/env bash
# Builds every module without cgo for the other systems that jeton runs on.
set -euo pipefail
# shellcheck source=scripts/env.sh
source "$(dirname "$0")/env.sh"

for target in linux/arm64 darwin/arm64 windows/amd64; do
  CGO_ENABLED=0 GOOS=${target%/*} GOARCH=${target#*/} scripts/each.sh go build ./... || exit 1
  echo "$target builds"
done
