#!/bin/sh
# scripts/venv.sh run|dev: makes .venv with the pinned dependencies and this package (editable).
set -eu
cd "$(dirname "$0")/.."
kind=$1
stamp=.venv/.installed-$kind

usable() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

find_python() {
    for candidate in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11; do
        if usable "$candidate"; then
            echo "$candidate"
            return
        fi
    done
    echo "isolate-host needs Python 3.11 or newer. Set PYTHON=/path/to/python3.11 if it is not on PATH." >&2
    exit 1
}

if [ ! -x .venv/bin/python ] || ! usable .venv/bin/python; then
    python=$(find_python)
    rm -rf .venv
    if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
        echo "$python cannot make virtual environments. On Debian and Ubuntu: apt-get install python$version-venv (or python3-venv)." >&2
        exit 1
    fi
    "$python" -m venv .venv
fi

if [ -e "$stamp" ] && [ "$stamp" -nt "requirements/$kind.txt" ] && [ "$stamp" -nt pyproject.toml ]; then
    exit 0
fi
.venv/bin/python -m pip install --disable-pip-version-check --quiet --require-hashes -r "requirements/$kind.txt"
# The two halves of what pip would do by itself, so that nothing unpinned is fetched to build the package.
.venv/bin/python -m pip install --disable-pip-version-check -qq --no-deps --no-build-isolation --editable .
touch "$stamp"
