"""``${env:NAME}`` and ``${file:PATH}`` in values. Keys are never touched, and no message shows a value."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Mapping
from pathlib import Path

from isolate_host.config.findings import Finding, path_text
from isolate_host.config.nodes import Node, ScalarNode, scalars
from isolate_host.config.scalars import parse_scalar, scalar_tag

__all__ = ["interpolate"]

_MAX_FILE_BYTES = 64 * 1024
#: ``$${`` writes a plain ``${``.
_REFERENCE = re.compile(r"\$\$\{|\$\{(?P<kind>[^:}]*)(?P<colon>:?)(?P<rest>[^}]*)\}|\$\{")


class _MissingError(Exception):
    """A reference has no value."""

    def __init__(self, code: str, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint


def interpolate(root: Node, findings: list[Finding], environ: Mapping[str, str]) -> None:
    """Replace the references in every scalar of ``root``."""
    for path, node in scalars(root):
        if not isinstance(node.value, str) or "${" not in node.value:
            continue
        try:
            _replace(node, environ)
        except _MissingError as error:
            message = f"{path_text(path)}: {error.message}"
            findings.append(Finding(code=error.code, message=message, mark=node.mark, hint=error.hint, path=path))


def _replace(node: ScalarNode, environ: Mapping[str, str]) -> None:
    folder = node.mark.file.parent
    whole = _REFERENCE.fullmatch(node.text)
    value = _REFERENCE.sub(lambda match: _value_of(match, folder, environ), node.text)
    node.interpolated = any(match[0] != "$${" for match in _REFERENCE.finditer(node.text))
    # An unquoted ${env:…} that is the whole value may be a number or true, like any plain scalar; in quotes it stays text.
    if whole is not None and whole["kind"] == "env" and node.plain:
        node.value = parse_scalar(value, scalar_tag(value))
    else:
        node.value = value


def _value_of(match: re.Match[str], folder: Path, environ: Mapping[str, str]) -> str:
    if match[0] == "$${":
        return "${"
    kind, rest = match["kind"], match["rest"]
    if kind == "env" and match["colon"] and rest:
        return _from_environment(rest, environ)
    if kind == "file" and match["colon"] and rest:
        return _from_file(folder / rest)
    raise _MissingError("interpolation-syntax", f"{match[0]} is not a reference", "write ${env:NAME}, ${env:NAME:-default}, ${file:PATH} or $${")


def _from_environment(reference: str, environ: Mapping[str, str]) -> str:
    name, separator, default = reference.partition(":-")
    value = environ.get(name)
    if value or (value is not None and not separator):
        return value
    if separator:
        return default
    close = difflib.get_close_matches(name, list(environ), n=1, cutoff=0.8)
    hint = f"did you mean {close[0]!r}?" if close else f"set it, or give a default: ${{env:{name}:-default}}"
    raise _MissingError("interpolation-env", f"environment variable {name!r} is not set", hint)


def _from_file(file: Path) -> str:
    try:
        # O_NONBLOCK: a FIFO put there must not hang the host.
        with os.fdopen(os.open(file, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK), "rb") as stream:
            raw = stream.read(_MAX_FILE_BYTES + 1)
        text = (raw or b"").decode("utf-8")
    except OSError as error:
        raise _MissingError("interpolation-file", f"cannot read {str(file)!r}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise _MissingError("interpolation-file", f"{str(file)!r} is not UTF-8 text") from None
    if len(raw) > _MAX_FILE_BYTES:
        raise _MissingError("interpolation-file", f"{str(file)!r} is larger than {_MAX_FILE_BYTES} bytes")
    return text.removesuffix("\n").removesuffix("\r")
