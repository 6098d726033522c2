"""Matchers that ask the browser again until they hold, in scripts and in test files."""

from __future__ import annotations

import pytest

import isolate_host as ih

PAGE = """<!doctype html><title>Form</title><h1 id=h class="a b" style="color: rgb(1, 2, 3)">Hello  world</h1>
<input id=i value=v aria-label="the input" aria-describedby=d aria-invalid=true aria-errormessage=m><p id=d>about it</p><p id=m>it is wrong</p>
<input id=c type=checkbox checked><input id=dis disabled><input id=ro readonly value=x><div id=e></div><div id=hid style="display:none">x</div>
<select id=s multiple><option selected>a</option><option selected>b</option></select><ul><li>one</li><li>two</li></ul>"""

#: (matcher on a locator or the page that holds, one that does not)
PAIRS = [
    ("#h", "toBeVisible()", "toBeHidden({timeout: 50})"),
    ("#hid", "toBeHidden()", "toBeVisible({timeout: 50})"),
    ("#i", "toBeEnabled()", "toBeDisabled({timeout: 50})"),
    ("#dis", "toBeDisabled()", "toBeEnabled({timeout: 50})"),
    ("#c", "toBeChecked()", "toBeChecked({checked: false, timeout: 50})"),
    ("#e", "toBeEmpty()", "toHaveText('x', {timeout: 50})"),
    ("#h", "toBeAttached()", "toBeAttached({attached: false, timeout: 50})"),
    ("#i", "toBeEditable()", "toBeFocused({timeout: 50})"),
    ("#h", "toBeInViewport()", "toBeInViewport({ratio: 2, timeout: 50})"),
    ("#h", "toContainText('world')", "toContainText('moon', {timeout: 50})"),
    ("#h", "toHaveText('Hello world')", "toHaveText('Hello', {timeout: 50})"),
    ("#h", "toHaveText(/^HELLO/i)", "toHaveText(/^HELLO/, {timeout: 50})"),
    ("li", "toHaveText(['one', /tw/])", "toHaveText(['one'], {timeout: 50})"),
    ("#i", "toHaveValue('v')", "toHaveValue(/w/, {timeout: 50})"),
    ("#s", "toHaveValues(['a', /b/])", "toHaveValues(['a'], {timeout: 50})"),
    ("#i", "toHaveAttribute('aria-label', /INPUT/i)", "toHaveAttribute('aria-label', 'x', {timeout: 50})"),
    ("#dis", "toHaveAttribute('disabled')", "toHaveAttribute('nope', '', {timeout: 50})"),
    ("li", "toHaveCount(2)", "toHaveCount(3, {timeout: 50})"),
    ("#h", "toHaveClass('a b')", "toHaveClass('a', {timeout: 50})"),
    ("#h", "toContainClass('b')", "toContainClass('c', {timeout: 50})"),
    ("#h", "toHaveId('h')", "toHaveId('x', {timeout: 50})"),
    ("#h", "toHaveCSS('color', 'rgb(1, 2, 3)')", "toHaveCSS('color', 'red', {timeout: 50})"),
    ("#c", "toHaveJSProperty('checked', true)", "toHaveJSProperty('checked', false, {timeout: 50})"),
    ("#i", "toHaveAccessibleName('the input')", "toHaveAccessibleName('x', {timeout: 50})"),
    ("#i", "toHaveAccessibleDescription(/about/)", "toHaveAccessibleDescription('x', {timeout: 50})"),
    ("#i", "toHaveAccessibleErrorMessage('it is wrong')", "toHaveAccessibleErrorMessage('x', {timeout: 50})"),
    ("#h", "toHaveRole('heading')", "toHaveRole('button', {timeout: 50})"),
    ("ul", "toMatchAriaSnapshot('- list:\\n  - listitem: one\\n  - listitem: two')", "toMatchAriaSnapshot('- button', {timeout: 50})"),
    (None, "toHaveTitle(/^Fo/)", "toHaveTitle('x', {timeout: 50})"),
    (None, "toHaveURL(/form/)", "toHaveURL('x', {timeout: 50})"),
    (None, "toHaveURL(base + '/form')", "toHaveURL('**/nope', {timeout: 50})"),
]


async def test_every_matcher(browser_host, browser, pages):
    """One test of a test file for each pair: it holds, its opposite fails, and ``not`` turns both round."""
    pages.add("/form", PAGE)
    tests = "\n".join(
        f"""test({f"{selector} {holds}"!r}, async () => {{
          const it = {"page" if selector is None else f"page.locator('{selector}')"};
          await expect(it).{holds}; await expect(it).not.{fails};
          await expect(expect(it).{fails}).rejects.toThrow(/Call log|expected/i);
        }});"""
        for selector, holds, fails in PAIRS
    )
    result = await run_tests(browser_host, browser, f"const base = '{pages.base}';\nlet page; beforeAll(async () => {{ page = await browser.newPage(); await page.goto(base + '/form'); }});\n{tests}")
    assert [(test.name, test.error.message) for test in result.tests if test.status != "pass"] == []
    assert result.passed == len(PAIRS)


async def run_tests(host, browser, code):
    async def create_context(options, ctx):
        return await browser.new_context(**(options or {}))

    async with host.create_test_runtime(bindings=ih.Bindings(browser=ih.BrowserBinding(create_context=create_context))) as rt:
        return await rt.run(code, timeout_s=120, options=ih.TestOptions(timeout_s=60))


async def test_they_wait(browser_host, browser):
    result = await run_tests(browser_host, browser, """
      test("waits", async () => {
        const page = await browser.newPage();
        await page.setContent("<p id=p>no</p><script>setTimeout(() => { p.textContent = 'yes'; }, 150)</script>");
        await expect(page.locator("#p")).toHaveText("yes");
        let n = 0;
        await expect(() => { expect(++n).toBe(3); }).toPass({ timeout: 5000, intervals: [1] });
        await expect.poll(() => page.locator("#p").count()).toBe(1);
        await expect.soft(page.locator("#p")).toHaveText("yes");
      });
      test("fails with a log", async () => {
        const page = await browser.newPage();
        await expect(page.locator("#nope")).toBeVisible({ timeout: 60 });
      });
      test("is for the browser", async () => { await expect(5).toBeVisible(); });
      test("soft goes on", async () => {
        const page = await browser.newPage();
        await expect.soft(page).toHaveTitle("x", { timeout: 30 });
        expect(1).toBe(1);
      });
      test("other matchers are still there", () => { expect({ a: [1] }).toEqual({ a: [1] }); expect(5).not.toBe(6); expect([1]).toContain(1); });
    """)
    found = {test.name: test for test in result.tests}
    assert found["waits"].status == "pass"
    failed = found["fails with a log"].error
    assert "Call log" in failed.message and "#nope" in failed.message and "60ms" in failed.message
    assert failed.matcher_name == "toBeVisible"
    assert "is for Locator" in found["is for the browser"].error.message
    assert found["soft goes on"].status == "fail"
    assert found["other matchers are still there"].status == "pass"


async def test_api_responses(guest, pages):
    pages.add("/ok", "fine")
    rt = await guest()
    told = await rt.eval(f"""
      const {{ expect }} = await import("isolate-host:browser");
      const context = await browser.newContext();
      await expect(await context.request.get("{pages.url('/ok')}")).toBeOK();
      const missing = await context.request.get("{pages.url('/nope')}");
      await expect(missing).not.toBeOK();
      await expect(missing).toBeOK().catch((e) => e.message)
    """)
    assert "404" in told


@pytest.mark.parametrize("code", ["expect(page).toBeVisible()", "expect(page.locator('p')).toHaveTitle('x')", "expect(null).toHaveText('x')"])
async def test_a_matcher_names_what_it_is_for(guest, code):
    rt = await guest()
    message = await rt.eval(f"const {{ expect }} = await import('isolate-host:browser'); const page = await browser.newPage(); {code}.catch((e) => e.name + ': ' + e.message)")
    assert message.startswith("TypeError: expect(…).") and " is for " in message
