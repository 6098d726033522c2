"""What type checks know of the browser: the declarations of the Playwright that is installed, as one namespace."""

from __future__ import annotations

import inspect
import re
from functools import cache
from importlib.resources import files
from pathlib import Path

from isolate_host.plugins.browser.table import load_api

__all__ = ["declare_types"]

#: Of Node and of other engines.
_DROPPED = ("ElectronApplication", "Electron", "Android", "AndroidDevice", "AndroidInput", "AndroidSocket", "AndroidWebView", "BrowserServer")
_ELSEWHERE = """
type ChildProcess = never; type Readable = any; type ReadStream = any; type Buffer = Uint8Array; type ZodSchema = any;
type InferZodSchema<T> = any;
type ElectronType = any; type URLPattern = any; type URL = any;
namespace Protocol {
  interface CommandParameters { [method: string]: any } interface CommandReturnValues { [method: string]: any }
  interface Events { [event: string]: any }
}
"""


@cache
def declare_types() -> str:
    """The text; without Playwright only what is ours. It is made once: the installed files do not change."""
    own = files(__package__).joinpath("types.d.ts").read_text(encoding="utf-8")
    return f"{own}\n{_matchers()}\n{_namespace()}"


def _matchers() -> str:
    methods = sorted({name for group in load_api().assertions.values() for name in group})
    lines = [f"  {name}(...args: any[]): Promise<void>;" for name in methods]
    return "interface Matchers<Result> {\n" + "\n".join(lines) + "\n  toPass(options?: { timeout?: number; intervals?: number[] }): Promise<void>;\n}"


def _namespace() -> str:
    try:
        import playwright
    except ImportError:
        names = ("BrowserContext", "BrowserContextOptions", "Locator", "Page")
        return "declare namespace Playwright {\n" + "\n".join(f"  type {name} = any;" for name in names) + "\n}"
    folder = Path(inspect.getfile(playwright)).parent / "driver" / "package" / "types"
    texts = [(folder / name).read_text(encoding="utf-8") for name in ("structs.d.ts", "types.d.ts")]
    body = "\n".join(_inside(text) for text in texts)
    return f"declare namespace Playwright {{{_ELSEWHERE}{body}\n}}"


def _inside(text: str) -> str:
    """A module's text as the inside of a namespace: without comments, imports and what a guest has not."""
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    text = re.sub(r"^\s*//.*$|^import .*?;$|^export \{\};?$|^export \* from .*?;$", "", text, flags=re.MULTILINE)
    for name in _DROPPED:
        text = re.sub(rf"^export interface {name} \{{.*?^\}}$", "", text, flags=re.MULTILINE | re.DOTALL)
    text = re.sub(r"^type (?:ZodSchema|InferZodSchema|ElectronType|URLPattern)\b.*?;$", "", text, flags=re.MULTILINE | re.DOTALL)
    text = re.sub(r"^(?:export )?(?:declare )?const .*?;$", "", text, flags=re.MULTILINE)
    return re.sub(r"\n\s*\n+", "\n", text)
