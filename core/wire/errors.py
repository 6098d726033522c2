"""Errors across the wire: Python exceptions ↔ ``err`` nodes.

Two kinds of error nodes arrive. Those that the *host side* made describe one of our own classes in ``props.isolateHost``. Those
that a guest made are ``GuestError``. Guest code can copy such a description into any error that it throws; so, unless
the frame is known to come from the host itself, only classes that say nothing about the state of the runtime are rebuilt.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from isolate_host.errors import GuestError, IsolateHostError, error_from_wire

__all__ = ["as_error", "error_fields", "error_from_fields", "thrown"]

#: May pass through guest code and come back as themselves. A guest may forge them: they only say "no", never "the runtime died".
_PASSES_THROUGH_GUESTS = frozenset({"LimitExceeded", "MarshalError", "PluginError", "PolicyDenied"})
_MAX_CAUSES = 20
_MAX_THROWN_TEXT = 1000
#: As guest code spells them.
_JAVASCRIPT_NAMES = {None: "null", True: "true", False: "false"}


def thrown(value: Any) -> GuestError:
    """The exception for something thrown that is no error, as ``throw 'text'``."""
    text = _JAVASCRIPT_NAMES[value] if value is None or isinstance(value, bool) else str(value)
    return GuestError("Error", text[:_MAX_THROWN_TEXT], props={"thrown": value})


def as_error(value: Any) -> BaseException:
    """What was thrown, as something to raise."""
    return value if isinstance(value, BaseException) else thrown(value)


def error_fields(error: BaseException) -> dict[str, Any]:
    """The fields of the ``err`` node for ``error``: values still to be encoded.

    Never a Python traceback or a path of the host: an ``OSError`` is cut down to its ``strerror``.
    """
    if isinstance(error, GuestError):
        return _guest_fields(error)
    # No stack: the guest then shows where its own code called.
    fields: dict[str, Any] = {"name": _name(error), "message": _message(error), "stack": ""}
    code = _code(error)
    if code is not None:
        fields["code"] = code
    # Decoders count containers in this order: cause, errors, props.
    if error.__cause__ is not None and _chain_length(error) <= _MAX_CAUSES:
        fields["cause"] = error.__cause__
    if isinstance(error, BaseExceptionGroup):
        fields["errors"] = list(error.exceptions)
    if isinstance(error, IsolateHostError):
        fields["props"] = {"isolateHost": error.to_wire()}
    return fields


def _guest_fields(error: GuestError) -> dict[str, Any]:
    fields: dict[str, Any] = {"name": error.name, "message": error.message, "stack": error.stack or ""}
    cause = error.cause if error.cause is not None else error.__cause__
    optional = {"code": error.guest_code, "cause": cause, "errors": error.errors, "props": error.props or None, "frame": error.frame}
    if error.frame is not None:
        fields["frame"] = error.frame
    fields.update({key: value for key, value in optional.items() if value is not None})
    return fields


def _name(error: BaseException) -> str:
    if isinstance(error, asyncio.CancelledError):
        return "AbortError"
    if isinstance(error, BaseExceptionGroup):
        return "AggregateError"
    return type(error).__name__


def _message(error: BaseException) -> str:
    if isinstance(error, IsolateHostError):
        return error.message if error.hint is None else f"{error.message} ({error.hint})"
    if isinstance(error, OSError) and error.strerror is not None:
        return error.strerror
    if isinstance(error, BaseExceptionGroup):
        return str(error.message)
    if isinstance(error, KeyError) and len(error.args) == 1:
        return str(error.args[0])
    return str(error)


def _code(error: BaseException) -> str | int | None:
    if isinstance(error, OSError) and error.errno is not None:
        import errno

        return errno.errorcode.get(error.errno, str(error.errno))
    code = getattr(error, "code", None)
    return code if isinstance(code, (str, int)) else None


def _chain_length(error: BaseException) -> int:
    length = 0
    cause: BaseException | None = error
    while cause is not None and length <= _MAX_CAUSES:
        length += 1
        cause = cause.__cause__
    return length


def error_from_fields(fields: Mapping[str, Any], *, by_host: bool) -> IsolateHostError:
    """The exception for a decoded ``err`` node. ``by_host`` = the frame was made by the broker or the client, not by a guest."""
    props = fields.get("props")
    described = props.get("isolateHost") if type(props) is dict else None
    if type(described) is dict:
        if by_host:
            return error_from_wire(described)
        if str(described.get("class")) in _PASSES_THROUGH_GUESTS:
            return error_from_wire({key: value for key, value in described.items() if type(value) is str})
    error = GuestError(fields["name"], fields["message"], fields.get("stack"))
    return fill_guest_error(error, fields)


def fill_guest_error(error: GuestError, fields: Mapping[str, Any]) -> GuestError:
    """Set what a ``GuestError`` has beyond name, message and stack."""
    error.cause = fields.get("cause")
    if isinstance(error.cause, BaseException):
        error.__cause__ = error.cause
    error.guest_code = fields.get("code")
    error.props = fields.get("props") or {}
    error.errors = fields.get("errors")
    return error
