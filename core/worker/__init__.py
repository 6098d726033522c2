"""The worker side of isolation: the zygote, the lockdown, and the turn loop of a locked process.

Everything here runs in processes that hold no secret. Nothing here may be imported by code that does, except the control
messages (:mod:`isolate_host.worker.control`): the broker starts a zygote by executing it, never by forking itself.
"""
