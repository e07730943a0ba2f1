#!/bin/sh
# Builds the engine and installs the package into .venv: release (to use) or dev (to test).
#
# The tests run on the dev profile, with overflow checks and debug assertions on, so that
# `cargo test`, clippy and the installed engine share one build.
. "$(dirname "$0")/lib.sh"

profile="${1:-release}"
mark="$profile $(.venv/bin/python -c 'import sys; print(sys.version.split()[0])') $(fingerprint \
    pyproject.toml engine/Cargo.toml engine/Cargo.lock engine/crates scripts/engine.sh)"
if [ -x .venv/bin/podium ] && ls src/podium/media/_engine*.so >/dev/null 2>&1; then
    done_before engine "$mark" && exit 0
fi

forget engine
say "building the engine ($profile; the first time takes some minutes)"
log="$CACHE/engine.log"
# shellcheck disable=SC2086
PATH="$PWD/.venv/bin:$PATH" MATURIN_PEP517_ARGS="--locked --profile $profile" \
    .venv/bin/uv pip install --quiet --python .venv/bin/python --no-deps --no-build-isolation \
    --reinstall-package podium --editable . >"$log" 2>&1 \
    || { tail -n 40 "$log" >&2; fail "the engine did not build; the whole output is in $log"; }
remember engine "$mark"
