"""From the refusals in audit files to additions of a configuration.

Guests wrote the values, and people paste what is printed: a value appears as data or in a comment, and cannot end either.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from isolate_host.cli.output import CommandError
from isolate_host.plugin import PluginRegistry, Refusal
from isolate_host.plugin.explain import NOT_GRANTED

__all__ = ["Proposal", "Record", "propose", "read_refusals"]

_VERSION = 1


@dataclass(slots=True)
class Record:
    """What audit files say was refused: how often, by sandbox and capability."""

    refusals: dict[tuple[str | None, str], Counter[Refusal]] = field(default_factory=dict)
    #: Records that the disk was too slow for.
    lost: int = 0


@dataclass(frozen=True, slots=True)
class Left:
    """A refusal for which nothing is proposed."""

    sandbox: str | None
    capability: str
    refusal: Refusal
    count: int
    reason: str

    def data(self) -> dict[str, Any]:
        """For ``--json``."""
        what = {"op": self.refusal.op, "value": self.refusal.value, "count": self.count, "reason": self.reason}
        return {"sandbox": self.sandbox, "capability": self.capability, **what}

    def text(self) -> str:
        """One line of a comment. No character of a guest ends it."""
        what = f"{self.refusal.op} {self.refusal.value}".strip()
        line = f"{self.sandbox or '(no sandbox)'}, {self.capability}: {what} ({self.count} times): {self.reason}"
        return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in line)


@dataclass(slots=True)
class Proposal:
    """Additions, and what they do not cover."""

    sandboxes: dict[str, Any] = field(default_factory=dict)
    left: list[Left] = field(default_factory=list)
    lost: int = 0

    def data(self) -> dict[str, Any]:
        """For ``--json``."""
        return {"sandboxes": self.sandboxes, "left": [item.data() for item in self.left], "lost": self.lost}

    def text(self) -> str:
        """YAML, with comments about what it does not cover."""
        import yaml

        lines = ["# Additions to the configuration. Lists belong behind those that are there.\n" if self.sandboxes else "# Nothing to add.\n"]
        if self.sandboxes:
            lines.append(yaml.safe_dump({"sandboxes": self.sandboxes}, sort_keys=False, default_flow_style=None, allow_unicode=False, width=120))
        if self.lost:
            lines.append(f"# Incomplete: {self.lost} records were lost.\n")
        lines += ["# Not covered:\n"] * bool(self.left)
        lines += [f"# - {item.text()}\n" for item in self.left]
        return "".join(lines)


def read_refusals(files: Iterable[Path]) -> Record:
    """The ``denied`` records of audit files. Raises ``CommandError`` for a file that is none."""
    record = Record()
    for file in files:
        try:
            with file.open(encoding="utf-8") as lines:
                for number, line in enumerate(lines, 1):
                    _read_line(record, line, f"{file}:{number}")
        except OSError as error:
            raise CommandError(f"cannot read {file}: {error.strerror}") from None
        except UnicodeDecodeError:
            raise CommandError(f"{file} is not UTF-8 text") from None
    return record


def _read_line(record: Record, line: str, place: str) -> None:
    try:
        event = json.loads(line)
        version = event["v"]
    except (ValueError, KeyError, TypeError):
        if not line.endswith("\n"):  # the last line of a file that is being written
            return
        raise CommandError(f"{place} is no audit record", "give the file that audit.file names") from None
    if version != _VERSION:
        raise CommandError(f"{place} has version {version!r} of the format; this program knows {_VERSION}")
    if event.get("event") == "lost":
        record.lost += int(event["count"])
    if event.get("event") == "denied":
        refusal = Refusal(event["value"], event["rule"], event.get("op", ""), event.get("hint"))
        key = event.get("sandbox"), event["capability"]
        record.refusals.setdefault(key, Counter())[refusal] += 1


def propose(record: Record, registry: PluginRegistry) -> Proposal:
    """Ask the plugins what each sandbox would need. Raises ``PluginError`` for one that fails."""
    proposal = Proposal(lost=record.lost)
    installed = registry.installed()
    for (sandbox, capability), counted in sorted(record.refusals.items(), key=lambda item: (item[0][0] or "", item[0][1])):
        # Nobody can add to a block that is not there, nor to the policy of no sandbox.
        askable = [refusal for refusal in counted if sandbox is not None and refusal.rule != NOT_GRANTED]
        suggestion = registry.suggest(capability, askable) if askable and capability in installed else None
        left = [(refusal, _advice(refusal, sandbox)) for refusal in counted if suggestion is None or refusal not in askable]
        if suggestion is not None:
            left += suggestion.left
            if suggestion.policy:
                policies = proposal.sandboxes.setdefault(str(sandbox), {"policies": {}})["policies"]
                policies[capability] = dict(suggestion.policy)
        proposal.left += [Left(sandbox, capability, refusal, counted[refusal], reason) for refusal, reason in left]
    return proposal


def _advice(refusal: Refusal, sandbox: str | None) -> str:
    if sandbox is None:
        return "the runtime had no sandbox, so what its caller binds decides"
    return refusal.hint or refusal.rule
