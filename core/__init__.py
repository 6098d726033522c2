"""Runs untrusted JavaScript and TypeScript in locked V8 isolates.

>>> import isolate_host as ih                               # doctest: +SKIP
>>> async with ih.create_isolate_host() as host:            # doctest: +SKIP
...     async with host.create_runtime() as rt:
...         await rt.eval("1 + 1")
2
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from isolate_host.api import create_isolate_host, get_type_profile, typecheck
    from isolate_host.client.app_server import AppServer
    from isolate_host.client.bindings import Bindings, BrowserBinding
    from isolate_host.client.console import ConsoleEntry
    from isolate_host.client.coverage import Coverage, CoverageOptions, FileCoverage
    from isolate_host.client.files import FileBindings, create_file_bindings
    from isolate_host.client.host import IsolateHost
    from isolate_host.client.limits import Limits, NestedHostPolicy
    from isolate_host.client.module_types import Importer, ModuleSource, ResolvedModule
    from isolate_host.client.modules import ModuleResolver, create_module_resolver
    from isolate_host.client.namespaced import NamespacedRuntime
    from isolate_host.client.options import DaemonOptions
    from isolate_host.client.runtime import Runtime
    from isolate_host.client.served import Served, ServedResponse
    from isolate_host.client.test_results import (
        InlineSnapshot,
        SnapshotResult,
        SuiteResult,
        TestError,
        TestEvent,
        TestOptions,
        TestResult,
        TestRunResult,
    )
    from isolate_host.client.test_runtime import TestRuntime
    from isolate_host.client.tools import Tool
    from isolate_host.client.typecheck import TypecheckError, TypecheckResult, TypeFile, TypeProfile, format_typecheck_errors
    from isolate_host.client.websockets import WebSocketCommand
    from isolate_host.errors import (
        Aborted,
        ConfigError,
        Disposed,
        ExecutionTimeout,
        ForkRefused,
        GuestError,
        IsolateHostError,
        IsolationUnavailable,
        LimitExceeded,
        MarshalError,
        NamespaceInUse,
        NotConnected,
        PluginError,
        PolicyDenied,
        ProtocolError,
        SandboxViolation,
        WorkerCrashed,
    )
    from isolate_host.plugin.markers import hookimpl, hookspec
    from isolate_host.plugins.browser.handler import BrowserOperation, PlaywrightSessionHandler, create_playwright_session_handler
    from isolate_host.wire.abort import AbortController, AbortSignal
    from isolate_host.wire.context import HostCallContext
    from isolate_host.wire.kinds import UNDEFINED, BigInt, JSMap, JSRegExp, JSSet, TypedArray
    from isolate_host.wire.proxies import GuestFunction, GuestIterator, GuestPromise
    from isolate_host.wire.streams import ByteSource, ByteStream
    from isolate_host.wire.web import URL, Blob, File, FormData, Headers, Request, Response
    from isolate_host.wire.web_query import URLSearchParams

__all__ = [
    "UNDEFINED",
    "URL",
    "AbortController",
    "AbortSignal",
    "Aborted",
    "AppServer",
    "BigInt",
    "Bindings",
    "Blob",
    "BrowserBinding",
    "BrowserOperation",
    "ByteSource",
    "ByteStream",
    "ConfigError",
    "ConsoleEntry",
    "Coverage",
    "CoverageOptions",
    "DaemonOptions",
    "Disposed",
    "ExecutionTimeout",
    "File",
    "FileBindings",
    "FileCoverage",
    "ForkRefused",
    "FormData",
    "GuestError",
    "GuestFunction",
    "GuestIterator",
    "GuestPromise",
    "Headers",
    "HostCallContext",
    "Importer",
    "InlineSnapshot",
    "IsolateHost",
    "IsolateHostError",
    "IsolationUnavailable",
    "JSMap",
    "JSRegExp",
    "JSSet",
    "LimitExceeded",
    "Limits",
    "MarshalError",
    "ModuleResolver",
    "ModuleSource",
    "NamespaceInUse",
    "NamespacedRuntime",
    "NestedHostPolicy",
    "NotConnected",
    "PlaywrightSessionHandler",
    "PluginError",
    "PolicyDenied",
    "ProtocolError",
    "Request",
    "ResolvedModule",
    "Response",
    "Runtime",
    "SandboxViolation",
    "Served",
    "ServedResponse",
    "SnapshotResult",
    "SuiteResult",
    "TestError",
    "TestEvent",
    "TestOptions",
    "TestResult",
    "TestRunResult",
    "TestRuntime",
    "Tool",
    "TypeFile",
    "TypeProfile",
    "TypecheckError",
    "TypecheckResult",
    "TypedArray",
    "URLSearchParams",
    "WebSocketCommand",
    "WorkerCrashed",
    "create_file_bindings",
    "create_isolate_host",
    "create_module_resolver",
    "create_playwright_session_handler",
    "format_typecheck_errors",
    "get_type_profile",
    "hookimpl",
    "hookspec",
    "typecheck",
]

# Where each name lives. Names are fetched on first use: importing the package stays cheap for the command line, for
# plugins that only need a marker, and for the zygote, which must not load asyncio at all.
_HOMES = {
    "api": ("create_isolate_host", "get_type_profile", "typecheck"),
    "client.app_server": ("AppServer",),
    "client.bindings": ("Bindings", "BrowserBinding"),
    "client.console": ("ConsoleEntry",),
    "client.coverage": ("Coverage", "CoverageOptions", "FileCoverage"),
    "client.files": ("FileBindings", "create_file_bindings"),
    "client.host": ("IsolateHost",),
    "client.limits": ("Limits", "NestedHostPolicy"),
    "client.module_types": ("Importer", "ModuleSource", "ResolvedModule"),
    "client.modules": ("ModuleResolver", "create_module_resolver"),
    "client.namespaced": ("NamespacedRuntime",),
    "client.options": ("DaemonOptions",),
    "client.runtime": ("Runtime",),
    "client.served": ("Served", "ServedResponse"),
    "client.test_results": (
        "InlineSnapshot", "SnapshotResult", "SuiteResult", "TestError", "TestEvent", "TestOptions", "TestResult", "TestRunResult",
    ),
    "client.test_runtime": ("TestRuntime",),
    "client.tools": ("Tool",),
    "client.typecheck": ("TypeFile", "TypeProfile", "TypecheckError", "TypecheckResult", "format_typecheck_errors"),
    "client.websockets": ("WebSocketCommand",),
    "plugin.markers": ("hookimpl", "hookspec"),
    "plugins.browser.handler": ("BrowserOperation", "PlaywrightSessionHandler", "create_playwright_session_handler"),
    "wire.abort": ("AbortController", "AbortSignal"),
    "wire.context": ("HostCallContext",),
    "wire.kinds": ("UNDEFINED", "BigInt", "JSMap", "JSRegExp", "JSSet", "TypedArray"),
    "wire.proxies": ("GuestFunction", "GuestIterator", "GuestPromise"),
    "wire.streams": ("ByteSource", "ByteStream"),
    "wire.web": ("URL", "Blob", "File", "FormData", "Headers", "Request", "Response"),
    "wire.web_query": ("URLSearchParams",),
}
_HOME_OF = {name: module for module, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(f"{__name__}.{_HOME_OF.get(name, 'errors')}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
