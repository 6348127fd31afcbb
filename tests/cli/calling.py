"""The command line in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.places import ROOT

QUICK = ("--image-size", "64", "--layers", "blocks.2", "--coreset-ratio", "0.2", "--device", "cpu")


def environment(**changes: str) -> dict[str, str]:
    """This process's environment without our variables, with these changes; the package can be imported."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("PATCHCORE_")}
    paths = [str(ROOT), *filter(None, [changes.pop("PYTHONPATH", "")])]
    return {**env, "PYTHONPATH": os.pathsep.join(paths), **changes}


def command(*arguments: object, cwd: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """What `python -m patchcore_core` answers to these arguments."""
    line = [sys.executable, "-m", "patchcore_core", *map(str, arguments)]
    return subprocess.run(line, capture_output=True, text=True, cwd=cwd, env=environment(**env), timeout=300)
