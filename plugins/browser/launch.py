"""The browser that a configuration launches: one process for all runtimes of a host, made when it is first needed and again when it died."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from isolate_host.errors import PluginError
from isolate_host.plugin import CapabilityRequest
from isolate_host.plugins.browser.certificates import Certificates
from isolate_host.plugins.browser.flags import DEAD_END, OWN_FLAGS
from isolate_host.plugins.browser.folders import ProfileFolders

if TYPE_CHECKING:
    from playwright.async_api import Browser, BrowserContext, Playwright

    from isolate_host.plugins.browser.session import Factories

__all__ = ["Launcher", "find_executable", "launches", "open_factories"]

_NAMES: Final = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
_TIMEOUT_S: Final = 30.0
_LOG: Final = logging.getLogger("isolate_host.plugins.browser")


def launches(policy: Mapping[str, Any]) -> bool:
    """Whether a policy has a browser of its own."""
    return "launch" in policy


def find_executable(launch: Mapping[str, Any], base_dir: Path) -> str | None:
    """The program: a path, or a name to look for; without either what the machine has. ``None`` when there is none."""
    named: str | None = launch.get("executable_path")
    if named is None:
        return next((found for name in _NAMES if (found := shutil.which(name))), None)
    if "/" not in named:
        return shutil.which(named)
    path = base_dir / named
    return str(path) if os.access(path, os.X_OK) and path.is_file() else None


async def open_factories(request: CapabilityRequest) -> Factories:
    """Contexts of the host's browser. Nothing is launched yet."""
    from isolate_host.plugins.browser.session import Factories

    launch = request.policy["launch"]
    certificates: Certificates = request.shared.setdefault("certificates", Certificates())
    name = f"launcher {json.dumps(launch, sort_keys=True, default=dict)} {request.base_dir}"
    launcher: Launcher = request.shared.setdefault(name, Launcher(launch, request.base_dir, certificates.fingerprint, f"{request.key}.launch"))
    folders = ProfileFolders(request)

    async def create_persistent_context(profile: str, options: dict[str, Any], _ctx: Any) -> BrowserContext:
        return await launcher.create_persistent_context(folders, profile, options)

    return Factories(create_context=launcher.create_context, create_persistent_context=create_persistent_context)


class Launcher:
    """Shared by the runtimes whose policies launch the same way. Closed with the host."""

    def __init__(self, launch: Mapping[str, Any], base_dir: Path, fingerprint: str, key: str) -> None:
        self._launch, self._base_dir, self._fingerprint, self._key = launch, base_dir, fingerprint, key
        self._lock = asyncio.Lock()
        self._driver: Playwright | None = None
        self._browser: Browser | None = None

    async def create_context(self, options: dict[str, Any] | None, ctx: Any) -> BrowserContext:
        """A context of the browser, which is launched if it is not there. Raises ``PluginError`` when it does not start."""
        from playwright.async_api import Error

        browser = await self._running()
        try:
            return await browser.new_context(**(options or {}))
        except Error:
            if browser.is_connected():
                raise
        # It died in this very moment: the next one is a fresh one.
        return await (await self._running()).new_context(**(options or {}))

    async def create_persistent_context(self, folders: ProfileFolders, profile: str, options: dict[str, Any]) -> BrowserContext:
        """A process of its own, in the folder of a profile. Raises ``PolicyDenied``, ``ValueError`` and ``PluginError``."""
        # Blocks for a moment on the host's own disk, and nothing may come between the question and the lock.
        folder = folders.take(profile)
        try:
            context = await self._launched_in(folder.path, options)
        except BaseException:
            folder.release()
            raise
        context.on("close", lambda _context: folder.release())
        return context

    async def _launched_in(self, folder: Path, options: dict[str, Any]) -> BrowserContext:
        from playwright.async_api import Error

        given = {**options, **self._options()}
        # Of a device's description; it is for contexts of any browser.
        given.pop("default_browser_type", None)
        async with self._lock:
            driver = await self._started()
        try:
            return await driver.chromium.launch_persistent_context(folder, **given)
        except Error as error:
            _LOG.warning("the browser of a profile did not start: %s", error.message)
            async with self._lock:
                if not await self._is_alive(driver):
                    await self._replace(driver)
                    driver = await self._started()
                    with contextlib.suppress(Error):
                        return await driver.chromium.launch_persistent_context(folder, **given)
            raise PluginError("the browser did not start", plugin="browser", hint=self._advice(error.message)) from error

    @staticmethod
    async def _is_alive(driver: Playwright) -> bool:
        from playwright.async_api import Error

        try:
            await (await driver.request.new_context()).dispose()
        except Error:
            return False
        return True

    async def _replace(self, driver: Playwright) -> None:
        """Its browsers went with it. Another runtime may have noticed first."""
        if self._driver is driver:
            await self._stop_driver()

    async def _running(self) -> Browser:
        async with self._lock:
            if self._browser is None or not self._browser.is_connected():
                self._browser = await self._launched()
            return self._browser

    async def _launched(self) -> Browser:
        from playwright.async_api import Error

        driver = await self._started()
        try:
            return await driver.chromium.launch(**self._options(), proxy={"server": DEAD_END})
        except Error as error:
            # The driver may be gone as well. What Playwright says has paths of the host: it is for the log.
            _LOG.warning("the browser did not start: %s", error.message)
            await self._stop_driver()
            try:
                return await (await self._started()).chromium.launch(**self._options(), proxy={"server": DEAD_END})
            except Error:
                raise PluginError("the browser did not start", plugin="browser", hint=self._advice(error.message)) from error

    def _advice(self, message: str) -> str:
        if "sandbox" in message.lower() or (self._sandboxed and os.geteuid() == 0):
            why = "Chromium's own sandbox does not work here (as root it never does)"
            return f"{why}: run the host as another user, or set {self._key}.sandbox: false"
        return f"see {self._key}"

    @property
    def _sandboxed(self) -> bool:
        return bool(self._launch.get("sandbox", True))

    def _options(self) -> dict[str, Any]:
        launch = self._launch
        program = find_executable(launch, self._base_dir)
        if program is None and "executable_path" in launch:
            raise PluginError("the browser is not there", plugin="browser", hint=f"see {self._key}.executable_path")
        known = f"--ignore-certificate-errors-spki-list={self._fingerprint}"
        return {
            "executable_path": program,
            "headless": launch.get("headless", True),
            "chromium_sandbox": self._sandboxed,
            # Chromium's own answer to pages that open windows: one for each thing that a person, or a guest, does in them.
            "ignore_default_args": ["--disable-popup-blocking"],
            "args": [*launch.get("args", ()), *OWN_FLAGS, known],
            "timeout": launch.get("timeout_s", _TIMEOUT_S) * 1000,
            # Nothing of the host's environment is a page's business, and its proxies are not ours.
            "env": {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TZ", "DISPLAY", "XAUTHORITY") if name in os.environ},
            # A signal to the host is the host's to answer: it closes the browser itself.
            "handle_sigint": False,
            "handle_sigterm": False,
            "handle_sighup": False,
        }

    async def _started(self) -> Playwright:
        from playwright.async_api import async_playwright

        if self._driver is None:
            self._driver = await async_playwright().start()
        return self._driver

    async def _stop_driver(self) -> None:
        driver, self._driver, self._browser = self._driver, None, None
        if driver is not None:
            with contextlib.suppress(Exception):  # it has died: there is nothing to stop
                await driver.stop()

    async def aclose(self) -> None:
        """End the browser and the driver."""
        async with self._lock:
            browser = self._browser
            if browser is not None and browser.is_connected():
                with contextlib.suppress(Exception):  # likewise
                    await browser.close()
            await self._stop_driver()
