#!/bin/sh
# Everything a fresh machine needs before an npm script runs: packages from the lock, then the few programs
# that only the system can give. Safe to run again; a second run takes a fraction of a second.
# Usage: sh bootstrap.sh [--tests]     --tests also wants a browser for the journeys
set -eu
cd "$(dirname "$0")"
say() { printf '  %s\n' "$*"; }

want_packages() {
  [ -x node_modules/.bin/node ] && [ node_modules/.package-lock.json -nt package-lock.json ] && return 1
  return 0
}
if want_packages; then
  say "installing packages from the lock (about a minute, once) …"
  # `npm ci` refuses a lock that lacks other platforms' binaries, so install; no script of a package needs to run
  npm install --no-audit --no-fund --ignore-scripts --loglevel=error
  touch node_modules/.package-lock.json
fi

missing=''
command -v bwrap >/dev/null 2>&1 || missing="$missing bubblewrap"
command -v tini >/dev/null 2>&1 || missing="$missing tini"
command -v python3 >/dev/null 2>&1 || missing="$missing python3"
# a bare Debian python lacks ensurepip, which makes the folder that uv is installed into
/usr/bin/env python3 -c 'import ensurepip' 2>/dev/null || missing="$missing python3-venv"
if [ "${1:-}" = --tests ]; then
  command -v chromium >/dev/null 2>&1 || missing="$missing chromium fonts-dejavu-core"
fi
[ -z "$missing" ] && exit 0

why="bubblewrap keeps each sandbox apart, tini tidies up after shells, python makes the kits"
if command -v apt-get >/dev/null 2>&1; then
  run=''
  [ "$(id -u)" = 0 ] || run='sudo -n'
  if [ -z "$run" ] || $run true 2>/dev/null; then
    say "installing$missing with apt ($why) …"
    log=$(mktemp)
    if $run apt-get -o DPkg::Lock::Timeout=300 update >"$log" 2>&1 &&
      # shellcheck disable=SC2086
      $run env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -y --no-install-recommends $missing >>"$log" 2>&1; then
      rm -f "$log"
      exit 0
    fi
    tail -n 5 "$log" >&2
  fi
fi
printf '\nPalestra needs%s (%s).\nRun this once, then start again:\n\n  sudo apt-get install -y%s\n\n' "$missing" "$why" "$missing" >&2
exit 1
