#!/usr/bin/env bash
# Prints the directory of each module of this repository, the root first.
# With the argument "code": only those that hold Go files (tools/ pins programs and holds none).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

find . -type d \( -name '.?*' -o -name node_modules -o -name testdata \) -prune \
  -o -name go.mod -exec dirname {} \; | LC_ALL=C sort |
  while read -r module; do
    if [[ ${1:-} != code || -n $(find "$module" -name '*.go' -print -quit) ]]; then
      echo "$module"
    fi
  done
