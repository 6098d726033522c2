"""Folders of the host as guests may see them: contained, counted, copied on write, or held in memory.

The client uses it for ``create_file_bindings``, the plugin ``files`` for the mounts of a policy.
"""
