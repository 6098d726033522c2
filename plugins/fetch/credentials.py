"""Secrets that the host adds to requests, so that no guest ever holds them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from isolate_host.config.secret import Secret
from isolate_host.plugins.fetch.messages import Header, is_header_value
from isolate_host.plugins.fetch.rules import BadRuleError, Rule, host_matches
from isolate_host.plugins.fetch.targets import Target

__all__ = ["Credentials"]

_STARS: Final = "[redacted]"
#: Shorter parts of a secret are not looked for: they would be found everywhere.
_SHORTEST: Final = 8


@dataclass(frozen=True, slots=True)
class _Credential:
    host: str
    header: str
    value: Secret


class Credentials:
    """The ``credentials`` of one policy."""

    def __init__(self, entries: Iterable[Mapping[str, Any]]) -> None:
        self._entries = [_Credential(Rule.parse({"host": item["host"]}).host, item["header"], _secret(item["value"])) for item in entries]
        self._texts = sorted({part for entry in self._entries for part in _parts(entry.value.reveal())}, key=len, reverse=True)

    def apply(self, target: Target, headers: Sequence[Header]) -> list[Header]:
        """``headers`` with the secrets meant for ``target``, which replace what the guest sent. Only ever over HTTPS."""
        if target.scheme not in ("https", "wss"):
            return list(headers)
        added = {entry.header.lower(): (entry.header, entry.value.reveal()) for entry in self._entries if host_matches(entry.host, target.host)}
        return [*(pair for pair in headers if pair[0].lower() not in added), *added.values()]

    def redact(self, text: str) -> str:
        """``text`` without the secrets, for whatever a server may echo."""
        for secret in self._texts:
            text = text.replace(secret, _STARS)
        return text


def _secret(value: Secret | str) -> Secret:
    secret = value if isinstance(value, Secret) else Secret(value)
    if not is_header_value(secret.reveal()):
        raise BadRuleError("a credential has a character that no header may have")
    return secret


def _parts(value: str) -> list[str]:
    """A value such as ``Bearer abc`` as a whole, and the token in it."""
    return [part for part in (value, value.rpartition(" ")[2]) if len(part) >= _SHORTEST]
