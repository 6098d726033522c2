"""Persistent profiles of a browser that the configuration launches."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

import pytest

import isolate_host as ih
from isolate_host.cli import main

YAML = """
version: 1
sandboxes:
  one:
    policies: &policies
      browser:
        launch: {executable_path: "{chromium}", sandbox: {sandbox}}
        profiles: {folder: kept, names: [me, team/two]}
        allow: [{scheme: http, host: 127.0.0.1, port: "*", private_addresses: allow}]
  two:
    policies: *policies
  none:
    policies:
      browser:
        launch: {executable_path: "{chromium}", sandbox: {sandbox}}
        allow: [{scheme: http, host: 127.0.0.1, port: "*", private_addresses: allow}]
"""
OPEN = "globalThis.context = await browser.newContext({ profile: { id: 'me', mode: 'persistent' } });"
COOKIES = "(await context.cookies()).map(({ name }) => name)"


def visiting(pages):
    pages.add("/in", "<title>in</title><script>localStorage.who = 'me'</script>", headers={"Set-Cookie": "who=me; Max-Age=1000"})
    return f"const page = await context.newPage(); await page.goto('{pages.url('/in')}');"


async def attempt(rt, code):
    return await rt.eval(f"let found; try {{ {code}; found = ['done'] }} catch (error) {{ found = [error.name, error.message] }} found")


async def opens(rt):
    """The profile can be opened, as soon as its browser of before is gone."""
    async with asyncio.timeout(30):
        while (await attempt(rt, OPEN)) != ["done"]:
            await asyncio.sleep(0.05)


def processes_of(folder: Path) -> list[int]:
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            arguments = entry.read_bytes().split(b"\0")
        except OSError:
            continue
        if f"--user-data-dir={folder}".encode() in arguments and not any(argument.startswith(b"--type=") for argument in arguments):
            found.append(int(entry.parent.name))
    return found


async def test_a_profile_outlives_its_runtime(open_yaml, pages, tmp_path):
    host = await open_yaml(YAML)
    async with host.create_runtime(sandbox="one") as rt:
        await rt.eval(OPEN + visiting(pages) + "await context.close()")
    async with host.create_runtime(sandbox="one") as rt:
        code = f"""
          globalThis.context = await browser.browserType().launchPersistentContext('me', {{ viewport: {{ width: 400, height: 300 }} }});
          const page = await context.newPage();
          await page.goto('{pages.url("/in")}');
          [{COOKIES}, await page.evaluate(() => [localStorage.who, innerWidth])]
        """
        assert await rt.eval(code) == [["who"], ["me", 400]]
    assert (tmp_path / "kept" / "one" / "me").stat().st_mode & 0o777 == 0o700
    async with host.create_runtime(sandbox="two") as rt:
        assert await rt.eval(OPEN + COOKIES) == []


async def test_a_profile_is_for_one_context_of_one_runtime(open_yaml, pages):
    host = await open_yaml(YAML)
    async with host.create_runtime(sandbox="one") as first, host.create_runtime(sandbox="one") as second:
        await first.eval(OPEN)
        for rt in (first, second):
            assert "'me' is in use" in (await attempt(rt, OPEN.removeprefix("globalThis.context = ")))[1]
        await first.eval("await context.close()")
        await second.eval(OPEN)
        # Another host, with the same configuration.
        third = await open_yaml(YAML)
        async with third.create_runtime(sandbox="one") as rt:
            assert "in use" in (await attempt(rt, OPEN))[1]
    # What a runtime had open is closed after it has ended, and nobody waits for that.
    async with host.create_runtime(sandbox="one") as rt:
        await opens(rt)


@pytest.mark.parametrize(("sandbox", "name"), [("one", "you"), ("one", "team"), ("none", "me")])
async def test_what_is_not_named_is_denied(open_yaml, tmp_path, sandbox, name):
    host = await open_yaml(YAML)
    async with host.create_runtime(sandbox=sandbox) as rt:
        kind, message = await attempt(rt, f"await browser.newContext({{ profile: {{ id: '{name}', mode: 'persistent' }} }})")
    assert kind == "PolicyDenied"
    assert f"sandboxes.{sandbox}.policies.browser.profiles.names" in message
    assert not (tmp_path / "kept").exists()


async def test_the_policy_holds_in_a_profile(open_yaml, pages, tmp_path):
    host = await open_yaml(YAML.replace('port: "*"', f"port: {pages.port}"))
    async with host.create_runtime(sandbox="one") as rt:
        await rt.eval(OPEN + visiting(pages))
        assert (await attempt(rt, "await (await context.newPage()).goto('http://127.0.0.1:9/')"))[0] == "PolicyDenied"
        for options in ("storageState: {cookies: [], origins: []}, profile: {id: 'team/two', mode: 'persistent'}", "profile: {id: 'team/two', mode: 'persistent', reset: true}"):
            assert "a persistent profile begins with" in (await attempt(rt, f"await browser.newContext({{ {options} }})"))[1]
        assert (await attempt(rt, "await browser.browserType().launchPersistentContext('team/two', {args: ['--no-sandbox']})"))[0] == "TypeError"


async def test_a_profile_whose_browser_was_killed_opens_again(open_yaml, pages, tmp_path):
    host = await open_yaml(YAML)
    async with host.create_runtime(sandbox="one") as rt:
        await rt.eval(OPEN + visiting(pages) + "globalThis.gone = new Promise((done) => context.on('close', done)); undefined")
        (process,) = processes_of(tmp_path / "kept" / "one" / "me")
        os.kill(process, signal.SIGKILL)
        await rt.eval("await gone; undefined")
        await opens(rt)
        assert await rt.eval("(await (await context.newPage()).evaluate('1 + 1'))") == 2


@pytest.mark.parametrize(
    ("policy", "code"),
    [
        ("{profiles: {folder: kept, names: [me]}}", "browser-no-launch"),
        ("{launch: {}, profiles: {folder: kept, names: [../me]}}", "browser-bad-profile"),
        ("{launch: {}, profiles: {folder: host.yaml, names: [me]}}", "browser-no-folder"),
        ("{launch: {}, profiles: {folder: kept}}", "names"),
    ],
)
def test_check_config(tmp_path, monkeypatch, capsys, policy, code):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "host.yaml").write_text(f"version: 1\nplugins: [browser]\nsandboxes:\n  one:\n    policies:\n      browser: {policy}\n")
    assert main(["check-config", "host.yaml"]) != 0
    captured = capsys.readouterr()
    assert code in captured.out + captured.err


async def test_an_embedder_hears_of_profiles_under_their_names(guest):
    runtime = await guest()
    with pytest.raises(ih.IsolateHostError, match="create_persistent_context"):
        await runtime.eval("await browser.browserType().launchPersistentContext('me')")
