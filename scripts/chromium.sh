#!/bin/sh
# Installs what the tests of the browser plugin drive, unless it is there already: Debian's Chromium, and ffmpeg for its videos.
set -eu

missing=""
if [ -z "${ISOLATE_HOST_CHROMIUM:-}" ] && ! command -v chromium && ! command -v chromium-browser && ! command -v google-chrome-stable && ! command -v google-chrome; then
    missing=" chromium"
fi >/dev/null
command -v ffmpeg >/dev/null || missing="$missing ffmpeg"
if [ -z "$missing" ]; then
    exit 0
fi
if [ "$(id -u)" -ne 0 ]; then
    echo "missing here:$missing; run 'sudo apt-get install$missing' (or name a Chromium in ISOLATE_HOST_CHROMIUM)" >&2
    exit 1
fi
apt-get update --quiet
# shellcheck disable=SC2086 -- a list of words
DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends $missing
