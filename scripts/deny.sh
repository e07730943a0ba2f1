#!/bin/sh
# Licences, duplicate and banned crates, and where crates come from (deny.toml).
#
# Advisories need a database from the network, so they are asked for only with "advisories".
. "$(dirname "$0")/lib.sh"

DENY_VERSION=0.20.2
tool="$PWD/$CACHE/cargo-deny-$DENY_VERSION"
if [ ! -x "$tool/bin/cargo-deny" ]; then
    say "building cargo-deny $DENY_VERSION into .cache, once"
    # Unoptimised: it is run a few times on one lock file, and builds in a third of the time.
    CARGO_TARGET_DIR="$CACHE/cargo-deny-build" \
        cargo install --quiet --locked --debug --root "$tool" "cargo-deny@$DENY_VERSION"
    rm -rf "$CACHE/cargo-deny-build"
fi
checks="${*:-licenses bans sources}"
# shellcheck disable=SC2086
"$tool/bin/cargo-deny" --manifest-path engine/Cargo.toml --workspace --locked \
    --log-level error --config deny.toml check --hide-inclusion-graph $checks
