"""anomalib from PyPI on the same arrays, in whatever interpreter has it (`--peers-python`), a process each time.

Its pinned dependencies need not fit ours: `python -m venv DIR && DIR/bin/pip install anomalib`, then
`--peers --peers-python DIR/bin/python`.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.harness.alone import environment

SCRIPT = Path(__file__).with_name("peer_anomalib.py")


def add_options(parser: argparse.ArgumentParser) -> None:
    """`--peers` and where anomalib is."""
    parser.add_argument("--peers", action="store_true", help="also anomalib, if installed")
    parser.add_argument("--peers-python", type=Path, help="the interpreter that has anomalib (default: this one)")


def wanted(options: argparse.Namespace) -> Path | None:
    """The interpreter to ask; None, with a sentence where peers are asked for, when there is none."""
    if not options.peers:
        return None
    if options.peers_python is not None:
        return Path(options.peers_python)
    if importlib.util.find_spec("anomalib") is None:
        print("anomalib is not installed: left out (--peers-python names an interpreter that has it)")
        return None
    return Path(sys.executable)


def network(backbone: str) -> str:
    """timm's name of a network of ours."""
    return f"tf_{backbone}" if backbone.startswith("efficientnet_lite") else backbone


class Anomalib:
    """Arrays laid out for another interpreter; `ask` as often as is wanted. A task that fails is a RuntimeError."""

    def __init__(self, python: Path, threads: int | None, **arrays: np.ndarray) -> None:
        self._python, self._threads = python, threads
        self._folder = tempfile.TemporaryDirectory()
        for name, values in arrays.items():
            np.save(Path(self._folder.name) / f"{name}.npy", values)

    def ask(self, task: str, **options: Any) -> dict[str, Any]:
        """What benchmarks/ways/peer_anomalib.py answers."""
        folder = Path(self._folder.name)
        (folder / "options.json").write_text(json.dumps({**options, "threads": self._threads}))
        command = [str(self._python), str(SCRIPT), task, str(folder)]
        done = subprocess.run(command, env=environment(self._threads), capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"anomalib's {task} failed: {done.stderr.strip().splitlines()[-1]}")
        answer: dict[str, Any] = json.loads((folder / "answer.json").read_text())
        return answer
