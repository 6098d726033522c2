"""One object that answers for the browser of any number of runtimes: what embedders hold, wrap, and ask what happened."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from isolate_host.plugins.browser.port import Port
from isolate_host.plugins.browser.telling import tell_owner

if TYPE_CHECKING:
    from isolate_host.client.answering import AnswererRequest
    from isolate_host.client.bindings import BrowserBinding
    from isolate_host.plugins.browser.session import PlaywrightSession

__all__ = ["BrowserOperation", "PlaywrightSessionHandler", "create_playwright_session_handler"]


@dataclass(frozen=True, slots=True)
class BrowserOperation:
    """What a guest, or the life of its runtime, asks of a handler.

    ``op`` is ``attach``, ``detach`` or ``close`` (the runtime's life), ``note`` (no answer), else an operation of the guest. A handler that
    wraps another one looks at it and passes it on.
    """

    op: str
    args: list[Any]
    runtime_id: str
    ctx: Any = None
    #: With ``attach``: the way to the guest, and who may do what.
    port: Port | None = None
    request: AnswererRequest | None = None
    #: With ``attach``: the runtime whose guest passed its browser on to this one, and within whose limits it stays.
    parent_id: str | None = None


class PlaywrightSessionHandler:
    """Made by :func:`create_playwright_session_handler`; its :attr:`handler` is what ``BrowserBinding(handler=)`` takes."""

    def __init__(
        self,
        *,
        create_context: Callable[..., Any],
        create_page: Callable[..., Any] | None,
        create_persistent_context: Callable[..., Any] | None,
        read_file: Callable[..., Any] | None,
        write_file: Callable[..., Any] | None,
        timeout_s: float | None,
    ) -> None:
        self._factories: tuple[Any, Any, Any] = (create_context, create_page, create_persistent_context)
        self.read_file, self.write_file = read_file, write_file
        self._timeout_s = timeout_s
        self._sessions: dict[str, PlaywrightSession] = {}
        self._listeners: list[Callable[[Mapping[str, Any]], object]] = []
        #: How to stop telling the owner of the moment, by runtime.
        self._deafen: dict[str, Callable[[], None]] = {}

    @property
    def handler(self) -> Callable[[BrowserOperation], Awaitable[Any]]:
        """Answers one operation."""
        return self._handle

    async def _handle(self, operation: BrowserOperation) -> Any:
        match operation.op:
            case "attach":
                return await self._attach(operation)
            case "detach":
                self._deafen.pop(operation.runtime_id, _nothing)()
                return self._sessions[operation.runtime_id].detach()
            case "close":
                return await self._close(operation.runtime_id)
            case "note":
                return self._sessions[operation.runtime_id].note(operation.args[0], operation.args[1])
        return await self._sessions[operation.runtime_id].operate(operation.op, operation.args, operation.ctx)

    async def _attach(self, operation: BrowserOperation) -> None:
        from isolate_host.plugins.browser.keeper import Keeper
        from isolate_host.plugins.browser.session import Factories, PlaywrightSession

        port, request = operation.port, operation.request
        if port is None or request is None:
            raise TypeError("attach needs a port and a request")
        options, factories = request.options or None, Factories(*self._factories)
        session = self._sessions.get(operation.runtime_id)
        if session is not None and not session.keeper.continue_for_client(options, request.binding, request.denied, files=request.files):
            # Another policy: what was opened under the former one is not for this owner.
            await self._close(operation.runtime_id)
            session = None
        if session is None:
            lender = self._sessions.get(operation.parent_id or "")
            lent = None if lender is None else lender.keeper
            keeper = Keeper.for_client(options, request.binding, request.denied, files=request.files, lender=lent)
            keeper.on_event(self._happened)
            session = self._sessions[operation.runtime_id] = PlaywrightSession(factories, keeper, self._timeout_s)
        session.factories = factories
        self._deafen.pop(operation.runtime_id, _nothing)()
        self._deafen[operation.runtime_id] = session.keeper.on_event(lambda event: tell_owner(request, event))
        session.attach(port)

    async def _close(self, runtime_id: str) -> None:
        self._deafen.pop(runtime_id, None)
        session = self._sessions.pop(runtime_id, None)
        if session is not None:
            await session.aclose()

    def use(self, binding: BrowserBinding) -> None:
        """Make contexts as ``binding`` does from now on."""
        self._factories = (binding.create_context, binding.create_page, binding.create_persistent_context)
        self.read_file, self.write_file = binding.read_file, binding.write_file

    # ------------------------------------------------------------------ what embedders ask
    def get_tracked_resources(self) -> dict[str, list[Any]]:
        """``contexts`` and ``pages`` that guests have open: Playwright's own objects."""
        contexts = [context for session in self._sessions.values() for context in session.contexts]
        return {"contexts": contexts, "pages": [page for context in contexts for page in context.pages]}

    def get_collected_data(self) -> dict[str, list[Any]]:
        """What happened in all of them, by kind."""
        collected: dict[str, list[Any]] = {}
        for session in self._sessions.values():
            for kind, events in session.keeper.get_collected_data().items():
                collected.setdefault(kind, []).extend(events)
        return collected

    def clear_collected_data(self) -> None:
        """Forget it."""
        for session in self._sessions.values():
            session.keeper.clear_collected_data()

    def on_event(self, callback: Callable[[Mapping[str, Any]], object]) -> Callable[[], None]:
        """Call ``callback`` with each event from now on. Gives the function that ends it."""
        self._listeners.append(callback)

        def off() -> None:
            if callback in self._listeners:
                self._listeners.remove(callback)

        return off

    def _happened(self, event: Mapping[str, Any]) -> None:
        for listener in list(self._listeners):
            listener(event)

    def diagnostics(self, runtime_id: str) -> Mapping[str, Any]:
        """What one runtime has open."""
        session = self._sessions.get(runtime_id)
        return {} if session is None else session.diagnostics()


def _nothing() -> None:
    """Nobody was told."""


def create_playwright_session_handler(
    *,
    create_context: Callable[..., Any],
    create_page: Callable[..., Any] | None = None,
    create_persistent_context: Callable[..., Any] | None = None,
    read_file: Callable[..., Any] | None = None,
    write_file: Callable[..., Any] | None = None,
    evaluate_predicate: Callable[..., Any] | None = None,
    timeout_s: float | None = 30,
) -> PlaywrightSessionHandler:
    """A handler for ``BrowserBinding(handler=…)`` whose contexts and pages the caller can look at.

    ``create_context(options, ctx)`` gives a ``BrowserContext`` of ``playwright.async_api``; ``create_page(context, ctx)`` a page, if
    ``new_page()`` is not enough.
    ``timeout_s`` is the time for actions that name none. ``evaluate_predicate`` is accepted and not called: predicates of a guest run in the guest.
    """
    for name, value in (("create_context", create_context), ("create_page", create_page), ("evaluate_predicate", evaluate_predicate)):
        if value is not None and not callable(value):
            raise TypeError(f"{name} must be a function, not {type(value).__name__}")
    return PlaywrightSessionHandler(
        create_context=create_context, create_page=create_page, create_persistent_context=create_persistent_context,
        read_file=read_file, write_file=write_file, timeout_s=timeout_s,
    )
