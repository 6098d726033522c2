"""Guests have the very descriptions that Playwright has."""

from __future__ import annotations

import re


async def test_devices_are_those_of_playwright(guest, playwright):
    rt = await guest()
    found = await rt.eval("const { devices } = await import('isolate-host:browser'); devices")
    spelled = {name: {re.sub(r"_(\w)", lambda match: match[1].upper(), key): value for key, value in device.items()} for name, device in playwright.devices.items()}
    assert found == spelled
    assert len(found) > 100
