"""A sweep whose processes are killed, and whose disk is full, at random moments, against the same sweep undisturbed.

`sweep` runs in a terminal's process, workers are started by it and by what a dashboard starts them with; each of these
is killed with SIGKILL, one at a time or all at once, and the first two are started again. With `--full` the store lies
on a small disk of its own, of which a file takes all but a few KiB for a while; then `queue resume` is typed. In the
end every run must be there once, equal to the undisturbed one to the bit, computed to its end only once, with no
process and no half-written file left, and nobody may have been shown a traceback.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from benchmarks.fits.chaos import Chaos, workers
from benchmarks.harness.figures import write_json
from benchmarks.harness.material import add_json_option
from benchmarks.harness.same_runs import same_runs
from benchmarks.harness.small_disk import small_disk
from patchcore_core.jobs import queue
from patchcore_core.jobs.claims import WORKERS
from patchcore_core.runs.store import RunStore

SETTINGS = ("--image-size", "64", "--layers", "blocks.2", "--device", "cpu")
DISK = 48  # MiB of the small disk
CATEGORIES = ("tile", "grid")
KEPT = ("queue.sqlite", "queue.sqlite-wal", "queue.sqlite-shm", ".queue.lock", ".lock", "workers.log")


def main(arguments: list[str]) -> None:
    """Parse the options, kill, compare, print; write the JSON where `--json` says. Exits with 1 where something is not
    as it must be."""
    options = _parser().parse_args(arguments)
    if options.workers:
        os.environ[WORKERS] = str(options.workers)
    with tempfile.TemporaryDirectory(dir=options.scratch) as folder, ExitStack() as disks:
        place = Path(folder)
        for seed, name in enumerate(CATEGORIES[: options.categories]):
            write_photos(place / "data" / name, options.images, seed)
        line = ["sweep", str(place / "data"), *SETTINGS, "--set", f"coreset_ratio={_ratios(options.runs)}", "--json"]
        undisturbed = _swept(line, place / "undisturbed")
        (words := place / "words").mkdir()
        disk = disks.enter_context(small_disk(place / "disk", DISK)) if options.full else place
        chaos = Chaos(disk / "disturbed", words, line, options.kills, options.full, options.pause, options.seed)
        result = chaos.survive()
        wrong = _verdict(undisturbed, disk / "disturbed", result.pop("seen"))
        logs = [*words.iterdir(), disk / "disturbed" / ".jobs" / "workers.log"]
        wrong["wrong"] += result.pop("failed") + _tracebacks(logs)
        result |= {"runs": len(undisturbed), **wrong, "said": _said(words)}
    print(_table(result))
    write_json(options.json, result)
    if result["wrong"]:
        raise SystemExit(1)


def _swept(line: list[str], store: Path) -> dict[str, Path]:
    """The folders of the runs of an undisturbed sweep, by their identity."""
    done = subprocess.run([sys.executable, "-m", "patchcore_core", *line, "--runs", str(store)], check=True,
                          stdout=subprocess.PIPE)  # fmt: skip
    assert all(record["run"] for record in json.loads(done.stdout))
    return {run.identity: run.folder for run in RunStore(store).list()}


def _verdict(undisturbed: dict[str, Path], root: Path, seen: dict[str, str]) -> dict[str, Any]:
    """What is wrong with the disturbed sweep, each as a sentence; none should be."""
    store = RunStore(root)
    runs = store.list()
    finished = {run.identity: run for run in runs if run.status == "finished"}
    wrong = [f"{run.id} is {run.status}: {run.error}" for run in runs if run.status != "finished"]
    wrong += [f"there is no run like {folder.name}" for one, folder in undisturbed.items() if one not in finished]
    wrong += [f"{run.id} is not equal to the undisturbed one" for one, run in finished.items()
              if not same_runs(run.folder, undisturbed[one])]  # fmt: skip
    now = {run.id: run.updated_at for run in runs}
    wrong += [f"{name} was finished and computed again" for name, when in seen.items() if now.get(name) != when]
    wrong += [f"{count} runs are the same fit" for count in Counter(run.identity for run in runs).values() if count > 1]
    wrong += [f"process {pid} is left" for pid in workers(root)]
    left = [path for path in (root / ".jobs").iterdir() if path.name not in KEPT]
    left += [path for run in runs for path in run.folder.rglob("*") if re.match(r"\..*\.[0-9a-f]{8}", path.name)]
    wrong += [f"{path.relative_to(root)} is left" for path in left]
    wrong += [f"{job.run} is {job.state} in the queue" for job in queue.jobs_of(store) if job.state != "finished"]
    return {"finished": len(finished), "wrong": wrong}


def _tracebacks(files: list[Path]) -> list[str]:
    return [f"{path.name} has a traceback" for path in files
            if path.exists() and "Traceback" in path.read_text(errors="replace")]  # fmt: skip


def _said(words: Path) -> dict[str, list[str]]:
    """What each kind of process has said, once each, without what differs from one time to the next."""
    return {path.name: sorted({re.sub(r"/\S+/|\d{8}-\S+", "…", line) for line in path.read_text().splitlines()})
            for path in sorted(words.iterdir())}  # fmt: skip


def write_photos(folder: Path, images: int, seed: int = 0) -> None:
    """Photos of 64 pixels a side: so many good ones to learn from, half as many good and spotted ones to judge."""
    chance = np.random.default_rng(seed)
    for place, count in (("train/good", images), ("test/good", images // 2), ("test/spot", images // 2)):
        for number in range(count):
            photo = chance.integers(100, 130, (64, 64, 3), dtype=np.uint8)
            mask = np.zeros((64, 64), np.uint8)
            if place == "test/spot":
                photo[20:30, 20:30], mask[20:30, 20:30] = 250, 255
                _save(mask, folder / "ground_truth/spot" / f"{number}_mask.png")
            _save(photo, folder / place / f"{number}.png")


def _save(pixels: np.ndarray, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)


def _ratios(runs: int) -> str:
    return ",".join(f"{(number + 1) / (2 * runs):.4g}" for number in range(runs))


def _table(result: dict[str, Any]) -> str:
    happened = dict(sorted(result["happened"].items()))
    full = happened.pop("disk full", 0)
    killed = ", ".join(f"{name} {count}" for name, count in happened.items())
    return "\n".join([
        f"{result['finished']} of {result['runs']} runs finished after {sum(happened.values())} kills"
        f"{f' ({killed})' if killed else ''}{f' and {full} times a full disk' if full else ''} in "
        f"{result['seconds']:.0f} s; up to {result['workers']} workers at a time, jobs were begun {result['attempts']} "
        "times",
        *(result["wrong"] or ["equal to the undisturbed sweep to the bit; no process and no half file is left; nothing "
                              "was finished twice"]),
    ])  # fmt: skip


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks faults", description=__doc__)
    parser.add_argument("--runs", type=int, default=12, help="runs of each category (default: 12)")
    parser.add_argument("--kills", type=int, default=50, help="processes that are killed (default: 50)")
    parser.add_argument("--full", type=int, default=0, help="times that the disk is full; needs root (default: 0)")
    parser.add_argument("--workers", type=int, help=f"at most so many at a time (default: ${WORKERS})")
    parser.add_argument("--categories", type=int, choices=(1, 2), default=1, help="that are swept (default: 1)")
    parser.add_argument("--pause", type=float, default=2.0, help="longest between two of these, s (default: 2)")
    parser.add_argument("--images", type=int, default=100, help="good photos to learn from (default: 100)")
    parser.add_argument("--seed", type=int, default=0, help="of the moments and victims (default: 0)")
    parser.add_argument("--scratch", type=Path, help="folder for the stores (default: the system's)")
    add_json_option(parser)
    return parser
