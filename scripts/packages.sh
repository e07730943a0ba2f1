#!/bin/sh
# Makes sure that the Debian packages for a purpose are there: build (also runs the demo) or test.
# Says what it will install before it does; without root it prints the exact command and stops.
. "$(dirname "$0")/lib.sh"

missing=''
need() { missing="$missing $1"; } # a Debian package name
have() { command -v "$1" >/dev/null 2>&1; }

have cc || need build-essential
have cmake || need cmake
have perl || need perl
have pkg-config || need pkg-config
library() { ls /usr/lib/*/"$1" >/dev/null 2>&1; } # as papers need them
library libpango-1.0.so.0 || need libpango-1.0-0
library libpangoft2-1.0.so.0 || need libpangoft2-1.0-0
library libharfbuzz-subset.so.0 || need libharfbuzz-subset0
python3 -c 'import ensurepip, venv' 2>/dev/null || need python3-venv
ls /usr/share/fonts/opentype/noto/NotoSansCJK* >/dev/null 2>&1 || need fonts-noto-cjk
if [ "${1:-build}" = test ]; then
    have chromium || need chromium
    have firefox-esr || need firefox-esr
    have ip || [ -x /sbin/ip ] || need iproute2
    have baresip || need baresip-core
    have sipp || need sip-tester
    have linphonec || need linphone-cli
    have openssl || need openssl
    have postgres || ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 || need postgresql
    have pdftotext || need poppler-utils
fi

# What the machine itself must bring, because Debian 12's own is too old.
have cargo || fail "the Rust toolchain is missing. Install it from https://rustup.rs, then run this again."
have node && have npm || fail "Node 20 is missing. Install it from https://nodejs.org, then run this again."
[ "$(node -p 'process.versions.node.split(".")[0]')" -ge 20 ] \
    || fail "Node $(node --version) is too old: 20 or newer is needed."
python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
    || fail "$(python3 --version) is too old: 3.11 or newer is needed."

[ -n "$missing" ] || exit 0

command="apt-get update && apt-get install -y --no-install-recommends$missing"
have apt-get || fail "these Debian packages, or your system's equivalents, are missing:$missing"
if [ "$(id -u)" != 0 ]; then
    fail "these packages are missing:$missing
Run this, then start again:
    sudo sh -c '$command'"
fi
say "installing Debian packages:$missing"
log="$CACHE/apt.log"
DEBIAN_FRONTEND=noninteractive sh -c "$command" >"$log" 2>&1 </dev/null \
    || { tail -n 20 "$log" >&2; fail "apt-get failed; the whole output is in $log"; }
