"""Our declarations against the truth: each parses, what they declare exists in an isolate, and each global is declared."""

import re

import pytest

import isolate_host as ih
from isolate_host.client.tool_types import declare_tools
from isolate_host.config.defaults import BUILTIN_PLUGINS

#: Members that stand on each object and not on its prototype.
OWN = {"isTrusted", "errors", "error", "suppressed", "lastIndex", "prototype", "next"}


def declared(text):
    """Names of the values that top-level declarations make, and with `interface X` the members that X must have."""
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    names = set(re.findall(r"^\s{0,4}(?:declare )?(?:abstract )?(?:var|const|function|class|namespace|let) (?:abstract )?(\w+)", text, flags=re.MULTILINE))
    return {name for name in names if re.search(rf"^(declare )?(abstract )?(var|const|function|class|namespace|let) {name}\b", text, flags=re.MULTILINE)}


def members(text):
    """(interface, member) of the methods and attributes that are not optional."""
    for interface, body in re.findall(r"^interface (\w+)[^{]*\{\n(.*?)^\}", text, flags=re.MULTILINE | re.DOTALL):
        # Deeper lines are parameters of a member that is written on several.
        indent = re.match(" *", body).group()
        for member in re.findall(rf"^{indent}(?:readonly |get |set )*(\w+)(?:<.*?)?[(:]", body, flags=re.MULTILINE):
            if not re.search(rf"^{indent}(readonly )?{member}\?", body, flags=re.MULTILINE):
                yield interface, member


#: Its globals exist in test runtimes only.
OF_TESTS = "plugins/tests.d.ts"
#: Much of what it declares exists in pages only, for functions that run there.
OF_PAGES = "plugins/browser.d.ts"


@pytest.fixture
def everything():
    return ih.get_type_profile(profile="backend", capabilities=list(BUILTIN_PLUGINS))


async def test_they_check(embedded, everything):
    """As code, where nothing is left out: neither a name nor a clash."""
    own = [item for item in everything.files if item.name.startswith("plugins/")]
    assert {item.name for item in own} >= {f"plugins/{name}.d.ts" for name in ("console", "crypto", "fetch", "files", "modules", "node")}
    for item in own:
        # Checked as the guest's own file: declarations of libraries are not looked into.
        result = await embedded.typecheck(code=item.content, filename="/own.d.ts", capabilities=list(BUILTIN_PLUGINS))
        assert [error for error in result.errors if error.code not in (2451, 2300, 2403)] == [], (item.name, ih.format_typecheck_errors(result))


async def test_what_is_declared_exists_and_the_other_way_round(embedded, everything):
    names = set().union(*(declared(item.content) for item in everything.files if item.name not in (OF_TESTS, OF_PAGES)))
    parts = sorted({pair for item in everything.files if item.name != OF_PAGES for pair in members(item.content) if pair[0] in names and pair[1] not in OWN})
    assert len(names) > 140
    assert len(parts) > 700
    async with embedded.create_runtime(bindings={"console": lambda *_: None}) as runtime:
        present = set(await runtime.eval("Object.getOwnPropertyNames(globalThis)"))
        missing_of = await runtime.eval(
            "(parts) => parts.filter(([name, member]) => { const it = globalThis[name]; return it?.prototype ? !(member in it.prototype) : !(member in it) })"
        )
        missing = await missing_of([list(pair) for pair in parts])
    assert names - present == set()
    assert missing == []
    assert present - names - {"globalThis", "undefined"} == set()


def names_of(everything, name):
    (file,) = (item for item in everything.files if item.name == name)
    return sorted(declared(file.content))


async def test_what_tests_declare_exists_in_test_runtimes(embedded, everything):
    names = names_of(everything, OF_TESTS)
    assert {"describe", "expect", "vi"} <= set(names)
    async with embedded.create_test_runtime() as runtime:
        result = await runtime.run(f"test('all', () => expect({names}.filter(name => !(name in globalThis))).toEqual([]))")
    assert (result.success, result.total) == (True, 1)


def test_profiles():
    backend = ih.get_type_profile()
    assert backend.profile == "backend"
    assert backend.include == tuple(item.name for item in backend.files)
    assert backend.include[:4] == ("lib/language.d.ts", "lib/iterator.d.ts", "lib/web.d.ts", "lib/guest.d.ts")
    assert "plugins/files.d.ts" in backend.include
    browser = ih.get_type_profile(profile="browser-test")
    assert "plugins/files.d.ts" not in browser.include
    assert "plugins/files.d.ts" in ih.get_type_profile(profile="browser-test", capabilities=["files"]).include
    with pytest.raises(ValueError, match="no profile 'x'"):
        ih.get_type_profile(profile="x")
    with pytest.raises(ih.PluginError, match="no plugin provides the capability 'x'"):
        ih.get_type_profile(capabilities=["x"])
    assert not any("/root" in item.content or "Document" in item.content for item in backend.files)


def test_hints_as_types():
    from collections.abc import AsyncIterator, Callable, Mapping
    from datetime import datetime
    from typing import Annotated, Any, Literal, NotRequired, TypedDict

    class Place(TypedDict):
        name: str
        at: tuple[float, float]
        tags: NotRequired[list[str | int]]

    class Endless(TypedDict):
        next: "Endless"

    def mixed(a: int | None, b: list[str | None], *, only_by_name: int = 1) -> None: ...
    async def place(where: Place, kind: Literal["a", 2] | None = None) -> Mapping[int, set[bool]]: ...
    async def steps(until: datetime, each: Callable[[int], None]) -> AsyncIterator[bytes]:
        yield b""

    def loose(default, *rest: Annotated[str, "x"], **more: Any) -> ih.BigInt: ...
    def raw(body: bytes, answer: ih.Response) -> tuple[int, ...]: ...
    def endless(it: "Endless") -> object: ...
    def reserved() -> Any: ...

    tools = {"mixed": mixed, "place": place, "steps": steps, "loose": loose, "raw": raw, "delete": reserved, "endless": endless, "len": len, "max": max}
    lines = declare_tools(tools)
    for line in (
        "declare function mixed(a: number | null | undefined, b: (string | null | undefined)[]): Promise<null>;",
        'declare function place(where: { name: string; at: [number, number]; tags?: (string | number)[] }, kind?: "a" | 2 | null | undefined): Promise<Map<number, Set<boolean>>>;',
        "declare function steps(until: Date, each: (...args: any[]) => any): AsyncGenerator<Uint8Array, any, any>;",
        "declare function loose(default_: any, ...rest: (string)[]): Promise<bigint>;",
        "declare function raw(body: ArrayBuffer | ArrayBufferView, answer: Response): Promise<number[]>;",
        "declare function max(...args: any[]): Promise<any>;",
    ):
        assert line in lines
    assert "delete" not in lines
    assert "declare function endless(it: any)" in lines or "declare function endless(it: {" in lines
