#!/usr/bin/env bash
# need.sh PART...: sees to it that what tests and checks need beside Go is there.
#
# On Debian and its relatives, as root, it installs what is missing. Elsewhere, or when that fails,
# it prints a line for each missing part, with what cannot be run without it, and exits with 1.
# Parts: browser, caddy, certificates, curl, gcc, interop, make, nginx, postgres, redis, shellcheck, vectors.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

updated=

install() {
  [[ $(id -u) == 0 && -e /etc/debian_version ]] || return 1
  if [[ -z $updated ]]; then
    echo "apt-get update" >&2
    apt-get update -qq </dev/null >/dev/null || return 1
    updated=1
  fi
  echo "apt-get install $*" >&2
  DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "$@" </dev/null >/dev/null
}

# install_stopped SERVICE PACKAGE: the same for what comes with a service, which is started neither now nor with the machine.
install_stopped() (
  policy=/usr/sbin/policy-rc.d
  if [[ $(id -u) == 0 && ! -e $policy ]]; then
    trap 'rm -f "$policy"' EXIT
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod +x "$policy"
  fi
  install "$2" || exit 1
  ! has systemctl || systemctl --quiet disable "$1" >&2 || true
)

has() { command -v "$1" >/dev/null; }

has_certificates() {
  local bundle
  [[ $(uname -s) == Linux ]] || return 0
  for bundle in /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt /etc/ssl/ca-bundle.pem /etc/ssl/cert.pem; do
    [[ ! -s $bundle ]] || return 0
  done
  return 1
}

has_node() {
  has node && node -e 'process.exit(Number(parseInt(process.versions.node, 10) < 18))'
}

has_chromium() { has chromium || has chromium-browser || has google-chrome; }

# need_node_modules FOLDER: Node.js, and the libraries that the folder's lock file names.
need_node_modules() {
  has_node || { install nodejs && has_node; } || return 1
  [[ ! $1/node_modules/.package-lock.json -nt $1/package-lock.json ]] || return 0
  has npm || install npm || return 1
  echo "npm ci in $1" >&2
  (cd "$1" && npm ci --ignore-scripts --no-audit --no-fund </dev/null >&2)
}

need_browser() {
  need_node_modules test/browser || return 1
  has_chromium || install chromium
}

need_nginx() {
  has nginx || [[ -x /usr/sbin/nginx ]] || install_stopped nginx nginx-light
}

has_postgres() {
  { has initdb || compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null; } && { has pgbouncer || [[ -x /usr/sbin/pgbouncer ]]; }
}

need_postgres() { has_postgres || { install_stopped postgresql postgresql && install_stopped pgbouncer pgbouncer && has_postgres; }; }

# need PART: succeeds when the part is there in the end.
need() {
  case $1 in
    browser) need_browser ;;
    caddy) has caddy || install_stopped caddy caddy ;;
    certificates) has_certificates || install ca-certificates ;;
    curl) has curl || install curl ;;
    gcc) has gcc || has clang || install gcc libc6-dev ;;
    interop) need_node_modules test/interop ;;
    make) has make || install make ;;
    nginx) need_nginx ;;
    postgres) need_postgres ;;
    redis) has redis-server || install redis-server ;;
    shellcheck) has shellcheck || install shellcheck ;;
    vectors) [[ -f ${WYCHEPROOF_DIR:-}/json_web_signature_test.json ]] ;;
    *) echo "need.sh: no such part: $1" >&2; exit 2 ;;
  esac
}

# without PART: what is missing, and what cannot be run without it.
without() {
  case $1 in
    browser) echo "Node.js 18 or newer, npm and Chromium (Debian: nodejs npm chromium): test/browser, jeton's pages as a person uses them" ;;
    caddy) echo "Caddy (Debian: caddy): its recipe in docs/forward-auth.md cannot be run" ;;
    certificates) echo "CA certificates (Debian: ca-certificates): Go cannot download modules" ;;
    curl) echo "curl (Debian: curl): the command line on the server's page cannot be run" ;;
    gcc) echo "a C compiler (Debian: gcc libc6-dev): the race detector cannot be built" ;;
    interop) echo "Node.js 18 or newer and npm (Debian: nodejs npm): test/interop, tokens read by JavaScript libraries" ;;
    make) echo "make: nothing starts" ;;
    nginx) echo "nginx with the module auth_request (Debian: nginx-light): its recipe in docs/forward-auth.md cannot be run" ;;
    postgres) echo "PostgreSQL and PgBouncer (Debian: postgresql pgbouncer): store/postgres, and several nodes over one database" ;;
    redis) echo "a Redis server (Debian: redis-server): store/redis, limits and hints that several nodes share" ;;
    shellcheck) echo "shellcheck (Debian: shellcheck): the scripts cannot be checked" ;;
    vectors) echo "WYCHEPROOF_DIR, the folder testvectors_v1 of Project Wycheproof: its JWS and JWK vectors in jwk and jwt" ;;
  esac
}

missing=0
for part in "$@"; do
  if ! need "$part"; then
    without "$part"
    missing=1
  fi
done
exit "$missing"
