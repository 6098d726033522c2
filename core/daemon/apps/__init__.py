"""The HTTP front of app servers: listeners, HTTP/1.1 and WebSockets, routes, queues."""

from isolate_host.daemon.apps.front import AppFront

__all__ = ["AppFront"]
