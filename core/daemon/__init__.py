"""The daemon: one broker, served over a socket."""

from isolate_host.daemon.serve import serve

__all__ = ["serve"]
