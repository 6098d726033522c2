"""Which frames pass between a client and its guest, and what of their headers: everything else is dropped or refused."""

from __future__ import annotations

from collections.abc import Container

from isolate_host.errors import PolicyDenied, ProtocolError
from isolate_host.wire.decode import decode_value
from isolate_host.wire.frames import Frame

__all__ = ["CLIENT", "for_guest", "is_for_client", "is_stream_data", "read_denial"]

#: The client's number among the parties that a guest talks to; the broker has none.
CLIENT = 1
#: What a client may send on, with the header fields that pass.
_FROM_CLIENT = {
    "ref": ("id", "r", "m"), "cancel": ("id",), "drop": ("refs",), "ok": ("id",), "err": ("id", "h"),
    "sd": ("st",), "sc": ("st", "n"), "se": ("st",), "sx": ("st", "d"),
}
_FROM_GUEST = frozenset(("ref", "ok", "err", "cancel", "drop", "sd", "sc", "se", "sx", "note"))
_STREAM_DATA = frozenset(("sd", "se", "sx"))


def for_guest(frame: Frame) -> Frame:
    """The frame of a client as the guest gets it. Raises ``ProtocolError`` for what no client of ours sends."""
    kind = frame.header.get("t")
    if kind == "note" and frame.header.get("cap") == "events":
        return Frame({"t": "note", "cap": "events", "op": "emit", "p": CLIENT}, frame.body, frame.segments)
    fields = _FROM_CLIENT.get(kind) if isinstance(kind, str) else None
    if fields is None:
        raise ProtocolError(f"a client may not send {str(kind)[:20]!r}")
    header = {"t": kind, **{key: frame.header[key] for key in fields if key in frame.header}, "p": CLIENT}
    return Frame(header, frame.body, frame.segments)


def read_denial(frame: Frame, answered: Container[str]) -> PolicyDenied:
    """What a client refused that keeps the policy of a capability it answers. It is for the record only. Raises ``ProtocolError``."""
    error = decode_value(frame.body, frame.segments, lambda _tag, _node: None, by_host=True)
    if not isinstance(error, PolicyDenied) or error.capability not in answered:
        raise ProtocolError("a client tells denials of the capabilities that it answers, and nothing else")
    return error


def is_for_client(frame: Frame) -> bool:
    """Whether a guest's frame says that it is meant for the client."""
    return frame.header.get("p") == CLIENT and frame.header["t"] in _FROM_GUEST


def is_stream_data(frame: Frame) -> bool:
    """A frame of a byte stream that the guest produces, and that names no reader."""
    header = frame.header
    # `sx` also goes the other way: a reader that lost interest tells the producer, which may be the broker.
    return header["t"] in _STREAM_DATA and header.get("p") != CLIENT and header.get("d") != "cancel"
