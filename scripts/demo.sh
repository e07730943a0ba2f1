#!/bin/sh
# Holds the model conference. On a terminal it stays up until Ctrl-C; elsewhere it ends by itself.
# Arguments go to `podium demo`.
. "$(dirname "$0")/lib.sh"

scripts/setup.sh
exec .venv/bin/podium demo "$@"
