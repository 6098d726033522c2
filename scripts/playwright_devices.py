"""Makes ``plugins/browser/devices.json`` from the installed Playwright: its descriptions of devices, as guests know them, in few words.

``{"agents": [texts], "devices": {name: [number of the text, [width, height], scale, mobile, touch, engine, screen]}}``; the guest puts them together.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any

from playwright.async_api import async_playwright

__all__ = ["devices"]


def devices() -> str:
    """The text of ``devices.json``."""
    found = asyncio.run(_found())
    agents = list(dict.fromkeys(device["user_agent"] for device in found.values()))
    rows = {name: _row(device, agents) for name, device in found.items()}
    return json.dumps({"agents": agents, "devices": rows}, separators=(",", ":")).replace("],", "],\n").replace('","', '",\n"') + "\n"


async def _found() -> dict[str, dict[str, Any]]:
    async with async_playwright() as driver:
        return dict(driver.devices)


def _row(device: dict[str, Any], agents: list[str]) -> list[Any]:
    """Raises ``ValueError`` for a device that has more than guests would be told."""
    known = {"user_agent", "viewport", "device_scale_factor", "is_mobile", "has_touch", "default_browser_type", "screen"}
    if set(device) - known:
        raise ValueError(f"devices have {sorted(set(device) - known)}: teach plugins/browser/guest/library/devices.ts about it")
    sizes = [[size["width"], size["height"]] if (size := device.get(name)) else None for name in ("viewport", "screen")]
    plain = [device[name] for name in ("device_scale_factor", "is_mobile", "has_touch", "default_browser_type")]
    return [agents.index(device["user_agent"]), sizes[0], *plain, sizes[1]]
