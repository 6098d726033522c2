"""Refuses code with type errors, with their places."""

from __future__ import annotations

from isolate_host.errors import LimitExceeded, PluginError, PolicyDenied
from isolate_host.plugin import Capability, CapabilityRequest, GuestCode, TypeFinding

__all__ = ["Typecheck"]

_DEFAULT_MAX_CHARACTERS = 512 << 10
#: Errors that a refusal shows with their lines, and those of which it names the place.
_SHOWN, _NAMED = 3, 20


class Typecheck(Capability):
    """Sees every text that one guest is about to run. It protects nobody from hostile code; the other policies do."""

    reviews = True

    def __init__(self, request: CapabilityRequest) -> None:
        if request.check_types is None:
            raise PluginError("this host cannot check types", plugin="typecheck")
        self._request, self._check = request, request.check_types
        self._profile: str | None = request.policy.get("profile")
        self._timeout_s: float | None = request.policy.get("timeout_s")
        self._max_characters: int = request.policy.get("max_characters", _DEFAULT_MAX_CHARACTERS)

    async def review(self, code: GuestCode) -> None:
        """Raises ``PolicyDenied`` with the places of the errors; ``LimitExceeded`` and ``ExecutionTimeout`` for what cannot be checked."""
        if len(code.source) > self._max_characters:
            message = f"{code.filename} has {len(code.source)} characters; types of up to {self._max_characters} are checked"
            raise LimitExceeded(message, kind="payload", hint=f"split the file, or raise {self._request.key}.max_characters")
        findings, total = await self._check(code, profile=self._profile, timeout_s=self._timeout_s)
        if findings:
            self._refuse(code.filename, findings, total)

    def _refuse(self, filename: str, findings: list[TypeFinding], total: int) -> None:
        key = self._request.key
        count = "1 type error" if total == 1 else f"{total} type errors"
        lines = [f"{_line(filename, item)}\n{item.frame}" for item in findings[:_SHOWN]]
        lines += [_line(filename, item) for item in findings[_SHOWN:_NAMED]]
        if total > _NAMED:
            lines.append(f"… and {total - _NAMED} more")
        first = findings[0]
        self._request.deny(
            PolicyDenied(
                f"{filename} has {count}, and the policy requires that code checks\n" + "\n".join(lines),
                capability="typecheck", value=f"{filename}:{first.line}:{first.column}", rule=f"{key}: required",
                hint=f"correct the code, or set {key} to optional",
            )
        )


def _line(filename: str, item: TypeFinding) -> str:
    return f"{filename}:{item.line}:{item.column} (TS{item.code}): {item.message}"
