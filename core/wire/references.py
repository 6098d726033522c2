"""The values that cross by reference, as one endpoint knows them: leases, proxies, streams."""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any

from isolate_host.errors import Disposed, MarshalError, ProtocolError
from isolate_host.wire.exports import Exported, exported_form
from isolate_host.wire.jsontext import MAX_SAFE_INTEGER
from isolate_host.wire.leases import HeldTable, OwnedTable
from isolate_host.wire.proxies import GuestFunction, GuestIterator, GuestPromise, Proxy
from isolate_host.wire.refusal import RefusalError
from isolate_host.wire.streams import ByteSource, ByteStream, Inflow, Outflow, stream_failure

if TYPE_CHECKING:
    from isolate_host.wire.endpoint import Endpoint
    from isolate_host.wire.frames import Frame

__all__ = ["References"]

_PROXIES: dict[str, type[Proxy]] = {"fn": GuestFunction, "pr": GuestPromise, "it": GuestIterator}
#: Streams of the other side that may be open at once; each may buffer one window.
_MAX_STREAMS = 1000


class References:
    """Exports and imports references for one :class:`~isolate_host.wire.endpoint.Endpoint`."""

    def __init__(
        self, endpoint: Endpoint, *, peer: int, guest: bool, drain: Callable[[], Awaitable[None]] | None, max_leases: int
    ) -> None:
        self._endpoint = endpoint
        self._peer = peer
        self._guest = guest
        self._drain = drain
        # Nodes that name a host-side party carry its number: leases of the host, and own-nodes of the guest.
        self._lease_tag: dict[str, int] = {"p": peer} if peer and not guest else {}
        self._own_tag: dict[str, int] = {"p": peer} if peer and guest else {}
        self.owned: OwnedTable[Exported] = OwnedTable(max_leases)
        self.held: HeldTable[Proxy] = HeldTable(self._send_drop)
        self._inflows: dict[int, Inflow] = {}
        self._outflows: dict[int, Outflow] = {}
        # Odd ids belong to the host, even ones to the guest.
        self._next_stream = 2 if guest else 1

    # -- out ---------------------------------------------------------------------------------------------------------

    def export(self, value: Any, leased: list[Callable[[bool], None]]) -> dict[str, Any] | None:
        """The node of ``value``, or ``None`` when it does not cross by reference.

        Adds to ``leased`` a function to call with ``True`` when the message goes out and with ``False`` when it does not.
        """
        if isinstance(value, Proxy) and value.port is self:
            return {"$": "own", "r": value.reference, **self._own_tag}
        if isinstance(value, (ByteSource, ByteStream)):
            return self._export_stream(value, leased)
        wrap = exported_form(value)
        if wrap is None:
            return None
        reference, exported = self.owned.lease(value, wrap)
        leased.append(lambda sent: None if sent else self.release(reference, 1))
        node: dict[str, Any] = {"$": exported.tag, "r": reference, **self._lease_tag}
        if exported.tag == "fn":
            node["n"] = str(getattr(value, "__name__", ""))
        return node

    def _export_stream(self, value: ByteSource | ByteStream, leased: list[Callable[[bool], None]]) -> dict[str, Any]:
        stream = self._next_stream
        self._next_stream += 2
        chunks: AsyncIterator[bytes] = value.iterate() if isinstance(value, ByteSource) else value
        outflow = Outflow(chunks, lambda what, item: self._produce(stream, what, item), self._drain)

        def settle(sent: bool) -> None:
            if sent:
                self._outflows[stream] = outflow
                outflow.start()

        leased.append(settle)
        return {"$": "st", "r": stream, **self._lease_tag}

    def release(self, reference: int, count: int) -> None:
        """The other side gave back leases; at the last one the object is forgotten and its cleanup runs."""
        served = self.owned.release(reference, count)
        if served is not None:
            self._forget(served)

    def _forget(self, served: Exported) -> None:
        cleanup = served.forget()
        if cleanup is not None:
            self._endpoint.spawn(_quietly(cleanup))

    # -- in ----------------------------------------------------------------------------------------------------------

    def import_(self, tag: str, node: dict[str, Any]) -> Any:
        """The Python value for a reference node. Raises ``ProtocolError`` or a refusal that becomes ``MarshalError``."""
        reference = node.get("r")
        if type(reference) is not int or not 0 < reference <= MAX_SAFE_INTEGER:
            raise ProtocolError("bad reference node")
        if tag == "own":
            return self._come_home(reference, node)
        if tag == "st":
            return self._import_stream(reference)
        if tag == "fn":
            name = node.get("n", "")
            if type(name) is not str:
                raise ProtocolError("bad function node")
            return self.held.receive(reference, GuestFunction, lambda r: GuestFunction(self, r, name))
        kind = _PROXIES[tag]
        return self.held.receive(reference, kind, lambda r: kind(self, r))

    def _come_home(self, reference: int, node: dict[str, Any]) -> Any:
        if not self._guest and node.get("p", 0) != self._peer:
            raise RefusalError("the reference belongs to another party")
        try:
            return self.owned.target(reference)
        except LookupError:
            raise RefusalError("the reference was released") from None

    def _import_stream(self, stream: int) -> ByteStream:
        if stream % 2 != (1 if self._guest else 0) or stream in self._inflows or len(self._inflows) >= _MAX_STREAMS:
            raise ProtocolError("bad stream id, or too many streams")
        endpoint = self._endpoint
        inflow = Inflow(lambda count: endpoint.emit({"t": "sc", "st": stream, "n": count}))
        self._inflows[stream] = inflow
        # No credit beyond the first window, only a sign of life: a guest does not know before this who reads what it put into a call.
        endpoint.emit({"t": "sc", "st": stream, "n": 0})
        result = ByteStream(inflow, lambda reason: self._stop_reading(stream, reason))
        # A stream that nobody can read any more must not keep its producer waiting.
        loop = asyncio.get_running_loop()
        weakref.finalize(result, self._abandoned, loop, stream).atexit = False
        return result

    def _abandoned(self, loop: asyncio.AbstractEventLoop, stream: int) -> None:
        # Objects die on any thread; frames are sent on the loop's.
        if stream in self._inflows and not loop.is_closed():
            loop.call_soon_threadsafe(self._stop_reading, stream, None)

    def _stop_reading(self, stream: int, reason: Any) -> None:
        if self._inflows.pop(stream, None) is not None and not self._endpoint.closed:
            body = b"" if reason is None else self._endpoint.encode(reason)[0]
            self._endpoint.emit({"t": "sx", "st": stream, "d": "cancel"}, body)

    # -- ProxyPort ---------------------------------------------------------------------------------------------------

    async def use(self, reference: int, mode: str | None, args: Sequence[Any]) -> Any:
        """Use a reference of the other side and wait for the answer."""
        header: dict[str, Any] = {"t": "ref", "r": reference}
        if mode is not None:
            header["m"] = mode
        return await self._endpoint.request(header, args)

    def give_back(self, reference: int) -> None:
        """Give back the leases of a proxy that was closed."""
        if not self._endpoint.closed:
            self.held.give_back(reference)

    def _send_drop(self, pairs: list[list[int]]) -> None:
        self._endpoint.emit({"t": "drop", "refs": pairs})

    # -- streams -----------------------------------------------------------------------------------------------------

    def reads(self, stream: Any) -> bool:
        """Whether this end consumes the stream ``stream``."""
        return stream in self._inflows

    def stream_frame(self, frame: Frame, stream: int) -> None:
        """Handle ``sd sc se sx``. Frames for an unknown stream are late ones. Raises ``ProtocolError``."""
        header = frame.header
        kind = header["t"]
        outgoing = kind == "sc" or (kind == "sx" and header.get("d") == "cancel")
        if outgoing:
            outflow = self._outflows.get(stream) if kind == "sc" else self._outflows.pop(stream, None)
            if outflow is not None:
                self._steer(outflow, header)
            return
        inflow = self._inflows.get(stream)
        if inflow is None:
            return
        if kind == "sd":
            for chunk in frame.segments:
                inflow.data(chunk)
            return
        del self._inflows[stream]
        inflow.end(None if kind == "se" else self._failure(frame))

    def _failure(self, frame: Frame) -> BaseException:
        try:
            return stream_failure(self._endpoint.decode(frame))
        except MarshalError as error:
            return error

    def _steer(self, outflow: Outflow, header: dict[str, Any]) -> None:
        if header["t"] == "sx":
            outflow.cancel()
            return
        count = header.get("n")
        if type(count) is not int or count < 0:
            raise ProtocolError("bad stream credit")
        outflow.credit(count)

    def _produce(self, stream: int, what: str, item: Any) -> None:
        endpoint = self._endpoint
        if what == "data":
            endpoint.emit({"t": "sd", "st": stream}, b"", [item])
            return
        self._outflows.pop(stream, None)
        if what == "end":
            endpoint.emit({"t": "se", "st": stream})
        else:
            endpoint.emit({"t": "sx", "st": stream, "d": "abort", **({} if self._guest else {"h": 1})}, endpoint.encode(item)[0])

    # -- life --------------------------------------------------------------------------------------------------------

    def clear(self, error: BaseException) -> None:
        """The other side is gone: readers get ``error``, producers stop, exported iterators run their cleanup."""
        for inflow in self._inflows.values():
            inflow.end(error if isinstance(error, Exception) else Disposed(str(error)))
        self._inflows.clear()
        for outflow in self._outflows.values():
            outflow.cancel()
        self._outflows.clear()
        self.held.clear()
        for served in self.owned.clear():
            self._forget(served)


async def _quietly(cleanup: Awaitable[object]) -> None:
    """Run the cleanup of something that nobody can ask about any more."""
    try:
        await cleanup
    except Exception:
        import logging

        logging.getLogger(__name__).exception("cleanup of a released iterator failed")
