#!/bin/sh
# Prints the tables of bench/. Arguments go to `podium bench`; without any: the fan-out.
. "$(dirname "$0")/lib.sh"

scripts/packages.sh test
scripts/python.sh dev
scripts/pages.sh
scripts/engine.sh release
[ $# -gt 0 ] || set -- fanout --viewers 100,1000,3000
exec .venv/bin/podium bench "$@"
