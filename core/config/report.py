"""Findings as text for people, JSON for programs, and annotations for GitHub."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from pathlib import Path

from isolate_host.config.findings import Finding

__all__ = ["GithubReporter", "JsonReporter", "Reporter", "TextReporter", "reporter"]


class Reporter(ABC):
    """One way to write findings."""

    @abstractmethod
    def render(self, files: Sequence[Path], findings: Sequence[Finding]) -> str:
        """The report on ``files``, without a final newline."""


class TextReporter(Reporter):
    """One line a finding, hints below."""

    def render(self, files: Sequence[Path], findings: Sequence[Finding]) -> str:
        lines = []
        for finding in findings:
            lines.append(str(finding))
            if finding.hint:
                lines.append(f"  hint: {finding.hint}")
        errors = sum(item.severity == "error" for item in findings)
        warnings = len(findings) - errors
        names = ", ".join(str(file) for file in files)
        lines.append(f"{names}: {_count(errors, 'error')}, {_count(warnings, 'warning')}" if findings else f"{names}: ok")
        return "\n".join(lines)


class JsonReporter(Reporter):
    """One object."""

    def render(self, files: Sequence[Path], findings: Sequence[Finding]) -> str:
        ok = not any(item.severity == "error" for item in findings)
        report = {"version": 1, "ok": ok, "files": [str(file) for file in files], "findings": [item.to_json() for item in findings]}
        return json.dumps(report, indent=2, ensure_ascii=False)


class GithubReporter(Reporter):
    """Workflow commands that GitHub shows beside the line."""

    def render(self, files: Sequence[Path], findings: Sequence[Finding]) -> str:
        return "\n".join(self._line(item) for item in findings)

    def _line(self, finding: Finding) -> str:
        place = {"file": finding.mark.file, "line": finding.mark.line, "col": finding.mark.column, "title": finding.code}
        properties = ",".join(f"{key}={_escape(str(value), property_value=True)}" for key, value in place.items())
        hint = f"\nhint: {finding.hint}" if finding.hint else ""
        return f"::{finding.severity} {properties}::{_escape(finding.message + hint)}"


def reporter(name: str) -> Reporter:
    """The reporter called ``text``, ``json`` or ``github``."""
    kinds: dict[str, Callable[[], Reporter]] = {"text": TextReporter, "json": JsonReporter, "github": GithubReporter}
    return kinds[name]()


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _escape(text: str, *, property_value: bool = False) -> str:
    escaped = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return escaped.replace(":", "%3A").replace(",", "%2C") if property_value else escaped
