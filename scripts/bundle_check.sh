#!/bin/sh
# The built guest bundles are committed. This builds them again and fails when they differ from what is committed.
set -eu
cd "$(dirname "$0")/.."
if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
    echo "bundle-check skipped: it needs Node.js 20 and npm, which are not on this machine"
    exit 0
fi
if [ "$(node -p 'Number(process.versions.node.split(".")[0]) >= 20')" != true ]; then
    echo "bundle-check skipped: it needs Node.js 20 or newer, this is $(node --version)"
    exit 0
fi
(cd core/guest && npm ci --no-audit --no-fund --loglevel=error && npm run --silent check && npm run --silent build)
bundles=$(git ls-files 'core/guest/dist/*' 'plugins/*/guest.js')
if ! git diff --exit-code --stat -- $bundles; then
    echo "the committed guest bundles are stale: commit what 'npm run build' in core/guest wrote" >&2
    exit 1
fi
echo "bundle-check ok: $(echo "$bundles" | wc -l) files"
