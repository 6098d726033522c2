"""The files of a new plugin, for ``isolate-host plugin new``."""
