"""`sample`: write the built-in sample set to a folder."""

from __future__ import annotations

import argparse
from pathlib import Path

from patchcore_core.cli.output import bars, print_answer
from patchcore_core.data.sample.sample_set import write_sample


def sample(args: argparse.Namespace) -> int:
    """Write the built-in sample set."""
    with bars() as progress:
        folders = [str(folder) for folder in write_sample(Path(args.folder), progress)]
    print_answer(args, {"categories": folders}, folders)
    return 0
