"""Work in a process of its own, and what it cost: wall and CPU seconds and the largest resident memory.

Wall seconds run from the start of the interpreter to its end, imports included. Peak memory is Linux's VmHWM: all
pages that the process held at once, those of files mapped into memory too.
"""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from patchcore_core.runs.process import peak_memory

POOLS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS")
ROOT = Path(__file__).resolve().parents[2]


def alone(work: str, settings: dict[str, Any], threads: int | None = None) -> dict[str, Any]:
    """Call `work`, a "module:function", with the settings in a new process.

    Returns `wall` and `cpu` seconds, `peak_bytes`, and `result`, what the function returned (JSON values).
    `threads` limits every thread pool; None leaves them as they are. A process that fails is a CalledProcessError.
    """
    with tempfile.TemporaryDirectory() as folder:
        answer = Path(folder) / "answer.json"
        command = [sys.executable, "-m", "benchmarks.harness.alone", work, json.dumps(settings), str(answer)]
        started = time.perf_counter()
        subprocess.run(command, cwd=ROOT, env=environment(threads), check=True)
        wall = time.perf_counter() - started
        return {"wall": wall, **json.loads(answer.read_text(encoding="utf-8"))}


def environment(threads: int | None) -> dict[str, str]:
    """This process's environment with every thread pool limited to `threads`; idle threads do not spin, in any way."""
    pools = {name: str(threads) for name in POOLS} if threads else {}
    return {**os.environ, "OMP_WAIT_POLICY": "PASSIVE", **pools}


def _serve(work: str, settings: str, answer: str) -> None:
    module, function = work.split(":")
    result = getattr(importlib.import_module(module), function)(json.loads(settings))
    cost = {"cpu": sum(os.times()[:4]), "peak_bytes": peak_memory(), "result": result}
    Path(answer).write_text(json.dumps(cost), encoding="utf-8")


if __name__ == "__main__":
    _serve(*sys.argv[1:])
