"""Globals, grants, refusals, and guests that mean harm."""

from __future__ import annotations

import pytest

import isolate_host as ih

YAML = """
version: 1
plugins: [console, crypto, node, modules]
sandboxes:
  with: {policies: {node: {}}}
  without: {policies: {crypto: {}}}
  packages: {policies: {node: {}, modules: {virtual: {"pkg": "import { EventEmitter } from 'events'; export default new EventEmitter() instanceof EventEmitter", "path": "export default 'mine'"}}}}
"""
#: The example of the forerunner's README: a resource that a hook marks is found again in the callback.
README_EXAMPLE = """
const { createHook, executionAsyncResource } = await import("node:async_hooks");
const seen = [];
const hook = createHook({
  init(asyncId, type, triggerAsyncId, resource) { resource.requestTag = type + ":" + asyncId; },
  before() { seen.push(executionAsyncResource().requestTag ?? null); },
}).enable();
await new Promise((resolve) => {
  setTimeout(() => { seen.push(executionAsyncResource().requestTag); hook.disable(); resolve(); }, 0);
});
seen.filter((tag) => tag?.startsWith("Timeout:"))
"""


@pytest.fixture
async def host(host_from_yaml):
    async with host_from_yaml(YAML) as host:
        yield host


@pytest.fixture
async def rt(host):
    async with host.create_runtime(sandbox="with") as runtime:
        yield runtime


async def test_the_readme_example(rt):
    first, second = await rt.eval(README_EXAMPLE)
    assert first == second


async def test_ids_at_the_top(rt):
    assert await rt.eval("const h = await import('node:async_hooks'); [h.executionAsyncId(), h.triggerAsyncId(), typeof h.asyncWrapProviders.PROMISE]") == [
        1, 0, "number",
    ]


async def test_storage_of_node_24(rt):
    assert await rt.eval("""
        const { AsyncLocalStorage } = await import("node:async_hooks");
        const a = new AsyncLocalStorage({name: "req", defaultValue: "none"});
        [a.name, a.getStore(), a.run(1, () => a.getStore())]""") == ["req", "none", 1]


async def test_context_in_generators(rt):
    """AsyncContext follows the caller of next(), in both kinds of generators."""
    assert await rt.eval("""
        const { AsyncLocalStorage } = await import("node:async_hooks");
        const a = new AsyncLocalStorage();
        function* plain() { for (;;) yield a.getStore(); }
        async function* slow() { for (;;) { await null; yield a.getStore(); } }
        const g = a.run(1, plain), s = a.run(1, slow);
        [a.run(2, () => g.next().value), await a.run(3, () => s.next()).then((r) => r.value)]""") == [2, 3]


async def test_a_hook_that_throws_is_reported_and_harms_nothing(rt):
    assert await rt.eval("""
        const { createHook } = await import("node:async_hooks");
        const errors = []; addEventListener("error", (e) => { errors.push(e.error.message); e.preventDefault(); });
        const h = createHook({ init() { throw new Error("mine"); } }).enable();
        const value = await new Promise((r) => setTimeout(() => r(5), 0));
        h.disable();
        [value, errors[0]]""") == [5, "mine"]


async def test_promise_hooks_end_with_their_hook(rt):
    assert await rt.eval("""
        const { createHook } = await import("node:async_hooks");
        let made = 0;
        const h = createHook({ init(id, type) { if (type === "PROMISE") made++; } }).enable();
        await Promise.resolve();
        h.disable();
        const before = made;
        for (let i = 0; i < 10; i++) await Promise.resolve();
        [before > 0, made === before]""") == [True, True]


@pytest.mark.parametrize("name", ["Buffer", "process", "setImmediate", "clearImmediate"])
async def test_globals_are_lazy_and_ordinary(rt, name):
    assert await rt.eval(f"""
        const before = Object.getOwnPropertyDescriptor(globalThis, "{name}");
        const value = {name};
        const after = Object.getOwnPropertyDescriptor(globalThis, "{name}");
        globalThis.{name} = 5;
        [before.enumerable, typeof before.get, after.enumerable, after.value === value, {name}]""") == [False, "function", False, True, 5]


async def test_globals_can_be_replaced_untouched(rt):
    assert await rt.eval("globalThis.Buffer = 'mine'; Buffer") == "mine"


async def test_a_sandbox_has_to_name_it(host):
    async with host.create_runtime(sandbox="without") as runtime:
        assert await runtime.eval("[typeof Buffer, typeof process, typeof setImmediate]") == ["undefined"] * 3
        with pytest.raises(ih.GuestError, match="no policy grants node"):
            await runtime.eval("await import('node:buffer')")


async def test_a_runtime_without_a_sandbox_has_it():
    async with await ih.create_isolate_host() as host, host.create_runtime() as runtime:
        assert await runtime.eval("(await import('node:path')).join('a', '..', 'b')") == "b"


async def test_packages(host):
    async with host.create_runtime(sandbox="packages") as runtime:
        assert await runtime.eval("(await import('pkg')).default") is True
        assert await runtime.eval("[(await import('path')).default, (await import('node:path')).sep]") == ["mine", "/"]


async def test_unknown_modules(rt):
    with pytest.raises(ih.GuestError, match="No such built-in module: node:nonsense") as caught:
        await rt.eval("await import('node:nonsense')")
    assert "ERR_UNKNOWN_BUILTIN_MODULE" in str(await rt.eval("await import('node:nonsense').catch((e) => e.code)"))
    assert "/index" in str(caught.value)


@pytest.mark.parametrize(
    ("module", "use", "hint"),
    [
        ("fs", "m.readFileSync('/etc/passwd')", "policies.files"),
        ("fs", "m.createReadStream('/x')", "policies.files"),
        ("fs/promises", "await m.readFile('/x')", "policies.files"),
        ("net", "m.connect(80)", "policies.fetch"),
        ("net", "new m.Socket()", "policies.fetch"),
        ("http", "m.request('http://x')", "policies.fetch"),
        ("https", "m.get('https://x')", "policies.fetch"),
        ("tls", "m.connect(1)", "policies.fetch"),
        ("dns", "m.lookup('x', () => {})", "policies.fetch"),
        ("dns/promises", "m.lookup('x')", "policies.fetch"),
        ("dgram", "m.createSocket('udp4')", "policies.fetch"),
        ("child_process", "m.execSync('id')", "policies.tools"),
        ("cluster", "m.fork()", "policies.tools"),
        ("vm", "m.runInNewContext('1')", "policies.modules"),
        ("worker_threads", "new m.Worker('x')", "policies.nested"),
        ("readline", "m.createInterface({})", "policies.files"),
    ],
)
async def test_refusals_name_the_capability(rt, module, use, hint):
    with pytest.raises(ih.GuestError, match=hint):
        await rt.eval(f"const m = (await import('node:{module}')).default; {use}")


async def test_crypto_without_web_cryptography(rt):
    """``node`` alone has hashes; keys and signatures belong to the policy of crypto."""
    assert await rt.eval("""
        const c = (await import("node:crypto")).default;
        [c.createHash("sha1").update("").digest("hex").length, typeof c.subtle, typeof c.webcrypto]""") == [40, "undefined", "undefined"]
    with pytest.raises(ih.GuestError, match=r"policies\.crypto"):
        await rt.eval("(await import('node:crypto')).getRandomValues(new Uint8Array(1))")
    with pytest.raises(ih.GuestError, match=r"crypto\.subtle"):
        await rt.eval("(await import('node:crypto')).createSign('sha256')")


async def test_the_service_takes_nothing_but_bytes_and_counts(rt):
    """A guest that patches the language may get hold of what the modules hold: that is checked behind them."""
    assert await rt.eval("""
        const c = (await import("node:crypto")).default;
        const errors = [];
        for (const work of [() => c.pbkdf2Sync("p", "s", 2 ** 31, 8, "sha1"), () => c.scryptSync("p", "s", 8, {N: 3}), () => c.randomBytes(2 ** 31),
                            () => c.createHash("sha256\\", \\"op\\":\\"x"), () => c.createHash("constructor"), () => c.hkdfSync("sha1", "k", "s", "i", 1e9)]) {
          try { work(); errors.push("none"); } catch (e) { errors.push(e instanceof Error); }
        }
        errors""") == [True] * 6


@pytest.mark.parametrize(
    "patch",
    [
        "Array.prototype[Symbol.iterator] = function* () { yield 1 }",
        "Object.keys = () => { throw new Error('spy') }",
        "Function.prototype.call = () => { throw new Error('spy') }",
        "Uint8Array.prototype.set = () => { throw new Error('spy') }",
        "globalThis.TextEncoder = undefined",
    ],
)
async def test_a_guest_that_patches_hurts_only_itself(rt, patch):
    """A module may then fail to load, with an error; the runtime goes on."""
    outcome = await rt.eval(f"{patch}; let outcome; try {{ await import('node:buffer'); outcome = 'loaded' }} catch (e) {{ outcome = 'failed' }} outcome")
    assert outcome in ("loaded", "failed")
    assert await rt.eval("1 + 1") == 2


async def test_process_tells_nothing_of_the_host(rt):
    shown = await rt.eval("""
        const os = (await import("node:os")).default;
        [JSON.stringify(process.env), process.argv.length, process.cwd(), process.pid, os.hostname(), os.userInfo().username, os.totalmem(),
         JSON.stringify(os.networkInterfaces())]""")
    assert shown == ["{}", 1, "/", 1, "localhost", "guest", 0, "{}"]


async def test_standard_output_is_the_console(embedded):
    entries = []
    async with embedded.create_runtime(bindings=ih.Bindings(console=lambda entry: entries.append((entry.level, entry.text)))) as runtime:
        await runtime.eval("process.stdout.write('one\\ntw'); process.stdout.write('o\\n'); process.stderr.write(Buffer.from('bad %s\\n'))")
        await runtime.settled()
    assert entries == [("log", "one"), ("log", "two"), ("error", "bad %s")]


async def test_require_of_what_is_built_in(rt):
    assert await rt.eval("""
        const { createRequire, isBuiltin, builtinModules } = await import("node:module");
        const require = createRequire("file:///x.js");
        [require("path").sep, typeof require("assert"), isBuiltin("node:fs"), isBuiltin("nope"), builtinModules.includes("fs")]""") == [
        "/", "function", True, False, True,
    ]
    with pytest.raises(ih.GuestError, match=r"policies\.modules"):
        await rt.eval("(await import('node:module')).createRequire('file:///x.js')('lodash')")
