"""Identity and cancellation that accompany every call from a guest.

The class lives in the wire layer because the client needs it as well.
"""

from isolate_host.wire.context import HostCallContext

__all__ = ["HostCallContext"]
