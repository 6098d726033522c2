"""The plugin seam: hooks, what a plugin gives the core, and the registry that finds and calls plugins."""

from isolate_host.plugin.capability import Capability, CapabilityRequest, ClientOps, Estate, GuestCall, GuestPort, Kept
from isolate_host.plugin.children import ChildHost, ChildSink
from isolate_host.plugin.explain import Explanation, Refusal, Suggestion
from isolate_host.plugin.markers import hookimpl, hookspec
from isolate_host.plugin.registry import PluginInfo, PluginRegistry
from isolate_host.plugin.review import CheckTypes, GuestCode, PackageTypes, TypeFinding
from isolate_host.plugin.script import GuestScript

__all__ = [
    "Capability",
    "CapabilityRequest",
    "CheckTypes",
    "ChildHost",
    "ChildSink",
    "ClientOps",
    "Estate",
    "Explanation",
    "GuestCall",
    "GuestCode",
    "GuestPort",
    "GuestScript",
    "Kept",
    "PackageTypes",
    "PluginInfo",
    "PluginRegistry",
    "Refusal",
    "Suggestion",
    "TypeFinding",
    "hookimpl",
    "hookspec",
]
