"""A real Chromium without a window, over its DevTools protocol: pages are opened, and asked with JavaScript."""

import asyncio
import itertools
import json
import re
from contextlib import asynccontextmanager

from websockets.asyncio.client import connect

from tests.support.chromium import find_chromium

__all__ = ["chromium"]

_FLAGS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-extensions", "--remote-debugging-port=0")


class Chromium:
    """Pages by number."""

    def __init__(self, socket):
        self._socket, self._ids, self._waiting = socket, itertools.count(1), {}
        self._reader = asyncio.get_running_loop().create_task(self._read())

    async def _read(self):
        async for text in self._socket:
            message = json.loads(text)
            future = self._waiting.pop(message.get("id"), None)
            if future is not None and not future.done():
                future.set_result(message)

    async def ask(self, method, session=None, **params):
        number = next(self._ids)
        future = self._waiting[number] = asyncio.get_running_loop().create_future()
        message = {"id": number, "method": method, "params": params, **({"sessionId": session} if session else {})}
        await self._socket.send(json.dumps(message))
        async with asyncio.timeout(60):
            answer = await future
        assert "error" not in answer, answer
        return answer["result"]

    async def page(self, url):
        """Opens a page; gives a function that evaluates an expression in it."""
        target = (await self.ask("Target.createTarget", url=url))["targetId"]
        session = (await self.ask("Target.attachToTarget", targetId=target, flatten=True))["sessionId"]

        async def evaluate(expression):
            result = await self.ask("Runtime.evaluate", session, expression=expression, awaitPromise=True, returnByValue=True)
            assert "exceptionDetails" not in result, result
            return result["result"].get("value")

        return evaluate


@asynccontextmanager
async def chromium(folder):
    """A browser with a profile of its own in ``folder``."""
    process = await asyncio.create_subprocess_exec(
        find_chromium(), *_FLAGS, f"--user-data-dir={folder}", "about:blank", stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE
    )
    try:
        address = None
        async with asyncio.timeout(60):
            while address is None:
                line = await process.stderr.readline()
                assert line, "chromium ended"
                address = re.search(rb"DevTools listening on (ws://\S+)", line)
        draining = asyncio.get_running_loop().create_task(process.stderr.read())
        async with connect(address[1].decode(), max_size=None) as socket:
            yield Chromium(socket)
    finally:
        process.kill()
        await process.wait()
        if address is not None:
            await draining
