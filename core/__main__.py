"""``python -m isolate_host``."""

import sys

from isolate_host.cli import main

if __name__ == "__main__":
    sys.exit(main())
