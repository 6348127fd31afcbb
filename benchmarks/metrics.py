"""Pixel AUROC, average precision, F1-max and AUPRO of a whole test set: ours, scikit-learn, and other projects'.

The maps are smooth random ones whose defects score higher, or those of a finished run. Every way runs in a process of
its own, on one core, taking turns; seconds are CPU seconds without imports; memory is what is needed beside the maps.
adeval and anomalib are measured where `--peers-python` names interpreters that have them.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from scipy import ndimage

from benchmarks.harness.alone import ROOT

SCRIPT = Path(__file__).parent / "ways" / "metrics_ways.py"
OURS = ("ours", "ours, float32 all distinct", "evaluate", "evaluate, 1000 resamples")
LIBRARIES = ("scikit-learn and plain AUPRO", "roc_auc_score")
PEERS = {"adeval": "adeval", "anomalib AUPRO": "anomalib"}  # way -> the module it needs
SLOW = 5.0  # seconds from which a way is not repeated
Outcome = dict[str, Any]


def main(arguments: list[str]) -> None:
    """Parse the options, measure, print the table; write the JSON where `--json` says."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks metrics", description=__doc__)
    parser.add_argument("--images", type=int, default=583)
    parser.add_argument("--size", type=int, default=224, help="side of the maps, pixels (default %(default)s)")
    parser.add_argument("--data", type=Path, help="folder with maps.npy, masks.npy and labels.npy instead")
    parser.add_argument("--peers-python", type=Path, action="append", default=[], metavar="PATH",
                        help="interpreter that has adeval or anomalib; may be given twice")
    parser.add_argument("--repeats", type=int, default=3, help="turns of what is fast (default %(default)s)")
    parser.add_argument("--json", type=Path, help="file to write the result to")
    options = parser.parse_args(arguments)
    interpreters = dict.fromkeys((*OURS, *LIBRARIES), Path(sys.executable)) | _peers(options.peers_python)
    with tempfile.TemporaryDirectory() as made:
        folder = options.data or Path(made)
        if options.data is None:
            make_maps(folder, options.images, options.size)
        outcomes = _turns(interpreters, folder, options.repeats)
    print(table(outcomes))
    if options.json is not None:
        options.json.write_text(json.dumps(outcomes, indent=1) + "\n", encoding="utf-8")


def make_maps(folder: Path, count: int, size: int, seed: int = 0) -> None:
    """A third good images; the others with one to four blots, some of one pixel, that score a little higher."""
    generator = np.random.default_rng(seed)
    labels = (np.arange(count) >= count // 3).astype(np.int64)
    masks, maps = np.zeros((count, size, size), bool), np.zeros((count, size, size), np.float16)
    for label, mask, scores in zip(labels, masks, maps, strict=True):
        noise = ndimage.gaussian_filter(generator.normal(size=(size, size)), 4.0)
        for _ in range(generator.integers(1, 5) * label):
            row, column = generator.integers(0, size, 2)
            height, width = generator.integers(1, max(2, size // 6), 2)
            mask[row:row + height, column:column + width] = True
        bumps = ndimage.gaussian_filter(mask.astype(np.float64), 4.0) * generator.uniform(0.2, 1.5)
        scores[:] = 20 + 4 * noise / noise.std() + 8 * bumps
    for name, array in (("maps", maps), ("masks", masks), ("labels", labels)):
        np.save(folder / f"{name}.npy", array)


def _peers(interpreters: list[Path]) -> dict[str, Path]:
    """Each peer's way with the first interpreter that has its module."""
    found = {}
    for way, module in PEERS.items():
        for python in interpreters:
            missing = subprocess.run([python, "-c", f"import {module}"], capture_output=True).returncode
            if way not in found and not missing:
                found[way] = python
    return found


def _turns(interpreters: dict[str, Path], folder: Path, repeats: int) -> dict[str, list[Outcome]]:
    outcomes: dict[str, list[Outcome]] = {way: [] for way in interpreters}
    for _ in range(repeats):
        for way, python in interpreters.items():
            if not outcomes[way] or outcomes[way][0]["seconds"] < SLOW:
                outcomes[way].append(_run(way, python, folder))
    return outcomes


def _run(way: str, python: Path, folder: Path) -> Outcome:
    """One way's outcome from a new process."""
    one_core = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    own = {"PYTHONPATH": str(ROOT)} if python == Path(sys.executable) else {}
    command, environment = [python, SCRIPT, way, folder], os.environ | one_core | own
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    if done.returncode != 0:
        raise SystemExit(f"{way} failed under {python}:\n{done.stderr}")
    outcome: Outcome = json.loads(done.stdout.splitlines()[-1])
    return outcome


def table(outcomes: dict[str, list[Outcome]]) -> str:
    """One line per way: seconds and their ratio to ours, memory beside the maps, and the values."""
    ours = outcomes["ours"][0]["values"]
    fastest = _seconds(outcomes["ours"])
    lines = [f"{'':<30}{'CPU s':>8}{'(least-most)':>16}{'/ ours':>9}{'MB':>8}{'/ maps':>8}  values - ours"]
    for way, turns in outcomes.items():
        each = [turn["seconds"] for turn in turns]
        peak = max(turn["bytes"] for turn in turns)
        shared = [name for name in ours if name in turns[0]["values"]]
        gaps = ", ".join(f"{name} {turns[0]['values'][name] - ours[name]:+.1e}" for name in shared if way != "ours")
        spread = f"({min(each):.2f}-{max(each):.2f})"
        lines.append(f"{way:<30}{_seconds(turns):>8.2f}{spread:>16}{_seconds(turns) / fastest:>8.1f}x"
                     f"{peak / 1e6:>8.0f}{peak / turns[0]['maps']:>8.2f}  {gaps}")  # fmt: skip
    if "anomalib AUPRO" in outcomes:
        both = _seconds(outcomes["roc_auc_score"]) + _seconds(outcomes["anomalib AUPRO"])
        lines.append(f"roc_auc_score and anomalib's AUPRO together: {both:.1f} s, {both / fastest:.0f}x ours")
    lines.append("ours: " + ", ".join(f"{name} {value:.6f}" for name, value in ours.items()))
    return "\n".join(lines)


def _seconds(turns: list[Outcome]) -> float:
    return statistics.median(turn["seconds"] for turn in turns)
