"""CommonJS in a guest: require, its cache, cycles, and every way between it and ES modules."""

import pytest

import isolate_host as ih
from tests.support.packages import write_tree

PACKAGES = {
    "plain/index.js": "exports.a = 1; exports.b = function () { return this === exports }; exports.self = this === exports",
    "whole/index.js": "module.exports = class Whole { static x = 1 }; module.exports.named = 2",
    "names/index.js": """
        Object.defineProperty(exports, '__esModule', { value: true });
        exports.default = 'own default'; exports.named = 'n'; exports.late = undefined;
        __exportStar(require('./more'), exports); function __exportStar(m, e) { for (const k in m) if (k !== 'default') e[k] = m[k] }
        Object.defineProperty(exports, 'lazy', { enumerable: true, get() { return 'got' } });
        exports.throws = 1; Object.defineProperty(exports, 'throws', { get() { throw new Error('x') } });
    """,
    "names/more.js": "exports.more = 'm'; exports.default = 'other'; module.exports.deep = 1",
    "cycle/a.js": "exports.early = 1; const b = require('./b'); exports.fromB = b.seen; exports.late = 2",
    "cycle/b.js": "const a = require('./a'); exports.seen = { ...a }; exports.a = a",
    "where/lib/x.js": "exports.all = [__filename, __dirname, module.id, module.loaded, require.main, require.resolve('../y'), module.children.length]",
    "where/y.json": '{"y": [1, "é"]}',
    "json/bad.json": '{"y": }',
    "once/index.js": "globalThis.runs = (globalThis.runs ?? 0) + 1; module.exports = { n: globalThis.runs }",
    "thrower/index.js": "globalThis.tries = (globalThis.tries ?? 0) + 1; if (globalThis.tries < 2) throw new TypeError('first'); exports.ok = globalThis.tries",
    "syntax/index.js": "const a = 1;\nlet a = 2;",
    "dynamic/index.js": "const pick = (n) => require('./part' + n); exports.values = [pick(1), pick(2)]; exports.load = (name) => import(name)",
    "dynamic/part1.js": "module.exports = 'one'",
    "dynamic/part2.js": "module.exports = require(['wh', 'ere'].join('') + '/y.json').y[0]",
    "optional/index.js": "try { require('not-there') } catch (error) { exports.code = error.code; exports.message = error.message }",
    "shebang/index.js": "#!/usr/bin/env node\nexports.ok = new Error('x').stack.split('\\n')[1].trim()",
    "detected/index.js": "export const kind = 'module'; export default typeof require",
    "detected/meta.js": "const here = import.meta.url; globalThis.here = here",
    "detected/tla.js": "const x = await Promise.resolve(1); globalThis.tla = x",
    "esm/package.json": {"type": "module"},
    "esm/index.js": "export default 'd'; export const n = 1; export let live = 1; export const bump = () => { live++ }",
    "esm/only-names.js": "export const n = 1",
    "esm/facade.js": "export { x as 'module.exports' }; const x = () => 'fn'",
    "esm/async.js": "export const x = await 1",
    "esm/imports-async.js": "import './async.js'",
    "esm/throws.js": "throw new RangeError('from esm')",
    "esm/missing.js": "import { none } from './only-names.js'",
    "esm/user.js": "import whole, { named } from 'whole'; import * as all from 'plain'; export default [whole.x, named, Object.keys(all).join()]",
    "esm/cycle.mjs": "import back from './cycle.cjs'; export const here = 1; export { back }",
    "esm/cycle.cjs": "let code; try { require('./cycle.mjs') } catch (error) { code = error.code } module.exports = code",
    "requirer/index.js": "exports.get = (name) => require(name)",
    "strict/index.js": "exports.sloppy = (function () { return this === globalThis })(); exports.args = arguments.length",
    "typed/package.json": {"name": "typed", "exports": {".": "./index.ts", "./old": "./old.cts"}},
    "typed/index.ts": "import { n } from 'esm'; export enum E { A = 5 } export const total: number = n + E.A",
    "typed/old.cts": "import whole = require('whole'); export = { x: whole.x as number }",
}


@pytest.fixture(scope="module")
def packages(tmp_path_factory):
    return write_tree(tmp_path_factory.mktemp("commonjs") / "node_modules", PACKAGES)


@pytest.fixture
async def run(packages):
    resolver = ih.create_module_resolver().mount_node_modules("/node_modules", packages)
    async with ih.create_isolate_host() as host, host.create_runtime(bindings=ih.Bindings(modules=resolver)) as runtime:
        yield runtime.eval


REQUIRE = "const { createRequire } = await import('node:module'); const require = createRequire('/main.js');"


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("require('plain').a + require('plain').self", 2),
        ("require('plain').b()", True),
        ("new (require('whole'))().constructor.x", 1),
        ("const all = require('cycle/a.js'); [all.fromB.early, 'late' in all.fromB, all.late, require('cycle/b').a === all]", [1, False, 2, True]),
        ("require('where/lib/x.js').all.map(String)", [
            "/node_modules/where/lib/x.js", "/node_modules/where/lib", "/node_modules/where/lib/x.js", "false", "undefined",
            "/node_modules/where/y.json", "0",
        ]),
        ("require('where/y.json').y", [1, "é"]),
        ("require('where/y') === require('where/y.json')", True),
        ("require('once') === require('once/index.js') && require('once').n", 1),
        ("const first = require('once'); delete require.cache[require.resolve('once')]; [first === require('once'), require('once').n]", [False, 2]),
        ("let failed; try { require('thrower') } catch (error) { failed = error.message } [failed, require('thrower').ok]", ["first", 2]),
        ("require('dynamic').values", ["one", 1]),
        ("require('optional').code", "MODULE_NOT_FOUND"),
        ("require('shebang').ok", "at Object.<anonymous> (/node_modules/shebang/index.js:2:14)"),
        ("[require('strict').sloppy, require('strict').args]", [True, 5]),
        ("typeof require('detected').default + require('detected').kind", "stringmodule"),
        ("[require('esm').default, require('esm').n, require('esm').__esModule, require('esm') === require('esm')]", ["d", 1, True, True]),
        ("const esm = require('esm'); esm.bump(); esm.live", 2),
        ("[require('esm/only-names.js').n, '__esModule' in require('esm/only-names.js')]", [1, False]),
        ("require('esm/facade.js')()", "fn"),
        ("require('esm/user.js').default", [1, 2, "a,b,default,module.exports,self"]),
        ("(await import('esm/cycle.mjs')).back", "ERR_REQUIRE_CYCLE_MODULE"),
        ("(await import('whole')).default === require('whole') && (await import('whole')).named", 2),
        ("Object.keys(await import('names')).sort().join()", "__esModule,deep,default,late,module.exports,more,named"),
        ("const m = await import('names'); [m.default.default, m.more, m.default.lazy, 'throws' in m]", ["own default", "m", "got", False]),
        ("(await require('dynamic').load('./part1.js')).default", "one"),
        ("(await import('typed')).total", 6),
        ("require('typed/old').x", 1),
        ("await import('detected/meta.js'); globalThis.here", "file:///node_modules/detected/meta.js"),
        ("await import('detected/tla.js'); globalThis.tla", 1),
        ("require('node:module').createRequire === createRequire", True),
        ("createRequire('file:///node_modules/where/lib/x.js').resolve('../y')", "/node_modules/where/y.json"),
        ("const caught = []; for (const bad of ['', 5]) try { require(bad) } catch (error) { caught.push(error.code) } caught",
         ["ERR_INVALID_ARG_VALUE", "ERR_INVALID_ARG_TYPE"]),
    ],
)  # fmt: skip
async def test_as_in_node(run, code, value):
    assert await run(REQUIRE + code) == value


@pytest.mark.parametrize(
    ("code", "name", "says"),
    [
        ("require('absent')", "Error", "Cannot find module 'absent': tried /node_modules/absent\nRequire stack:\n- /main.js"),
        ("require('requirer').get('./none')", "Error", "Require stack:\n- /node_modules/requirer/index.js\n- /main.js"),
        ("require('syntax')", "SyntaxError", "Identifier 'a' has already been declared"),
        ("await import('syntax')", "SyntaxError", "Identifier 'a' has already been declared"),
        ("require('json/bad.json')", "SyntaxError", "/node_modules/json/bad.json: "),
        ("require('esm/async.js')", "Error", "awaits at its top level"),
        ("require('esm/imports-async.js')", "Error", "awaits at its top level"),
        ("require('esm/throws.js')", "RangeError", "from esm"),
        ("require('esm/missing.js')", "SyntaxError", "does not provide an export named 'none'"),
        ("await import('thrower')", "TypeError", "first"),
        ("require('node:none')", "Error", "No such built-in module: node:none"),
        ("createRequire('relative.js')", "TypeError", "absolute path"),
    ],
)
async def test_errors(run, code, name, says):
    with pytest.raises(ih.GuestError) as caught:
        await run(REQUIRE + code)
    assert caught.value.name == name
    assert says in caught.value.message


async def test_chain_of_imports_through_packages(packages, tmp_path):
    write_tree(tmp_path, {"main.ts": "import './lib/b.ts'", "lib/b.ts": "import 'nothing-here'"})
    resolver = ih.create_module_resolver().mount_node_modules("/node_modules", packages)
    resolver.source_tree("/src/", lambda path: (tmp_path / path).read_text() if (tmp_path / path).is_file() else None)
    async with ih.create_isolate_host() as host, host.create_runtime(bindings=ih.Bindings(modules=resolver)) as runtime:
        with pytest.raises(ih.GuestError) as caught:
            await runtime.eval("await import('/src/main.ts')")
    assert "tried /node_modules/nothing-here\n    imported from /src/lib/b.ts\n    imported from /src/main.ts" in caught.value.message


async def test_guest_code_cannot_misuse_what_require_works_with(run):
    """The worker survives a guest that rewrites everything that it can see of a module."""
    code = """
    const spy = createRequire('/main.js');
    for (const key of ['filename', 'id', 'path']) Object.defineProperty(String.prototype, key, { get() { throw new Error('no') } });
    const module = { ...spy.cache };
    spy('requirer');
    const entry = spy.cache['/node_modules/requirer/index.js'];
    entry.filename = 5; entry.parent = null; entry.children = null; entry.id = Symbol();
    spy.cache['/node_modules/plain/index.js'] = { exports: 'mine' };
    Array.prototype.push = () => { throw new Error('patched') };
    JSON.parse = () => { throw new Error('patched') };
    Map.prototype.get = () => { throw new Error('patched') };
    [entry.exports.get('plain'), entry.exports.get('where/y.json').y[0], spy('once').n]
    """
    assert await run(REQUIRE + code) == ["mine", 1, 1]


async def test_other_work_waits_while_require_waits(packages):
    """Frames that arrive while the guest waits in require are neither lost nor run in the middle of it."""
    resolver = ih.create_module_resolver().mount_node_modules("/node_modules", packages)
    order = []

    async def slow(specifier):
        order.append("asked")
        await poke("late")

    resolver.fallback(slow)
    async with ih.create_isolate_host() as host, host.create_runtime(bindings=ih.Bindings(modules=resolver)) as runtime:
        take = await runtime.eval("globalThis.log = []; (text) => { log.push(text) }")

        async def poke(text):
            import asyncio

            task = asyncio.ensure_future(take(text))
            tasks.append(task)
            await asyncio.sleep(0)

        tasks = []
        code = "try { require('computed' + 1) } catch { log.push('missing') } log.push('end of turn');"
        await runtime.eval(REQUIRE + code)
        for task in tasks:
            await task
        assert await runtime.eval("log") == ["missing", "end of turn", "late"]
    assert order == ["asked"]
