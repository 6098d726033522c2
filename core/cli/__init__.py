"""The command line: one verb a file."""

from isolate_host.cli.app import main

__all__ = ["main"]
