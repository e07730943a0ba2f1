#!/bin/sh
# The virtual environment .venv with the locked packages: run (to build and to hold the demo) or dev.
. "$(dirname "$0")/lib.sh"

UV_VERSION=0.13.9
level="${1:-run}"

mark=$(fingerprint pyproject.toml uv.lock scripts/python.sh)
if [ -x .venv/bin/python ]; then
    done_before python-dev "$mark" && exit 0
    [ "$level" = run ] && done_before python-run "$mark" && exit 0
fi

forget python-run
forget python-dev
if ! .venv/bin/python -c '' 2>/dev/null; then
    say "making .venv"
    rm -rf .venv
    forget engine
    python3 -m venv .venv
fi
if [ "$(.venv/bin/uv --version 2>/dev/null | cut -d' ' -f2)" != "$UV_VERSION" ]; then
    say "installing uv $UV_VERSION into .venv"
    .venv/bin/python -m pip install --quiet --disable-pip-version-check "uv==$UV_VERSION"
fi
say "installing the locked Python packages"
# --inexact keeps uv itself and the installed project.
if [ "$level" = dev ]; then
    set -- --all-extras --all-groups
else
    set -- --extra demo --no-default-groups --group build
fi
.venv/bin/uv sync --quiet --frozen --inexact --no-install-project "$@"
remember "python-$level" "$mark"
