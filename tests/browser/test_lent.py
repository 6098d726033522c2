"""``bindings: { browser }`` in guest code: a child drives its parent's browser, in contexts of its own and within its parent's policy."""

from __future__ import annotations

import asyncio

import pytest
import pytest_asyncio

import isolate_host as ih

IMPORT = 'import { createIsolateHost } from "isolate-host"; globalThis.nested ??= createIsolateHost();\n'
POLICY = """
version: 1
sandboxes:
  default:
    policies:
      console: {}
      tests: {}
      nested: {}
      browser:
        LAUNCH
        max_contexts: 2
        max_pages: 3
        allow: [{scheme: http, host: 127.0.0.1, port: {port}, private_addresses: allow}]
"""
LAUNCH = 'launch: {executable_path: "{chromium}", sandbox: {sandbox}}'


async def until(holds):
    """Closing is the host's own work and nobody is told of its end."""
    async with asyncio.timeout(20):
        while not holds():
            await asyncio.sleep(0.01)


class Opened:
    """A parent with a browser, and what is open in it."""

    def __init__(self, parent, contexts, broker):
        self.parent, self.contexts, self._broker = parent, contexts, broker

    def runtime(self, runtime_id):
        """The broker's end of a runtime."""
        return self._broker._runtimes[runtime_id]

    async def eval(self, code):
        return await self.parent.eval(IMPORT + code)


@pytest_asyncio.fixture(params=["launched", "bound"], loop_scope="session")
async def opened(request, open_yaml, pages, browser):
    """The browser of a policy, and one of an embedder under the same policy."""
    launched = request.param == "launched"
    port = pages.url("/").split(":")[2].split("/")[0]
    host = await open_yaml(POLICY.replace("LAUNCH", LAUNCH if launched else ""), port=port)
    made = []

    async def create_context(options, ctx):
        context = await browser.new_context(**options)
        made.append(context)
        context.on("close", lambda _context: made.remove(context))
        return context

    bindings = {} if launched else {"browser": ih.BrowserBinding(create_context=create_context)}
    async with host.create_runtime(bindings=bindings) as parent:

        def contexts():
            if not launched:
                return len(made)
            (launcher,) = (item for name, item in host._link._broker._registry.shared("browser").items() if name.startswith("launcher"))
            return len(launcher._browser.contexts)

        yield Opened(parent, contexts, host._link._broker)


async def test_a_test_runtime_drives_the_parents_browser(opened, pages):
    pages.add("/p", "<title>Lent</title><button onclick=\"document.title = 'Clicked'\">go</button>")
    assert await opened.eval(f"""
      const tests = await nested.createTestRuntime({{ bindings: {{ browser }} }});
      const result = await tests.run(`
        test("in the child", async () => {{
          const page = await (await browser.newContext()).newPage();
          await page.goto({pages.url("/p")!r});
          await page.getByRole("button", {{ name: "go" }}).click();
          await expect(page).toHaveTitle("Clicked");
        }});
      `, {{ testTimeoutMs: 25000 }});
      export default [result.success, result.tests.map((one) => one.error?.message)];
    """) == [True, [None]]
    assert pages.seen("/p")


async def test_a_child_sees_nothing_of_its_parent(opened, pages):
    pages.add("/p", "<title>Parent</title>")
    assert await opened.eval(f"""
      globalThis.page = await browser.newPage();
      globalThis.heard = [];
      page.on("console", (message) => heard.push(message.text()));
      page.context().on("page", () => heard.push("a page"));
      await page.goto({pages.url("/p")!r});
      globalThis.child = await nested.createRuntime({{ bindings: {{ browser }} }});
      export default await child.eval(`
        globalThis.heard = [];
        const before = browser.contexts().length;
        const page = await browser.newPage();
        page.on("console", (message) => heard.push(message.text()));
        await page.evaluate(() => console.log("of the child"));
        const titles = await Promise.all(browser.contexts().flatMap((one) => one.pages()).map((one) => one.title()));
        [before, browser.contexts().length, titles];
      `);
    """) == [0, 1, [""]]
    assert await opened.eval("""
      await page.evaluate(() => console.log("of the parent"));
      const titles = await Promise.all(browser.contexts().flatMap((one) => one.pages()).map((one) => one.title()));
      export default [titles, heard, await child.eval("heard")];
    """) == [["Parent"], ["of the parent"], ["of the child"]]


async def test_a_hostile_child_names_nothing_of_its_parent(opened):
    """It skips its guest script, and asks for whatever number it likes, by every way that there is between parents and children."""
    child = await opened.eval("""
      globalThis.page = await browser.newPage();
      globalThis.child = await nested.createRuntime({ bindings: { browser } });
      export default (await child.diagnostics()).id ?? child.id;
    """)
    hostile = opened.runtime(child)._grants.capabilities["browser"]
    ctx = ih.HostCallContext(capability="browser", op="do", runtime_id=child, resource_id="x")
    for number in range(-1, 30):
        for op, args in (("do", [number, "title", {}]), ("newPage", [number]), ("lane", [number, "do", [number, "title", {}]]), ("child", [number, "callback", [1, []]])):
            with pytest.raises((ih.GuestError, ih.IsolateHostError, LookupError, TypeError)):
                assert (await hostile.call(op, args, ctx))[0] != 0
                raise LookupError
    for op in ("attach", "detach", "close", "note"):
        with pytest.raises((ih.GuestError, ih.IsolateHostError, LookupError, TypeError)):
            await hostile.call(op, [], ctx)
    assert opened.contexts() == 1
    assert await opened.parent.eval("await page.title()") == ""


async def test_a_guest_without_children_has_no_lanes(opened):
    own = opened.runtime(opened.parent.id)._grants.capabilities["browser"]
    assert not getattr(own, "_lanes", None) or not own._lanes._lanes


async def test_functions_of_a_child_are_called_in_it(opened, pages):
    pages.add("/p", "<script>fetch('/data.json').then((r) => r.json()).then((v) => { document.title = v.n; })</script>")
    assert await opened.eval(f"""
      const child = await nested.createRuntime({{ bindings: {{ browser }} }});
      export default await child.eval(`
        const {{ expect }} = await import("isolate-host:browser");
        const page = await browser.newPage();
        await page.route("**/data.json", (route) => route.fulfill({{ json: {{ n: "routed" }} }}));
        await page.exposeFunction("twice", (x) => x * 2);
        await page.goto({pages.url("/p")!r});
        await expect(page).toHaveTitle("routed");
        await page.evaluate(() => twice(21));
      `);
    """) == 42


async def test_the_parents_policy_is_in_force(opened, trap):
    message, _title = await opened.eval(f"""
      const child = await nested.createRuntime({{ bindings: {{ browser }} }});
      export default await child.eval(`
        const page = await browser.newPage();
        const refused = await page.goto({trap.url("/")!r}).catch((error) => error.message);
        await page.setContent('<img src={trap.url("/image")}>');
        [refused, await page.title()];
      `);
    """)
    assert "127.0.0.1" in message and "allow" in message, message
    assert not trap.seen("/") and not trap.seen("/image")


async def test_limits_count_the_whole_family(opened):
    limits = await opened.eval("""
      globalThis.own = await browser.newContext();
      globalThis.child = await nested.createRuntime({ bindings: { browser } });
      const tried = await child.eval(`
        globalThis.context = await browser.newContext();
        const why = [await browser.newContext().catch((error) => error.message)];
        await context.newPage(); await context.newPage();
        why;
      `);
      await own.newPage();
      tried.push(await own.newPage().catch((error) => error.message));
      tried.push(await browser.newContext().catch((error) => error.message));
      tried.push(await child.eval("context.newPage().catch((error) => error.message)"));
      export default tried;
    """)
    contexts, pages = "2 browser contexts are open", "3 pages are open"
    assert [text.partition(" (")[0] for text in limits] == [contexts, pages, contexts, pages]
    # What a child gives back is there for the others again.
    assert await opened.eval("await child.eval('await context.close(); undefined'); export default (await own.newPage()) !== null") is True


@pytest.mark.parametrize("way", ["dispose({ hard: true })", "dispose()", "eval('for (;;);', { executionTimeout: 300 }).catch(() => 0)"])
async def test_contexts_end_with_the_child(opened, way):
    await opened.eval("""
      globalThis.own = await browser.newContext();
      globalThis.child = await nested.createRuntime({ bindings: { browser } });
      await child.eval("await browser.newPage(); undefined");
    """)
    assert opened.contexts() == 2
    await opened.eval(f"await child.{way}")
    await until(lambda: opened.contexts() == 1)
    # The parent's own is untouched, and the place is free.
    assert await opened.eval("await (await browser.newContext()).close(); export default (await own.newPage()) !== null") is True


async def test_any_depth(opened, pages):
    pages.add("/p", "<title>Deep</title>")
    assert await opened.eval(f"""
      globalThis.child = await nested.createRuntime({{ bindings: {{ browser }} }});
      export default await child.eval(`
        import {{ createIsolateHost }} from "isolate-host";
        globalThis.grandchild = await createIsolateHost().createRuntime({{ bindings: {{ browser }} }});
        export default await grandchild.eval(\\`
          const page = await browser.newPage();
          await page.goto({pages.url("/p")!r});
          await page.title();
        \\`);
      `);
    """) == "Deep"
    assert opened.contexts() == 1
    await opened.eval("await child.dispose({ hard: true })")
    await until(lambda: opened.contexts() == 0)


async def test_a_session_of_a_child_keeps_its_pages(opened):
    assert await opened.eval("""
      const first = await nested.getNamespacedRuntime("s", { bindings: { browser } });
      await first.eval("globalThis.page = await browser.newPage(); await page.setContent('<title>Kept</title>'); undefined");
      await first.dispose();
      const second = await nested.getNamespacedRuntime("s", { bindings: { browser } });
      const title = await second.eval("const w = page.waitForEvent('console'); await page.evaluate(() => console.log('here')); [await page.title(), (await w).text()]");
      await nested.disposeNamespace("s");
      export default title;
    """) == ["Kept", "here"]
    await until(lambda: opened.contexts() == 0)


async def test_a_child_without_it_has_no_browser(opened):
    assert await opened.eval("export default await (await nested.createRuntime()).eval('typeof browser')") == "undefined"
