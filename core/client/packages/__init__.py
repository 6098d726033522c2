"""npm packages out of a ``node_modules`` folder of the host: Node's resolution, contained in the folder, cached and read ahead."""

from isolate_host.client.packages.mounts import NodeModules

__all__ = ["NodeModules"]
