"""The codes of findings, explained. ``docs/reference/findings.md`` is made from this table, and a test holds the code to it."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

__all__ = ["CODES"]

#: Code to explanation. Codes are stable: they are never renamed or used for something else.
CODES: Final = MappingProxyType(
    {
        "app-server-conflict": "Two app servers want the same requests, or one listener with two certificates. They need different addresses.",
        "config-bad-value": "A value is outside of what its key allows.",
        "config-empty": "The file has no content.",
        "config-missing-key": "A key that must be there is not.",
        "config-unknown-key": "There is no such key. Unknown keys are errors so that a typing error cannot switch off a rule.",
        "config-version": "The file is written for another version of the format.",
        "config-wrong-type": "A value has the wrong type, such as text where a number must be.",
        "file-unreadable": "A configuration file cannot be read.",
        "include-conflict": "Two files give a value for the same key. No file overrides another: the key may stand in one of them only.",
        "include-cycle": "Files include each other.",
        "include-empty": "A pattern of `include` matches no file (a warning).",
        "include-missing": "A file named by `include` does not exist.",
        "include-too-many": "More than 256 files are included.",
        "interpolation-env": "An environment variable that the file refers to is not set.",
        "interpolation-file": "A file that a value refers to cannot be read.",
        "interpolation-syntax": "`${…}` is neither `${env:NAME}`, `${env:NAME:-default}`, nor `${file:PATH}`. `$${` writes a plain `${`.",
        "limits-widened": "A sandbox asks for more than the `limits` at the top of the file allow.",
        "plugin-bad-schema": "The policy schema of a plugin is missing, broken, or refers to something outside of itself.",
        "plugin-broken": "A plugin cannot be imported, or one of its hooks failed or does not exist.",
        "plugin-duplicate-name": "Two installed distributions provide a plugin of the same name. Neither is imported.",
        "plugin-incompatible": "A plugin requires another version of isolate-host. It is not imported.",
        "plugin-not-installed": "No installed distribution provides the plugin.",
        "policy-bad-value": "A value in a policy is outside of what its key allows.",
        "policy-missing-key": "A key that a policy must have is not there.",
        "policy-unknown-capability": "A policy names a capability that is not in `plugins`.",
        "policy-unknown-key": "The plugin knows no such key.",
        "policy-wrong-type": "A value in a policy has the wrong type.",
        "sandbox-unknown": "There is no sandbox of this name.",
        "secret-in-file": "A secret is written in the file itself instead of `${file:…}` or `${env:…}` (a warning).",
        "yaml-bad-key": "A key is not text. In quotes it is.",
        "yaml-bad-tag": "YAML tags are not supported.",
        "yaml-duplicate-key": "A key stands twice in the same mapping.",
        "yaml-limit": "The file is larger, deeper, or has more aliases than a configuration can need.",
        "yaml-merge-key": "Merge keys (`<<`) are not supported.",
        "yaml-syntax": "The file is not YAML.",
    }
)
