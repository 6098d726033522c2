#!/bin/sh
# Installs Debian's Chromium, which the tests of the browser plugin drive, unless there is a Chromium already.
set -eu

if [ -n "${ISOLATE_HOST_CHROMIUM:-}" ] || command -v chromium || command -v chromium-browser || command -v google-chrome-stable || command -v google-chrome; then
    exit 0
fi >/dev/null
if [ "$(id -u)" -ne 0 ]; then
    echo "no Chromium here: run 'sudo apt-get install chromium', or name one in ISOLATE_HOST_CHROMIUM" >&2
    exit 1
fi
apt-get update --quiet
DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends chromium
