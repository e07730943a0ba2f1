#!/bin/sh
# Builds the pages into src/podium/web/static. With "modules": only their npm packages.
. "$(dirname "$0")/lib.sh"

packages=$(fingerprint web/package.json web/package-lock.json)
if [ ! -d web/node_modules ] || ! done_before npm "$packages"; then
    forget npm
    say "installing the pages' npm packages"
    (cd web && npm ci --no-audit --no-fund --loglevel=error </dev/null)
    remember npm "$packages"
fi
[ "${1:-}" != modules ] || exit 0

files=$(find web -path web/node_modules -prune -o -type f -print | LC_ALL=C sort)
# shellcheck disable=SC2086
mark=$(fingerprint $files)
if [ -f src/podium/web/static/index.html ] && done_before pages "$mark"; then
    exit 0
fi
forget pages
say "building the pages"
(cd web && npm run --silent build </dev/null >"../$CACHE/pages.log" 2>&1) \
    || { tail -n 40 "$CACHE/pages.log" >&2; fail "the pages did not build"; }
remember pages "$mark"
