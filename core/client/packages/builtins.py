"""Names of the modules that Node.js has built in."""

from __future__ import annotations

__all__ = ["BUILTINS", "is_builtin"]

BUILTINS = frozenset((
    "assert", "assert/strict", "async_hooks", "buffer", "child_process", "cluster", "console", "constants", "crypto", "dgram",
    "diagnostics_channel", "dns", "dns/promises", "domain", "events", "fs", "fs/promises", "http", "http2", "https", "inspector",
    "inspector/promises", "module", "net", "os", "path", "path/posix", "path/win32", "perf_hooks", "process", "punycode", "querystring",
    "readline", "readline/promises", "repl", "stream", "stream/consumers", "stream/promises", "stream/web", "string_decoder", "sys", "timers",
    "timers/promises", "tls", "trace_events", "tty", "url", "util", "util/types", "v8", "vm", "wasi", "worker_threads", "zlib",
))  # fmt: skip


def is_builtin(specifier: str) -> bool:
    """Whether Node.js has a module of that name built in (``fs``, ``node:fs``)."""
    return specifier.startswith("node:") or specifier in BUILTINS
