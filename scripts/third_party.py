"""Writes THIRD_PARTY.md from the lock files and the licence texts of the npm packages.

``python scripts/third_party.py`` needs ``npm ci`` in ``core/guest``; with ``--check`` it compares versions and licences with the lock
files and the installed Python packages, which needs no Node.js.
"""

from __future__ import annotations

import json
import re
import sys
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "THIRD_PARTY.md"
GUEST = ROOT / "core/guest"

#: What of each bundled npm package ends up where.
BUNDLED = {
    "@pkgjs/parseargs": "in `plugins/node/guest.js`: `util.parseArgs`",
    "bare-path": "in `plugins/node/guest.js`: `node:path`",
    "base64-js": "in `plugins/node/guest.js`: `Buffer`",
    "buffer": "in `plugins/node/guest.js`: `Buffer`",
    "ieee754": "in `plugins/node/guest.js`: `Buffer`",
    "readable-stream": "in `plugins/node/guest.js`: `node:stream`",
    "string_decoder": "in `plugins/node/guest.js`: `node:string_decoder`",
    "unenv": "in `plugins/node/guest.js`: `node:url` and `node:querystring`",
    "node-inspect-extracted": "in `core/guest/dist/guest.js`: formatting of values for `console`",
    "@exodus/bytes": "in `core/guest/dist/guest.js`: the encodings of `TextDecoder`",
    "eventsource-parser": "in `plugins/fetch/guest.js`: the format of `EventSource`",
    "cjs-module-lexer": "in `core/guest/dist/guest.js`: the named exports of CommonJS modules",
    "pako": "in `core/guest/dist/guest.js`: deflate and gzip of `CompressionStream`; in `plugins/node/guest.js`: `node:zlib`",
    "punycode": "in `core/guest/dist/guest.js` and `plugins/node/guest.js`: international host names",
    "mime": "in `plugins/files/guest.js`: the media types of file names",
    "tr46": "in `core/guest/dist/guest.js`: international host names",
    "undici": "in `core/guest/dist/guest.js`: `Headers`, `Request`, `Response` and `FormData`",
    "urlpattern-polyfill": "in `core/guest/dist/guest.js`: `URLPattern`",
    "web-streams-polyfill": "in `core/guest/dist/guest.js`: `ReadableStream` and its relatives",
    "whatwg-url": "in `core/guest/dist/guest.js`: the parser of `URL`",
    "typescript": "in `core/guest/dist/compiler.js`: the compiler, without its type library and language service",
    "expect": "in `plugins/tests/guest.js`: the matchers of `expect`",
    "@jest/expect-utils": "in `plugins/tests/guest.js`: equality",
    "@jest/get-type": "in `plugins/tests/guest.js`: names of types in messages",
    "jest-matcher-utils": "in `plugins/tests/guest.js`: messages of matchers",
    "jest-diff": "in `plugins/tests/guest.js`: differences in messages",
    "@jest/diff-sequences": "in `plugins/tests/guest.js`: differences in messages",
    "pretty-format": "in `plugins/tests/guest.js`: snapshots, and values in messages",
    "@jest/react-is-18": "in `plugins/tests/guest.js`: snapshots of React elements",
    "@jest/react-is-19": "in `plugins/tests/guest.js`: snapshots of React elements",
    "jest-mock": "in `plugins/tests/guest.js`: mock functions and spies",
    "@sinonjs/fake-timers": "in `plugins/tests/guest.js`: fake timers and `Date`",
    "@sinonjs/commons": "in `plugins/tests/guest.js`: what fake timers are made with",
    "type-detect": "in `plugins/tests/guest.js`: what fake timers are made with",
    "ast-v8-to-istanbul": "in `core/guest/dist/coverage.js`: V8's coverage as Istanbul's",
    "ast-v8-to-istanbul/node_modules/js-tokens": "in `core/guest/dist/coverage.js`: comments that leave code out of the report",
    "acorn": "in `core/guest/dist/coverage.js`: the parser",
    "estree-walker": "in `core/guest/dist/coverage.js`: the way through what was parsed",
    "@jridgewell/trace-mapping": "in `core/guest/dist/coverage.js`: source maps",
    "@jridgewell/resolve-uri": "in `core/guest/dist/coverage.js`: source maps",
    "@jridgewell/sourcemap-codec": "in `core/guest/dist/coverage.js`: source maps",
    "esbuild": "a few lines of module glue that it adds to what it builds, in `core/guest/dist/` and `plugins/*/guest.js`",
}
#: A package and the file of its text; ``None`` = the text of our own LICENSE.
TEXTS = {
    "@pkgjs/parseargs": "LICENSE",
    # Apache-2.0 like ours, and a notice that has to go along.
    "bare-path": "NOTICE",
    "base64-js": "LICENSE",
    "buffer": "LICENSE",
    "ieee754": "LICENSE",
    "readable-stream": "LICENSE",
    "string_decoder": "LICENSE",
    "unenv": "LICENSE",
    "node-inspect-extracted": "LICENSE",
    "@exodus/bytes": "LICENSE",
    "eventsource-parser": "LICENSE",
    "mime": "LICENSE",
    "cjs-module-lexer": "LICENSE",
    "pako": "LICENSE",
    "punycode": "LICENSE-MIT.txt",
    "tr46": "LICENSE.md",
    "undici": "LICENSE",
    "urlpattern-polyfill": "LICENSE",
    "web-streams-polyfill": "LICENSE",
    "whatwg-url": "LICENSE.txt",
    "typescript": None,
    **dict.fromkeys(
        (
            "expect", "@jest/expect-utils", "@jest/get-type", "jest-matcher-utils", "jest-diff", "@jest/diff-sequences", "pretty-format",
            "@jest/react-is-18", "@jest/react-is-19", "jest-mock", "@sinonjs/fake-timers", "@sinonjs/commons", "type-detect",
            "ast-v8-to-istanbul", "ast-v8-to-istanbul/node_modules/js-tokens", "acorn", "estree-walker", "@jridgewell/trace-mapping",
            "@jridgewell/resolve-uri", "@jridgewell/sourcemap-codec",
        ),
        "LICENSE",
    ),
    "esbuild": "LICENSE.md",
}
#: In the lock file because a bundled package names it, but nothing that we use of that package does.
_UNUSED = frozenset(
    {
        "@babel/code-frame", "@babel/helper-validator-identifier", "@jest/pattern", "@jest/schemas", "@jest/types", "@sinclair/typebox",
        "@types/estree", "@types/istanbul-lib-coverage",
        "@types/istanbul-lib-report", "@types/istanbul-reports", "@types/node", "@types/stack-utils", "@types/yargs",
        "@types/yargs-parser", "abort-controller", "ansi-styles", "chalk", "ci-info", "color-convert", "color-name", "escape-string-regexp",
        "event-target-shim", "events", "graceful-fs", "has-flag", "jest-message-util", "jest-regex-util", "jest-util", "js-tokens", "pathe",
        "picocolors", "picomatch", "pretty-format/node_modules/ansi-styles", "process", "safe-buffer", "slash", "stack-utils", "supports-color",
        "undici-types", "webidl-conversions",
    }
)
_UNICODE = re.compile(r"^COPYRIGHT AND PERMISSION NOTICE$.*?(?=^-{20,})", re.MULTILINE | re.DOTALL)
_SPDX = {"Apache License 2.0": "Apache-2.0"}
_BUILD_ONLY = ("setuptools", "wheel")

_INTRO = """\
# Software of others

isolate-host itself is licensed under [Apache-2.0](LICENSE). This page is written by `scripts/third_party.py`.

## In the package

The wheel contains, in built form, code of these npm packages:

{bundled}
## Installed with it

`pip` installs these Python packages beside it; none of their code is in the package:

{python}
`stpyv8` contains V8 (BSD-3-Clause) and ICU (Unicode-3.0), and the licences of what those contain.

## Licence texts
"""


def npm_packages() -> list[tuple[str, str, str]]:
    """Name, version and licence of what is bundled. Raises ``SystemExit`` when the lock file has a package that nobody explained."""
    locked = json.loads((GUEST / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    shipped = {path.removeprefix("node_modules/") for path, package in locked.items() if path and not package.get("dev")} - _UNUSED
    if unexplained := shipped - set(BUNDLED):
        sys.exit(f"scripts/third_party.py does not know {', '.join(sorted(unexplained))}: add it to BUNDLED and TEXTS")
    found = {name: locked[f"node_modules/{name}"] for name in BUNDLED if name == "esbuild" or name in shipped}
    return [(name, package["version"], package["license"]) for name, package in found.items()]


def python_packages() -> list[tuple[str, str, str]]:
    """Name, version and licence of what ``requirements/run.txt`` pins."""
    pins = re.findall(r"^([a-z0-9-]+)==([^ ]+)", (ROOT / "requirements/run.txt").read_text(encoding="utf-8"), re.MULTILINE)
    return [(name, version, _licence(name)) for name, version in pins if name not in _BUILD_ONLY]


def _licence(name: str) -> str:
    try:
        found = metadata(name).json
    except PackageNotFoundError:  # a dependency of another Python version only
        return "see the package"
    text = str(found.get("license_expression") or found.get("license") or "see the package")
    return _SPDX.get(text, text)


def tables() -> str:
    """The part that lock files decide."""
    bundled = "".join(f"| {name} | {version} | {licence} | {BUNDLED[name]} |\n" for name, version, licence in npm_packages())
    python = "".join(f"| {name} | {version} | {licence} |\n" for name, version, licence in python_packages())
    return _INTRO.format(
        bundled=f"| package | version | licence | what |\n|---|---|---|---|\n{bundled}",
        python=f"| package | version | licence |\n|---|---|---|\n{python}",
    )


def texts() -> str:
    """The part that the packages themselves bring."""
    modules = GUEST / "node_modules"
    if not modules.is_dir():
        sys.exit("the licence texts are in core/guest/node_modules: run npm ci there first")
    parts = []
    for name, file in TEXTS.items():
        text = "Copyright (c) Microsoft Corporation. All rights reserved. The text is that of [LICENSE](LICENSE)."
        if file is not None:
            text = f"```text\n{(modules / name / file).read_text(encoding='utf-8').strip()}\n```"
        parts.append(f"\n### {name}\n\n{text}\n")
    notices = (modules / "typescript/ThirdPartyNoticeText.txt").read_text(encoding="utf-8").replace("\r\n", "\n")
    unicode_notice = _UNICODE.search(notices)
    if unicode_notice is None:
        sys.exit("the Unicode notice of TypeScript was not found")
    parts.append(f"\n### Unicode data in typescript\n\n```text\n{unicode_notice[0].strip()}\n```\n")
    return "".join(parts)


def main() -> int:
    """Write or check the page."""
    page = PAGE.read_text(encoding="utf-8") if PAGE.is_file() else ""
    if "--check" in sys.argv[1:]:
        missing = [name for name in (*TEXTS, "Unicode data in typescript") if f"\n### {name}\n" not in page]
        if page.startswith(tables()) and not missing:
            return 0
        print("differs: THIRD_PARTY.md (run scripts/third_party.py)")
        return 1
    PAGE.write_text(tables() + texts(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
