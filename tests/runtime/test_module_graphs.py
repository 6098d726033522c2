"""Graphs in which a module meets itself again: found with test262 (tests/test262)."""

from __future__ import annotations

from typing import Any

import pytest

import isolate_host as ih
from tests.support.packages import write_tree

MODULES = {
    # The outcome of C was there before B, of the same cycle, failed.
    "/cycle/main.js": "import './b.js'; import './x.js';",
    "/cycle/a.js": "import './b.js'; await 0;",
    "/cycle/b.js": "import './c.js'; await 0; throw new Error('async error in B');",
    "/cycle/c.js": "import './a.js'; await 0;",
    "/cycle/x.js": "import './a.js'; await 0;",
    "/app/script.js": "export const me = 1;",
    "/app/attribute.js": "import './script.js' with { color: 'red' };",
}


@pytest.fixture
async def rt(host: ih.IsolateHost) -> Any:
    modules = ih.create_module_resolver()
    for name, source in MODULES.items():
        modules = modules.virtual(name, source)
    async with host.create_runtime(bindings=ih.Bindings(modules=modules), limits=ih.Limits(timeout_s=20)) as runtime:
        yield runtime


async def test_a_finished_module_of_a_failed_cycle_fails_with_the_error_of_the_cycle(rt: ih.Runtime) -> None:
    code = "const errors = []; for (const name of ['main', 'c', 'c']) await import(`/cycle/${name}.js`).catch((error) => errors.push(error));"
    assert await rt.eval(f"{code} [errors.length, errors[0].message, errors[0] === errors[1], errors[1] === errors[2]]") == [
        3, "async error in B", True, True,
    ]  # fmt: skip


async def test_a_script_imports_the_module_of_its_own_name(rt: ih.Runtime) -> None:
    assert await rt.eval("const [a, b] = await Promise.all([import('./script.js'), import('/app/script.js')]); [a.me, a === b]", "/app/script.js") == [1, True]


async def test_common_js_imports_itself(host: ih.IsolateHost, tmp_path: Any) -> None:
    modules = write_tree(tmp_path / "node_modules", {"own/index.js": "exports.n = 1; exports.again = () => import('own'); exports.here = () => import('./index.js')"})
    bindings = ih.Bindings(modules=ih.create_module_resolver().mount_node_modules("/node_modules", modules))
    async with host.create_runtime(bindings=bindings) as runtime:
        assert await runtime.eval("const own = (await import('own')).default; [(await own.here()).n, (await own.again()).default === own]", "/app/main.js") == [1, True]


async def test_an_unknown_import_attribute_is_a_syntax_error_of_the_module(rt: ih.Runtime) -> None:
    with pytest.raises(ih.GuestError) as caught:
        await rt.eval("await import('./attribute.js')", "/app/main.js")
    assert (caught.value.name, caught.value.message.splitlines()) == (
        "SyntaxError", ["Import attribute 'color' is not supported; type is", "    imported from /app/attribute.js", "    imported from /app/main.js"],
    )  # fmt: skip
    assert await rt.eval("await import('./script.js', { with: { color: 'red' } }).catch((error) => error.name)", "/app/main.js") == "TypeError"
