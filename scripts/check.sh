#!/bin/sh
# Everything that can be said about the sources without running the product.
. "$(dirname "$0")/lib.sh"

scripts/packages.sh build
scripts/python.sh dev
scripts/pages.sh modules

step() { say "check: $*"; }

step "scripts"
for script in scripts/*.sh; do sh -n "$script"; done

step "ruff"
.venv/bin/ruff check --quiet
.venv/bin/ruff format --check --quiet

step "mypy"
.venv/bin/mypy --no-error-summary

step "import directions"
PYTHONPATH=src .venv/bin/lint-imports --no-logo >"$CACHE/imports.log" || { cat "$CACHE/imports.log"; exit 1; }

step "rustfmt, clippy"
(cd engine && cargo fmt --all --check)
(cd engine && cargo clippy --quiet --locked --workspace --all-targets -- -D warnings)

step "fuzz targets: lock file"
(cd engine/fuzz && cargo metadata --locked --format-version 1 >/dev/null)

step "licences and sources of the engine's crates"
scripts/deny.sh

step "pages: svelte-check, vitest"
(cd web && npm run --silent check </dev/null && npm test --silent </dev/null)
