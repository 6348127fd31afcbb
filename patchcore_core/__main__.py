"""`python -m patchcore_core`."""

import sys

from patchcore_core.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
