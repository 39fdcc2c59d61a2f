#!/usr/bin/env bash
# Sourced by the other scripts: goes to the repository's root and finds Go 1.26 or newer.
# Run by itself, it only checks that Go is there.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."

command -v go >/dev/null || PATH="$PATH:/usr/local/go/bin"
if ! command -v go >/dev/null; then
  echo "jeton needs Go 1.26 or newer, and there is none on PATH or in /usr/local/go/bin: https://go.dev/doc/install" >&2
  exit 1
fi

go_version=$(go env GOVERSION)
go_minor=${go_version#go1.}
go_minor=${go_minor%%[!0-9]*}
if [[ ${go_minor:-0} -lt 26 ]]; then
  echo "jeton needs Go 1.26 or newer: this is $go_version" >&2
  exit 1
fi

# Every module is built as its users get it, whatever workspace the developer has.
export PATH GOWORK=off
