"""`python -m benchmarks NAME [options]`: dispatches to benchmarks/NAME.py, or to what FOLDERS names."""

from __future__ import annotations

import importlib
import sys

NAMES = ("coreset", "curves", "document", "embed", "evidence", "faults", "features", "fit", "imports", "lasting",
         "memory", "metrics", "predict", "results", "review_latency", "search", "sweep", "teach", "unlike", "uploads",
         "visitors")  # fmt: skip
FOLDERS = {  # of those that are not files of this folder
    "faults": "fits.faults", "lasting": "fits.lasting", "sweep": "fits.sweep", "unlike": "inspect.unlike",
    "uploads": "inspect.uploads", "visitors": "review.visitors",
}  # fmt: skip


def main() -> int:
    """Run the benchmark that the first argument names; its own options follow."""
    if len(sys.argv) < 2 or sys.argv[1] not in NAMES:
        print(f"usage: python -m benchmarks {{{','.join(NAMES)}}} [--help]", file=sys.stderr)
        return 2
    importlib.import_module(f"benchmarks.{FOLDERS.get(sys.argv[1], sys.argv[1])}").main(sys.argv[2:])
    return 0


if __name__ == "__main__":
    sys.exit(main())
