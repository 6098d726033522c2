#!/bin/sh
# Builds the sdist, the wheel from it, installs the wheel in a clean environment and uses it from another folder.
set -eu
cd "$(dirname "$0")/.."
python=${PYTHON:-.venv/bin/python}
root=$PWD
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# From a copy of what git knows (and has not yet committed): no leftover of an earlier build can stand in for a forgotten file.
mkdir "$work/source"
git ls-files -z --cached --others --exclude-standard | xargs -0 tar -cf - --ignore-failed-read 2>/dev/null | tar -xf - -C "$work/source"
(cd "$work/source" && "$root/$python" -m build --no-isolation --outdir "$work/dist" . >"$work/build.log" 2>&1) || {
    cat "$work/build.log" >&2
    exit 1
}
"$python" -m venv "$work/venv"
"$work/venv/bin/python" -m pip install --disable-pip-version-check --quiet --require-hashes -r requirements/run.txt
"$work/venv/bin/python" -m pip install --disable-pip-version-check --quiet --no-deps "$work"/dist/*.whl
cp scripts/smoke.py "$work/smoke.py"
cd "$work"
"$work/venv/bin/python" smoke.py "$work"/dist/*.whl
