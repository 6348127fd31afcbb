"""A sweep whose processes are killed at random moments, against the same sweep undisturbed.

`sweep` runs in a terminal's process, workers are started by it and by what a dashboard starts them with; each of these
is killed with SIGKILL, one at a time or all at once as when a computer loses power, and the first two are started
again. In the end every run must be there once, equal to the undisturbed one to the bit, computed to its end only once,
with no process and no half-written file left.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from PIL import Image

from benchmarks.harness.figures import write_json
from benchmarks.harness.material import add_json_option
from benchmarks.harness.same_runs import same_runs
from patchcore_core.jobs import queue
from patchcore_core.runs.store import RunStore

SETTINGS = ("--image-size", "64", "--layers", "blocks.2", "--device", "cpu")
STARTER = (
    "import sys, time; from patchcore_core.jobs.starter import Starter; from patchcore_core.runs.store import RunStore;"
    "Starter(lambda: RunStore(sys.argv[1]), every=0.5); time.sleep(10 ** 6)"
)
ALL_AT_ONCE = 0.1  # of the kills are of all processes
LONGEST = 1800.0  # seconds
KEPT = ("queue.sqlite", "queue.sqlite-wal", "queue.sqlite-shm", ".queue.lock", ".lock", "workers.log")
WEIGHTS = {"terminal": 1, "starter": 1, "worker": 4}  # a worker is there for less of the time
VICTIMS = ("terminal", "starter", "worker")


def main(arguments: list[str]) -> None:
    """Parse the options, kill, compare, print; write the JSON where `--json` says. Exits with 1 where something is not
    as it must be."""
    options = _parser().parse_args(arguments)
    with tempfile.TemporaryDirectory(dir=options.scratch) as folder:
        place = Path(folder)
        write_photos(place / "tile", options.images)
        line = ["sweep", str(place / "tile"), *SETTINGS, "--set", f"coreset_ratio={_ratios(options.runs)}", "--json"]
        undisturbed = _swept(line, place / "undisturbed")
        result = Chaos(place / "disturbed", line, options.kills, options.pause, options.seed).survive()
        result |= {"runs": len(undisturbed), **_verdict(undisturbed, place / "disturbed", result.pop("seen"))}
    print(_table(result))
    write_json(options.json, result)
    if result["wrong"]:
        raise SystemExit(1)


class Chaos:
    """A sweep into `store`, and what kills its processes `kills` times, with pauses of up to `pause` seconds."""

    def __init__(self, store: Path, line: list[str], kills: int, pause: float, seed: int) -> None:
        self.store, self.line, self.kills, self.pause = RunStore(store), line, kills, pause
        self.chance = random.Random(seed)
        self.killed, self.seen = Counter[str](), dict[str, str]()
        self.own: dict[str, subprocess.Popen[bytes]] = {}

    def survive(self) -> dict[str, Any]:
        """Kill, start again, and wait for the end: how often each was killed, the seconds, and what was seen."""
        began = time.monotonic()
        while not self._done():
            if time.monotonic() - began > LONGEST:
                break
            self._keep_two()
            time.sleep(self.chance.uniform(0, self.pause))
            self._look()
            if sum(self.killed.values()) < self.kills:
                self._kill()
        self._end()
        attempts = sum(job.attempts for job in queue.jobs_of(self.store))
        return {"killed": dict(self.killed), "seconds": time.monotonic() - began, "attempts": attempts,
                "seen": self.seen}  # fmt: skip

    def _done(self) -> bool:
        terminal = self.own.get("terminal")
        return terminal is not None and terminal.poll() == 0

    def _keep_two(self) -> None:
        package = [sys.executable, "-m", "patchcore_core", *self.line, "--runs", str(self.store.root)]
        lines = {"terminal": package, "starter": [sys.executable, "-c", STARTER, str(self.store.root)]}
        for name, line in lines.items():
            if name not in self.own or self.own[name].poll() is not None:
                self.own[name] = subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def _look(self) -> None:
        """Note when each run was finished: a run that is computed twice is there with two times, or twice."""
        for path in self.store.root.glob("*-*-*/run.json"):
            record = json.loads(path.read_text())
            self.seen.setdefault(path.parent.name, record["updated_at"])

    def _kill(self) -> None:
        victims = {name: [one.pid for one in [self.own[name]] if one.poll() is None] for name in VICTIMS[:2]}
        victims["worker"] = workers(self.store.root)
        if self.chance.random() < ALL_AT_ONCE:
            for pid in chain.from_iterable(victims.values()):
                _kill_9(pid)
            self.killed["all at once"] += 1
            return
        there = [name for name in VICTIMS if victims[name]]
        if not there:  # all were killed a moment ago
            return
        name = self.chance.choices(there, [WEIGHTS[name] for name in there])[0]
        _kill_9(self.chance.choice(victims[name]))
        self.killed[name] += 1

    def _end(self) -> None:
        self.own["starter"].kill()
        for process in self.own.values():
            process.wait()
        deadline = time.monotonic() + 10
        while workers(self.store.root) and time.monotonic() < deadline:
            time.sleep(0.1)
        self._look()


def workers(root: Path) -> list[int]:
    """The processes that compute for this store."""
    found = []
    for process in psutil.process_iter(["pid", "cmdline", "status"]):
        line = process.info["cmdline"] or []
        if "work" in line and str(root) in line and process.info["status"] != psutil.STATUS_ZOMBIE:
            found.append(process.info["pid"])
    return found


def _kill_9(pid: int) -> None:
    try:
        psutil.Process(pid).kill()
    except psutil.NoSuchProcess:
        return


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


def write_photos(folder: Path, images: int) -> None:
    """Photos of 64 pixels a side: so many good ones to learn from, half as many good and spotted ones to judge."""
    chance = np.random.default_rng(0)
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
    killed = ", ".join(f"{name} {count}" for name, count in sorted(result["killed"].items()))
    return "\n".join([
        f"{result['finished']} of {result['runs']} runs finished after {sum(result['killed'].values())} kills in "
        f"{result['seconds']:.0f} s ({killed}); jobs were begun {result['attempts']} times",
        *(result["wrong"] or ["equal to the undisturbed sweep to the bit; no process and no half file is left; nothing "
                              "was finished twice"]),
    ])  # fmt: skip


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks faults", description=__doc__)
    parser.add_argument("--runs", type=int, default=12, help="runs of the sweep (default: 12)")
    parser.add_argument("--kills", type=int, default=50, help="processes that are killed (default: 50)")
    parser.add_argument("--pause", type=float, default=3.0, help="longest pause between kills, seconds (default: 3)")
    parser.add_argument("--images", type=int, default=8, help="good photos to learn from (default: 8)")
    parser.add_argument("--seed", type=int, default=0, help="of the moments and victims (default: 0)")
    parser.add_argument("--scratch", type=Path, help="folder for the stores (default: the system's)")
    add_json_option(parser)
    return parser
