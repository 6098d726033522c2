"""Switches of Chromium: those that hold the policy up, and those that nobody may set because they would undo it."""

from __future__ import annotations

from typing import Final

__all__ = ["DEAD_END", "OWN_FLAGS", "refused_flag"]

#: Where everything goes that belongs to no context: nobody listens there.
DEAD_END: Final = "http://127.0.0.1:9"
#: Pages use our proxy for what HTTP can carry. The rest has no way: names are resolved by the proxy alone, there is no QUIC, and no UDP of WebRTC.
OWN_FLAGS: Final = (
    "--disable-quic",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
    "--dns-prefetch-disable",
    "--no-pings",
    "--disable-domain-reliability",
)
#: Beginnings of names: what follows them is refused too.
_REFUSED: Final = {
    "proxy-": "it leads requests past the policy",
    "no-proxy-server": "it leads requests past the policy",
    "winhttp-proxy-resolver": "it leads requests past the policy",
    "host-resolver-rules": "it leads requests past the policy",
    "host-rules": "it leads requests past the policy",
    "enable-quic": "it leads requests past the policy",
    "origin-to-force-quic-on": "it leads requests past the policy",
    "enable-features": "features may open ways past the policy",
    "disable-features": "it would replace the list that Playwright needs",
    "enable-blink-features": "features may open ways past the policy",
    "enable-experimental-web-platform-features": "features may open ways past the policy",
    "force-webrtc": "it leads requests past the policy",
    "webrtc-": "it leads requests past the policy",
    "ignore-certificate-errors": "certificates are checked by the host; use ca_file",
    "remote-debugging-": "whoever reaches that port controls the browser",
    "remote-allow-origins": "whoever reaches that port controls the browser",
    "disable-web-security": "it lets pages read each other",
    "disable-site-isolation": "it lets pages read each other",
    "allow-file-access": "it lets pages read files of the host",
    "disable-popup-blocking-for-files": "it lets pages read files of the host",
    "load-extension": "extensions see every page and are under no policy",
    "disable-extensions-except": "extensions see every page and are under no policy",
    "user-data-dir": "Playwright makes a folder for each browser",
    "disk-cache-dir": "Playwright makes a folder for each browser",
    "no-sandbox": "set launch.sandbox: false",
    "disable-setuid-sandbox": "set launch.sandbox: false",
    "disable-namespace-sandbox": "set launch.sandbox: false",
    "disable-seccomp-filter-sandbox": "Chromium's sandbox is on, or off altogether",
    "disable-gpu-sandbox": "Chromium's sandbox is on, or off altogether",
    "single-process": "pages would run in the process that holds the browser",
    "no-zygote": "Chromium's sandbox is on, or off altogether",
    "renderer-cmd-prefix": "it runs a program",
    "utility-cmd-prefix": "it runs a program",
    "gpu-launcher": "it runs a program",
    "ppapi-plugin-launcher": "it runs a program",
    "browser": "it runs a program, or is for tests of Chromium",
    "log-net-log": "it writes what pages send to a file",
    "ssl-key-log-file": "it writes keys to a file",
    "headless": "set launch.headless",
}  # fmt: skip


def refused_flag(argument: str) -> str | None:
    """Why an argument may not be given; ``None`` = it may."""
    if not argument.startswith("--"):
        return "only switches (--name or --name=value) may be given"
    name = argument[2:].partition("=")[0].lower()
    return next((why for start, why in _REFUSED.items() if name.startswith(start)), None)
