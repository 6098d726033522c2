#!/bin/sh
# mypy does not follow setuptools' editable import hook, so it reads the package through a farm of links in .typecheck/.
# Arguments go to mypy; without any it checks the whole package.
set -eu
cd "$(dirname "$0")/.."
farm=.typecheck/isolate_host
mkdir -p "$farm"
find "$farm" -xtype l -delete
for child in core/* plugins schemas configs; do
    [ "$child" = core/__pycache__ ] || ln -sfn "../../$child" "$farm/"
done
[ $# -gt 0 ] || set -- -p isolate_host
MYPYPATH=.typecheck exec "${PYTHON:-.venv/bin/python}" -m mypy "$@"
