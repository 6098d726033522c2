"""What stands between a guest and Playwright: network, files, limits and a record of what happened. One for each runtime or session."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final, Self

from isolate_host.client.bindings import BrowserBinding
from isolate_host.errors import PluginError, PolicyDenied
from isolate_host.files.service import FileService
from isolate_host.plugin import CapabilityRequest
from isolate_host.plugins.browser.cdp import URL_PARAMETERS, refused_method
from isolate_host.plugins.browser.certificates import Certificates
from isolate_host.plugins.browser.collector import Collector, Record
from isolate_host.plugins.browser.contexts import Contexts
from isolate_host.plugins.browser.grants import FileGrants
from isolate_host.plugins.browser.limits import Meter
from isolate_host.plugins.browser.network import Network
from isolate_host.plugins.browser.options import Admission, admit
from isolate_host.plugins.browser.owner import Owner
from isolate_host.plugins.browser.pixels import check_screenshot, check_size
from isolate_host.plugins.browser.policy import BrowserPolicy
from isolate_host.plugins.browser.urls import NETWORK, scheme_of
from isolate_host.plugins.fetch.resolver import NameService

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, Page

__all__ = ["Keeper", "client_options"]

#: Playwright's own, for actions and navigations.
_DEFAULT_MS: Final = 30_000.0
_PROOF: Final = "proxy-authorization"


def client_options(request: CapabilityRequest) -> dict[str, Any] | None:
    """What a client has to know of the policy when it owns the browser: plain data without secrets."""
    return BrowserPolicy.from_request(request).to_wire()


class Keeper:
    """Made by :meth:`from_request` where the broker launches the browser, by :meth:`for_client` where an embedder's is used."""

    def __init__(
        self, policy: BrowserPolicy, owner: Owner, hint: str, certificates: Certificates, *,
        bound: bool, names: NameService | None = None, profiles: Mapping[str, Any] | None = None, lender: Keeper | None = None,
    ) -> None:
        self.policy, self._owner, self._bound, self._profiles = policy, owner, bound, profiles or {}
        self.files = FileGrants(owner.files, policy, hint)
        trusted = bound and policy.trusts_contexts
        self._network = None if trusted else Network(policy, owner.deny, certificates, names, None if lender is None else lender.meter)
        self.collector = Collector(policy.limits.max_events, self.refusal_text)
        self.contexts: Contexts = Contexts(policy, self.collector, None if lender is None else lender.contexts, one_shelf=bound)

    @property
    def meter(self) -> Meter | None:
        """What pages have used of the network, those of children included; ``None`` where nobody counts."""
        return None if self._network is None else self._network.meter

    @classmethod
    def from_request(cls, request: CapabilityRequest, lender: Keeper | None = None) -> Self:
        """In the broker, whose own browser it is. What a ``lender`` passes on counts within its limits."""
        policy = BrowserPolicy.from_request(request)
        hint = f"grant the sandbox files, with a mount, under {request.key.rpartition('.')[0]}.files"
        certificates: Certificates = request.shared.setdefault("certificates", Certificates())
        return cls(policy, Owner.of_request(request), hint, certificates, bound=False, names=request.extra.get("names"), lender=lender)

    @classmethod
    def for_client(
        cls, options: Mapping[str, Any] | None, binding: BrowserBinding, denied: Callable[[PolicyDenied], None], *,
        files: Callable[[], FileService] | None = None, lender: Keeper | None = None,
    ) -> Self:
        """In the client. ``options`` are those of :func:`client_options`; ``denied`` hears of each refusal."""
        policy = BrowserPolicy.from_wire(options)
        owner = Owner.of_binding(binding, denied if policy.guarded else _unrecorded, files, enforce=policy.mode == "enforce")
        hint = "give read_file and write_file to BrowserBinding, or bind files"
        return cls(policy, owner, hint, Certificates(), bound=True, profiles=binding.profiles, lender=lender)

    def continue_for(self, request: CapabilityRequest) -> bool:
        """The next owner of a session. False when its policy is another: what is open was opened under this one."""
        same = BrowserPolicy.from_request(request) == self.policy
        if same:
            self._owner.become(Owner.of_request(request))
        return same

    def continue_for_client(
        self, options: Mapping[str, Any] | None, binding: BrowserBinding, denied: Callable[[PolicyDenied], None], *,
        files: Callable[[], FileService] | None = None,
    ) -> bool:
        """The same in the client."""
        same = BrowserPolicy.from_wire(options) == self.policy
        if same:
            told = denied if self.policy.guarded else _unrecorded
            self._owner.become(Owner.of_binding(binding, told, files, enforce=self.policy.mode == "enforce"))
        return same

    # ── contexts and pages ───────────────────────────────────────────────────────────────────────────────────────────

    async def admit_context(self, given: Mapping[str, Any]) -> Admission:
        """The options that Playwright gets. A place is kept until :meth:`adopt_context` or :meth:`abandon_context`.

        Raises ``PolicyDenied``, ``LimitExceeded``, ``TypeError`` and ``ValueError``.
        """
        self.contexts.reserve()
        try:
            admission = await admit(given, self.policy, self.files, self._profiles)
            self.contexts.check_profile(admission)
            if self._network is not None:
                admission |= {"proxy": {"server": await self._network.start()}, "ignoreHTTPSErrors": True}
        except BaseException:
            self.contexts.reserved -= 1
            raise
        return admission

    def abandon_context(self, admission: Admission) -> None:
        """It could not be made after all."""
        self.contexts.reserved -= 1

    async def adopt_context(self, context: BrowserContext, context_id: str, admission: Admission) -> None:
        """Right after it was made. Raises ``PluginError`` when it does not go through our proxy."""
        try:
            await self._let_in(context, offline=bool(admission.get("offline")))
        except BaseException:
            self.contexts.reserved -= 1
            raise
        self.contexts.adopt(context, context_id, admission)
        longest = self.timeout_ms(None)
        context.set_default_timeout(min(_DEFAULT_MS, longest))
        context.set_default_navigation_timeout(min(_DEFAULT_MS, longest))

    async def _let_in(self, context: BrowserContext, *, offline: bool) -> None:
        if self._network is None:
            return
        if offline:
            await context.set_offline(False)
        if not await self._network.admit(context):
            if not self._bound:
                raise PluginError("the browser does not use the proxy of the host", plugin="browser", hint=f"see {self.policy.key}.launch")
            message = "create_context made a context that does not use options['proxy']"
            hint = f"pass all options on to new_context() of a Chromium, or set {self.policy.key}.bound_network: own and see to the network yourself"
            raise PluginError(message, plugin="browser", hint=hint)
        if offline:
            await context.set_offline(True)

    def admit_page(self, context: BrowserContext) -> None:
        """Before a page is opened. Raises ``LimitExceeded``."""
        self.contexts.check_page()

    async def context_closing(self, context: BrowserContext) -> None:
        """Before it is closed: a profile is saved."""
        admission = self.contexts.admission_of(context)
        if admission is not None and admission.profile is not None:
            await admission.profile.save(context, self.files)

    async def context_closed(self, context: BrowserContext) -> None:
        """After that: what it recorded goes to the guest's files. Raises when it cannot be kept there."""
        admission = self.contexts.forget(context)
        if admission is not None:
            await admission.carry(self.files)

    # ── what a guest asks for ────────────────────────────────────────────────────────────────────────────────────────

    async def check_url(self, method: str, url: str, context: BrowserContext | None) -> None:
        """Whether a guest may go to, or fetch, a URL that it names. Raises ``PolicyDenied``, ``LimitExceeded`` and ``ValueError``."""
        scheme = scheme_of(url)
        if scheme is None:
            message = f"{url[:200]} is refused: pages are on the web (http, https), or about:blank, data: and blob:"
            self._refuse(self.policy.denied(message, url[:200], "schemes of the web only", "use http: or https:", op=method))
        elif scheme in NETWORK and self._network is not None:
            self._network.check(method, url)

    @contextlib.contextmanager
    def requesting(self, headers: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """``headers`` of a request of Playwright's own client, as the proxy wants them. They are void after the block."""
        if self._network is None:
            yield dict(headers)
            return
        with self._network.ticket() as ticket:
            yield {name: value for name, value in headers.items() if name.lower() != _PROOF} | {_PROOF: ticket}

    def check_cdp(self, method: str, params: Mapping[str, Any]) -> None:
        """Whether a guest may send a message of the DevTools protocol. Raises ``PolicyDenied`` and ``LimitExceeded``."""
        problem = refused_method(method, params)
        name = URL_PARAMETERS.get(method)
        if problem is None and name is not None and scheme_of(str(params.get(name, ""))) is None:
            problem = f"{method} goes to pages on the web only"
        if problem is not None:
            self._refuse(self.policy.denied(problem, method[:200], "DevTools: one page only", "use Playwright's own methods", op="cdp"))
        if method == "Emulation.setDeviceMetricsOverride":
            scale = params.get("deviceScaleFactor") or 1
            check_size(params.get("width"), params.get("height"), self.policy, scale=scale)

    def check_size(self, width: Any, height: Any) -> None:
        """Whether a viewport may be so large. Raises ``LimitExceeded`` and ``TypeError``."""
        check_size(width, height, self.policy)

    async def check_screenshot(self, page: Page, options: Mapping[str, Any]) -> None:
        """Whether a picture may be taken. Raises ``LimitExceeded``."""
        await check_screenshot(page, options, self.policy)

    def timeout_ms(self, asked: float | None) -> float:
        """How long an action may take, when the guest asks for ``asked`` milliseconds; 0 and ``None`` ask for the longest."""
        longest = self.policy.limits.timeout_s * 1000
        return min(asked, longest) if asked else longest

    def _refuse(self, error: PolicyDenied) -> None:
        """Not even tried out: no policy opens what reaches into the host."""
        with contextlib.suppress(PolicyDenied):
            self._owner.deny(error)
        raise error

    # ── what is told ─────────────────────────────────────────────────────────────────────────────────────────────────

    def explain(self, error: BaseException, subject: Any = None) -> BaseException:
        """The refusal behind an error of Playwright, or the error itself."""
        found = None if self._network is None else self._network.explain(str(error))
        return error if found is None else found

    def refusal_text(self, url: str) -> str | None:
        """Why a request failed, if it failed here: for ``request.failure()``."""
        error = None if self._network is None else self._network.refusal_of(url)
        return None if error is None else str(error)

    def clean(self, text: str) -> str:
        """``text`` without paths of the host."""
        return self.files.clean(text)

    def diagnostics(self) -> dict[str, Any]:
        """How much there is and was of everything."""
        counts = self.collector.counts
        kept = sum(map(len, self.collector.collected().values()))
        return {"contexts": self.contexts.count, "pages": self.contexts.pages, **counts, "collected_data": kept}

    def on_event(self, callback: Callable[[Record], object]) -> Callable[[], None]:
        """See :meth:`Collector.on_event`."""
        return self.collector.on_event(callback)

    def get_collected_data(self) -> Record:
        """The latest events, by kind."""
        return self.collector.collected()

    def clear_collected_data(self) -> None:
        """Forget them."""
        self.collector.clear()

    async def aclose(self) -> None:
        """After the last context was closed."""
        await self.contexts.aclose()
        if self._network is not None:
            await self._network.aclose()
        await self.files.aclose()


def _unrecorded(_error: PolicyDenied) -> None:
    """Without a sandbox there is no policy whose record it would be."""
