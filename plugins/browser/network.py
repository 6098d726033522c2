"""The network of the pages of one runtime: the proxy with the policy behind it, and a memory of what was refused."""

from __future__ import annotations

import contextlib
import re
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from isolate_host.errors import PolicyDenied
from isolate_host.plugins.browser.certificates import Certificates
from isolate_host.plugins.browser.entrance import introduce
from isolate_host.plugins.browser.exchange import PROBE_HOST, PROBE_STATUS, Asked, Exchange
from isolate_host.plugins.browser.limits import Meter
from isolate_host.plugins.browser.policy import BrowserPolicy
from isolate_host.plugins.browser.proxy import PolicyProxy
from isolate_host.plugins.browser.relay import Relay
from isolate_host.plugins.fetch.resolver import NameService
from isolate_host.plugins.fetch.targets import Target
from isolate_host.plugins.fetch.transport import Transport

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext

__all__ = ["Network"]

_REMEMBERED: Final = 512
#: How a request that the proxy answered with nothing fails: in Chromium, in the driver's own client.
_OUR_REFUSAL: Final = re.compile(r"ERR_RESPONSE_HEADERS_MULTIPLE_CONTENT_LENGTH|Parse Error|HPE_|socket hang up")
_FAILED_AT: Final = re.compile(r"ERR_RESPONSE_HEADERS_MULTIPLE_CONTENT_LENGTH at (\S+)")


@dataclass(frozen=True, slots=True)
class _Refusal:
    error: Exception
    navigation: bool
    moment: float


class Network:
    """Starts listening when the first context is made. ``deny`` records a denial, and raises it unless the policy is only tried out."""

    def __init__(
        self, policy: BrowserPolicy, deny: Callable[[PolicyDenied], None], certificates: Certificates, names: NameService | None = None,
        meter: Meter | None = None,
    ) -> None:
        self._deny = deny
        self._egress = policy.egress()
        self.meter = meter or Meter(policy.limits, policy.key)
        self._transport = Transport(self._egress, policy.transport_options(), deny, key=policy.key, base_dir=policy.base_dir, names=names)
        limits = policy.limits
        relay = Relay(self._transport, self.meter, most=limits.max_websockets, max_message=limits.max_message_bytes, key=policy.key)
        self._exchange = Exchange(self._transport, self._admit, self.meter.received, self._refused, relay)
        self._proxy = PolicyProxy(self._exchange.answer, certificates)
        self._refusals: OrderedDict[str, _Refusal] = OrderedDict()

    async def start(self) -> str:
        """The address of the proxy."""
        return await self._proxy.start()

    def check(self, method: str, url: str) -> None:
        """Whether a request may begin, before the browser hears of it. Raises ``PolicyDenied`` and ``ValueError``."""
        denial = self._egress.decide(method, Target.parse(url)).denial
        if denial is not None:
            self._deny(denial)

    async def admit(self, context: BrowserContext) -> bool:
        """Let ``context`` use the proxy. Whether its requests arrive here at all: only this proxy knows the answer."""
        status = await introduce(context, f"http://{PROBE_HOST}/{self._exchange.word}", self._proxy.credentials)
        return status == PROBE_STATUS

    def ticket(self) -> contextlib.AbstractContextManager[str]:
        """See :meth:`ProxyCredentials.ticket`."""
        return self._proxy.credentials.ticket()

    # ── what was refused ─────────────────────────────────────────────────────────────────────────────────────────────

    def _admit(self, asked: Asked) -> None:
        self.meter.request()

    def _refused(self, asked: Asked, error: Exception) -> None:
        self._refusals[asked.url] = _Refusal(error, asked.navigation, time.monotonic())
        self._refusals.move_to_end(asked.url)
        if len(self._refusals) > _REMEMBERED:
            self._refusals.popitem(last=False)

    def refusal_of(self, url: str) -> Exception | None:
        """Why the request for ``url`` failed, if it failed here."""
        found = self._refusals.get(_as_asked(url))
        return None if found is None else found.error

    def explain(self, message: str) -> Exception | None:
        """The refusal behind an error that Playwright describes with ``message``; a redirect fails under the URL that it began with."""
        if _OUR_REFUSAL.search(message) is None:
            return None
        at = _FAILED_AT.search(message)
        exact = None if at is None else self.refusal_of(at[1])
        if exact is not None:
            return exact
        latest = [item for item in reversed(self._refusals.values()) if item.navigation or at is None]
        return latest[0].error if latest else None

    async def aclose(self) -> None:
        """Nothing gets out any more."""
        await self._proxy.aclose()
        await self._transport.aclose()


def _as_asked(url: str) -> str:
    """A URL as the proxy saw it: tunnels know the port of a scheme, and no fragment is sent."""
    try:
        target = Target.parse(url)
    except ValueError:
        return url
    if target.scheme in ("https", "wss", "ws"):
        scheme = "http" if target.scheme == "ws" else "https"
        return f"{scheme}://{target.host}:{target.port}{target.path}{target.query}"
    return target.url
