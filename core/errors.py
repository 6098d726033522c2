"""Every error that isolate-host raises on purpose.

    IsolateHostError
    ├── ConfigError            the configuration is wrong; carries all findings
    ├── PluginError            a plugin is missing, broken or not allowed
    ├── PolicyDenied           a capability was refused; names the rule and the key that would grant it
    ├── LimitExceeded          memory, cpu, output, ops, … was used up
    ├── ExecutionTimeout       the wall-clock limit passed
    ├── Aborted                the caller asked to stop
    ├── GuestError             guest code threw
    ├── MarshalError           a value cannot cross; names the path
    ├── WorkerCrashed          the worker died of something else
    ├── SandboxViolation       the worker made a forbidden system call
    ├── IsolationUnavailable   this machine cannot give the isolation that the policy demands
    ├── NamespaceInUse         the session key has a live owner
    ├── ForkRefused            the runtime cannot be forked, now or here
    ├── Disposed               the object was used after its end
    ├── NotConnected           the daemon cannot be reached
    └── ProtocolError          the other side broke the wire protocol

Each class has a stable ``code`` (kebab case, documented in ``docs/reference/errors.md``) and may carry a ``hint``:
one sentence that says what to do. All survive the hop to a daemon as the same class (see ``to_wire``/``from_wire``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self

__all__ = [
    "Aborted",
    "ConfigError",
    "Disposed",
    "ExecutionTimeout",
    "ForkRefused",
    "GuestError",
    "IsolateHostError",
    "IsolationUnavailable",
    "LimitExceeded",
    "MarshalError",
    "NamespaceInUse",
    "NotConnected",
    "PluginError",
    "PolicyDenied",
    "ProtocolError",
    "SandboxViolation",
    "WorkerCrashed",
    "error_from_wire",
]


class IsolateHostError(Exception):
    """Base of all deliberate errors.

    ``code`` is stable and machine-readable, ``hint`` is one sentence for a person (or ``None``).
    """

    code: ClassVar[str] = "internal"
    #: Attributes, beyond message and hint, that cross to a client. Each is a plain JSON value.
    wire_fields: ClassVar[tuple[str, ...]] = ()

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def to_wire(self) -> dict[str, Any]:
        """The error as plain JSON, for the daemon hop and for ``--json`` output."""
        fields = {name: getattr(self, name) for name in self.wire_fields}
        return {"class": type(self).__name__, "code": self.code, "message": self.message, "hint": self.hint, **fields}

    @classmethod
    def from_wire(cls, data: Mapping[str, Any]) -> Self:
        """Rebuild the error from :meth:`to_wire` without running a subclass constructor."""
        error = cls.__new__(cls)
        IsolateHostError.__init__(error, str(data.get("message", "")), hint=data.get("hint"))
        for name in cls.wire_fields:
            setattr(error, name, data.get(name))
        return error


class ConfigError(IsolateHostError):
    """The configuration has errors. ``findings`` holds every one, each with file, line and column."""

    code = "config-invalid"
    #: They stay where they were made: one that came from a daemon has its message alone.
    findings: tuple[Any, ...] = ()

    def __init__(self, message: str, findings: Sequence[Any] = (), *, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.findings = tuple(findings)


class PluginError(IsolateHostError):
    """A plugin cannot be used. ``plugin`` is its entry-point name, ``distribution`` what installed it (or ``None``)."""

    code = "plugin-broken"
    wire_fields = ("plugin", "distribution")

    def __init__(self, message: str, *, plugin: str, distribution: str | None = None, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.plugin = plugin
        self.distribution = distribution


class PolicyDenied(IsolateHostError):
    """A policy refused ``value`` for ``capability``; ``rule`` says which rule did (or that none allowed it).

    ``op`` is what was to be done with it, where that matters: the method of a request.
    """

    code = "policy-denied"
    wire_fields = ("capability", "value", "rule", "op")

    def __init__(self, message: str, *, capability: str, value: str, rule: str, op: str = "", hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.op = op
        self.capability = capability
        self.value = value
        self.rule = rule


class LimitExceeded(IsolateHostError):
    """A limit was used up. ``kind`` is ``memory``, ``cpu``, ``output``, ``ops_in_flight``, ``runtimes``, ``payload``, …"""

    code = "limit-exceeded"
    wire_fields = ("kind",)

    def __init__(self, message: str, *, kind: str, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.kind = kind


class ExecutionTimeout(IsolateHostError):
    """Guest code ran longer than its wall-clock limit of ``timeout_s`` seconds. The runtime is dead."""

    code = "execution-timeout"
    wire_fields = ("timeout_s",)

    def __init__(self, message: str, *, timeout_s: float, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.timeout_s = timeout_s


class Aborted(IsolateHostError):
    """The caller aborted the work; ``reason`` is the text it gave."""

    code = "aborted"
    wire_fields = ("reason",)

    def __init__(self, message: str = "the operation was aborted", *, reason: str | None = None) -> None:
        super().__init__(message)
        self.reason = reason


class GuestError(IsolateHostError):
    """Guest code threw, or a guest function rejected.

    ``name``, ``message`` and ``stack`` are the JavaScript error's own (positions refer to the original TypeScript),
    ``guest_code`` its ``code`` property, ``props`` its other own properties, ``frame`` a code frame or ``None``.
    ``__cause__`` holds the JavaScript ``cause`` when that was an error; ``cause`` holds it whatever it was.
    """

    code = "guest-error"
    wire_fields = ("name", "stack", "guest_code", "frame")

    def __init__(
        self,
        name: str,
        message: str,
        stack: str | None = None,
        *,
        cause: Any = None,
        guest_code: Any = None,
        props: Mapping[str, Any] | None = None,
        errors: Sequence[Any] | None = None,
        frame: str | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(message, hint=hint)
        self.name = name
        self.stack = stack
        self.cause = cause
        self.guest_code = guest_code
        self.props = dict(props or {})
        self.errors = None if errors is None else list(errors)
        self.frame = frame
        if isinstance(cause, BaseException):
            self.__cause__ = cause

    def __str__(self) -> str:
        return f"{self.name}: {self.message}" if self.message else self.name


class MarshalError(IsolateHostError):
    """A value cannot cross between Python and JavaScript; ``path`` says where it sits, as in ``$.items[3].callback``."""

    code = "marshal-failed"
    wire_fields = ("path",)

    def __init__(self, message: str, *, path: str, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.path = path


class WorkerCrashed(IsolateHostError):
    """The worker process died of ``signal`` (a name such as ``SIGSEGV``) or left with a status; ``detail`` is the tail of its last words."""

    code = "worker-crashed"
    wire_fields = ("signal", "detail")

    def __init__(self, message: str, *, signal: str | None = None, detail: str = "", hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.signal = signal
        self.detail = detail


class SandboxViolation(IsolateHostError):
    """The worker made a system call that its seccomp filter forbids. Treat it as an attack."""

    code = "sandbox-violation"
    wire_fields = ("detail",)

    def __init__(self, message: str, *, detail: str = "", hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.detail = detail


class IsolationUnavailable(IsolateHostError):
    """The machine lacks isolation layers that the policy marks ``refuse``; ``layers`` maps each to the reason."""

    code = "isolation-unavailable"
    wire_fields = ("layers",)

    def __init__(self, message: str, *, layers: Mapping[str, str], hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.layers = dict(layers)


class NamespaceInUse(IsolateHostError):
    """A live owner holds the session ``key``."""

    code = "namespace-in-use"
    wire_fields = ("key",)

    def __init__(self, message: str, *, key: str, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.key = key


class ForkRefused(IsolateHostError):
    """The runtime cannot be forked: something is in flight between it and the host, or this machine has no fork gate."""

    code = "fork-refused"


class Disposed(IsolateHostError):
    """The runtime, server or host was used after it was disposed or had died."""

    code = "disposed"


class NotConnected(IsolateHostError):
    """The daemon is absent, refused the client, or went away."""

    code = "not-connected"


class ProtocolError(IsolateHostError):
    """A frame broke the wire protocol; its sender was cut off."""

    code = "protocol-error"


def _classes() -> dict[str, type[IsolateHostError]]:
    found: dict[str, type[IsolateHostError]] = {}
    pending = [IsolateHostError]
    while pending:
        cls = pending.pop()
        found[cls.__name__] = cls
        pending.extend(cls.__subclasses__())
    return found


def error_from_wire(data: Mapping[str, Any]) -> IsolateHostError:
    """The error that ``to_wire`` described; an unknown class becomes its nearest base, ``IsolateHostError``."""
    return _classes().get(str(data.get("class")), IsolateHostError).from_wire(data)
