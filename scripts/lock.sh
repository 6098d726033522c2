#!/bin/sh
# Pins every Python dependency with hashes, for all Python versions that we support. Needs uv; run it after a change of
# pyproject.toml, or with --upgrade.
set -eu
cd "$(dirname "$0")/.."
compile() {
    output=$1
    shift
    uv pip compile "$@" --universal --python-version 3.11 --generate-hashes --no-header \
        --no-emit-index-url --no-emit-find-links --quiet --output-file "$output"
}
compile requirements/run.txt pyproject.toml requirements/build.in "$@"
compile requirements/dev.txt pyproject.toml requirements/build.in --extra dev --constraint requirements/run.txt "$@"
