#!/bin/sh
# Leaves a ready .venv/bin/podium, which afterwards needs neither Node nor Rust.
. "$(dirname "$0")/lib.sh"

scripts/packages.sh build
scripts/python.sh run
scripts/pages.sh
scripts/engine.sh release
say "ready: .venv/bin/podium ($(.venv/bin/podium --version 2>/dev/null || echo 'see --help'))"
