"""The TypeScript compiler in an isolate of its own: what it emits is run in another one."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from .conftest import Guest

FEATURES = json.loads((Path(__file__).parent / "golden" / "ts_features.json").read_text())


class Compiler:
    """The compiler's isolate."""

    def __init__(self, guest: Guest) -> None:
        guest.command("load_file", name="compiler", path="core/guest/dist/compiler.js")
        guest.init({"compiler": {}})
        self._guest, self._id = guest, 0

    def __call__(self, source: str, filename: str = "/m.ts", **options: Any) -> dict[str, Any]:
        self._id += 1
        request = {"source": source, "filename": filename, **options}
        (frame,) = self._guest.send({"t": "call", "id": self._id, "cap": "compiler", "op": "compile"}, [request])
        assert frame.kind == "ok", frame.body
        value = frame.value
        assert isinstance(value, dict)
        return value


@pytest.fixture(scope="module")
def compiler(guest_zygote: str) -> Iterator[Compiler]:
    """One compiler for the tests of this module: it keeps no state between calls."""
    with Guest(guest_zygote) as guest:
        yield Compiler(guest)


def runnable(code: str) -> str:
    """Module text as REPL text: imports from the test's own modules, exports dropped."""
    code = re.sub(
        r'^import \{([^}]*)\} from ["\'](.*?)["\'];$',
        lambda m: f"const {{{m[1].replace(' as ', ': ')}}} = globalThis.mods['{m[2]}'];",
        code,
        flags=re.MULTILINE,
    )
    assert "import " not in code, code
    return re.sub(r"^export (\{.*\};?)?", "", code, flags=re.MULTILINE)


MODULES = """globalThis.L = []; globalThis.log = (...a) => { L.push(a.map(String).join(' ')) };
globalThis.mods = {'x-log': {log2: (...a) => log('log2', ...a)}, 'react/jsx-runtime': {jsx: (t, p, k) => ({t: typeof t === 'string' ? t : '?', p, k}), get jsxs() { return this.jsx }, Fragment: 'F'}, react: {createElement: (t, p, ...children) => ({t, p: {...p, children}})}}; 1"""


@pytest.mark.parametrize("mode", ["module", "script"])
@pytest.mark.parametrize("name", FEATURES)
def test_features_run(compiler: Compiler, guest: Guest, name: str, mode: str) -> None:
    extension, source, expected = FEATURES[name]
    result = compiler(source, f"/m.{extension}", mode=mode, experimentalDecorators=name == "legacy_dec")
    assert result["diagnostics"] == []
    guest.eval(MODULES)
    guest.eval(runnable(result["code"]) + ";\n1")
    log = guest.eval("L")
    if expected is not None:
        assert log == expected
    else:
        assert json.loads(log[0])["p"]["children"][0] == "hi "


def test_imports_of_types_are_elided(compiler: Compiler) -> None:
    code = compiler("import type {A} from 'a'; import {B, c} from 'b'; import D, {type E} from 'd'; let x: B = c; export type {E}; export {x}")["code"]
    assert code == "import { c } from 'b';\nlet x = c;\nexport { x };\n"


def test_little_is_changed(compiler: Compiler) -> None:
    source = "class A {\n    #p = 1;\n    static { this.q = 2; }\n}\nconst r = /(?<y>\\d)/v;\nlabel: for await (const x of y) {\n    a.b ??= 10n ** 2n;\n}\nexport default A;\n"
    assert compiler(source)["code"] == source


def test_scripts_stay_scripts(compiler: Compiler, guest: Guest) -> None:
    result = compiler("import type {T} from 'x';\nenum E { A = 5 }\nconst enum C { B = 2 }\nlet v: number = await Promise.resolve(E.A + C.B);\nv as number", "/repl.ts", mode="script")
    assert "export" not in result["code"] and "import" not in result["code"]
    assert guest.eval(result["code"], "/repl.ts") == 7
    assert guest.eval("v + E.A") == 12
    assert compiler("import type {T} from 'x'", mode="module")["code"] == "export {};\n"


def test_positions_map_back(compiler: Compiler, guest: Guest) -> None:
    source = "interface A {\n  x: number;\n}\n\nenum E { P }\n\nfunction deep(a: A): never {\n  throw new TypeError('boom ' + a.x);\n}\n\ndeep({ x: 1 });\n"
    result = compiler(source, "/app/err.ts", mode="script")
    guest.command("map", filename="/app/err.ts", text=result["map"])
    assert guest.error(result["code"], "/app/err.ts")["stack"] == "TypeError: boom 1\n    at deep (/app/err.ts:8:9)\n    at /app/err.ts:11:1"


def test_maps_do_not_depend_on_the_name(compiler: Compiler) -> None:
    assert compiler("let a: number = 1", "/a.ts") == compiler("let a: number = 1", "/other/b.ts")
    parsed = json.loads(compiler("let a: number = 1")["map"])
    assert parsed["version"] == 3 and parsed["sources"] == [""] and "sourcesContent" not in parsed


def test_all_errors_with_their_places(compiler: Compiler) -> None:
    found = compiler("let a: number = ;\nlet b = (1;\n\tfoo(]\n")["diagnostics"]
    assert [(d["line"], d["column"], d["endColumn"], d["code"]) for d in found] == [(1, 17, 18, 1109), (2, 11, 12, 1005), (3, 6, 7, 1135), (4, 1, 2, 1005)]
    assert found[0]["message"] == "Expression expected."
    (unicode,) = compiler("let s = '\U0001f600' 5", mode="script")["diagnostics"][:1]
    assert (unicode["line"], unicode["column"]) == (1, 14)


def test_languages_by_name(compiler: Compiler) -> None:
    assert compiler("const f = <T>(x) => x; <any>f", "/m.ts")["diagnostics"] == []
    assert "_jsx(" in compiler("export default <a b={1}/>", "/m.tsx")["code"]
    assert "_jsx(" in compiler("export default <a b={1}/>", "/m.jsx")["code"]
    assert 'from "preact/jsx-runtime"' in compiler("/** @jsxImportSource preact */ export default <a/>", "/m.tsx")["code"]
    assert 'from "solid/jsx-runtime"' in compiler("export default <a/>", "/m.tsx", jsxImportSource="solid")["code"]
    assert "React.createElement" in compiler("/** @jsxRuntime classic */ export default <a/>", "/m.tsx")["code"]
    assert compiler("let a: number = 1", "/m.js")["diagnostics"][0]["code"] == 8010


HOSTILE = {
    "nested brackets": "[" * 20000,
    "nested parentheses": "(" * 20000 + ")" * 20000,
    "nested blocks": "{" * 20000,
    "nested types": "type A = " + "[" * 20000,
    "nested templates": "`${" * 5000,
    "nul and surrogates": "let a = '\x00\ud800';",
    "empty": "",
    "only a comment": "// nothing",
    "many errors": "let = ;\n" * 2000,
}


@pytest.mark.parametrize("source", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_sources(compiler: Compiler, source: str) -> None:
    result = compiler(source)
    assert set(result) == {"code", "map", "diagnostics"}
    assert compiler("let a: number = 1")["code"] == "let a = 1;\nexport {};\n"


def test_the_guest_cannot_see_the_compiler(new_guest: Callable[[], Guest]) -> None:
    guest = new_guest()
    guest.init()
    assert guest.eval("typeof ts + typeof compile") == "undefinedundefined"
