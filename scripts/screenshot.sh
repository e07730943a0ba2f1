#!/bin/sh
# Makes docs/console.png anew, from the running product.
. "$(dirname "$0")/lib.sh"

scripts/packages.sh test
scripts/python.sh dev
scripts/pages.sh
scripts/engine.sh release
exec .venv/bin/python -m tests.support.screenshot docs/console.png
