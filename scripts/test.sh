#!/bin/sh
# Every check and every test. Arguments go to pytest. The last lines are pytest's summary.
. "$(dirname "$0")/lib.sh"

scripts/packages.sh test
scripts/check.sh
scripts/pages.sh
scripts/engine.sh dev

say "test: cargo test"
(cd engine && cargo test --quiet --locked --workspace) || fail "cargo test failed"

say "test: pytest"
exec .venv/bin/python -m pytest "$@"
