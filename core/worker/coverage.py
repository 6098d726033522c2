"""Answers ``w.cover`` frames: counts what guest code runs, when the client's tests ask for it."""

from __future__ import annotations

import json
import re
from typing import Any

from isolate_host.engine import (
    EngineUnavailable,
    Isolate,
    ScriptCoverage,
    check_coverage,
    collect_coverage,
    count_blocks,
    stop_counting,
)
from isolate_host.worker.channel import Channel, RawFrame, pack_frame
from isolate_host.worker.kernel import Kernel

__all__ = ["CoverageDesk"]


class CoverageDesk:
    """Off until the broker says ``start``; then on until the owner changes, so that a module keeps its counters from run to run."""

    def __init__(self, isolate: Isolate, kernel: Kernel, channel: Channel) -> None:
        self._isolate, self._kernel, self._channel = isolate, kernel, channel
        #: The newest script from before: of those only whole functions are counted, and their source maps are not known.
        self._earlier = 0

    def answer(self, header: dict[str, Any], frame: RawFrame) -> None:
        """``start``, or ``take`` with the regular expressions (made by the broker) of names that are wanted and that are not."""
        reply: dict[str, Any] = {}
        try:
            if header["op"] == "start":
                self._start()
            else:
                body, _ = frame.body_and_segments()
                reply = self._take(json.loads(body))
        except EngineUnavailable as error:
            self.stop()
            reply = {"error": str(error)}
        text = json.dumps(reply, separators=(",", ":")).encode()
        self._channel.send(pack_frame(b'{"t":"w.cover","id":%d}' % header["id"], text))

    def stop(self) -> None:
        """No more counting: nobody is there who asked for it."""
        if self._kernel.source_maps is not None:
            self._kernel.source_maps = None
            stop_counting(self._isolate)

    def _start(self) -> None:
        if self._kernel.source_maps is not None:
            collect_coverage(self._isolate, lambda _number, _name: False)
            return
        self._kernel.source_maps = {}
        count_blocks(self._isolate)
        self._earlier = check_coverage(self._isolate)

    def _take(self, patterns: dict[str, list[str]]) -> dict[str, Any]:
        include, exclude = ([re.compile(text) for text in patterns[name]] for name in ("include", "exclude"))

        def wanted(number: int, name: str) -> bool:
            if not name.startswith("/") or number <= self._earlier or any(pattern.match(name) for pattern in exclude):
                return False
            return not include or any(pattern.match(name) for pattern in include)

        return {"scripts": [self._describe(script) for script in collect_coverage(self._isolate, wanted)]}

    def _describe(self, script: ScriptCoverage) -> dict[str, Any]:
        source_map = (self._kernel.source_maps or {}).get(script.name)
        return {
            "path": script.name, "code": script.text, "functions": script.functions,
            "map": None if source_map is None else source_map.decode(),
        }
