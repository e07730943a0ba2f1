# Sourced by the other scripts: where we are, how we speak, how a finished step is remembered.
# shellcheck shell=sh

set -eu
cd "$(dirname "$0")/.."
CACHE=.cache
mkdir -p "$CACHE"
# A shell's own additions to the language and the user's Python settings must not change a build.
unset PYTHONHOME PYTHONPATH VIRTUAL_ENV UV_PROJECT_ENVIRONMENT 2>/dev/null || true
export UV_PYTHON_DOWNLOADS=never
export CARGO_TERM_PROGRESS_WHEN=never

say() { printf '%s\n' "podium: $*"; }
fail() { printf '%s\n' "podium: $*" >&2; exit 1; }

# The fingerprint of files and folders: their names and contents, not their dates.
fingerprint() {
    find "$@" -type f ! -name '*.pyc' -print0 2>/dev/null | LC_ALL=C sort -z \
        | xargs -0 -r sha256sum | sha256sum | cut -d' ' -f1
}

# done_before NAME FINGERPRINT: has this step already been done for exactly these inputs?
done_before() { [ -f "$CACHE/$1.stamp" ] && [ "$(cat "$CACHE/$1.stamp")" = "$2" ]; }
remember() { printf '%s\n' "$2" > "$CACHE/$1.stamp"; }
forget() { rm -f "$CACHE/$1.stamp"; }
