"""What kills the processes of a sweep at random moments, and fills its disk."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from collections import Counter
from contextlib import suppress
from itertools import chain
from pathlib import Path
from typing import Any

import psutil

from benchmarks.harness.small_disk import Filler
from patchcore_core.errors import StoreError
from patchcore_core.jobs import queue
from patchcore_core.jobs.job import FAILED
from patchcore_core.runs.store import RunStore

STARTER = (
    "import sys, time; from patchcore_core.jobs.starter import Starter; from patchcore_core.runs.store import RunStore;"
    "Starter(lambda: RunStore(sys.argv[1]), every=0.5); time.sleep(10 ** 6)"
)
ALL_AT_ONCE = 0.1  # of the kills are of all processes
LONGEST = 1800.0  # seconds
WEIGHTS = {"terminal": 1, "starter": 1, "worker": 4}  # a worker is there for less of the time
VICTIMS = ("terminal", "starter", "worker")
LEFT = (0, 2**12, 2**16, 2**18)  # bytes that a full disk has left, in turns
FULL_FOR = 2.0  # seconds, at most
AWAITED = 6.0  # seconds, at most, for a fit that is computed
FIT = 0.4  # seconds; one of these photos takes about so long
AGAIN = 0.05  # seconds until what was given back meanwhile is taken, too


class Chaos:
    """A sweep by this command `line` into the store in `root`; `kills` times one of its processes is killed, or all
    are, with pauses of up to `pause` seconds, and `full` times the disk is full for a while.

    What its processes say goes to files in `words`.
    """

    def __init__(
        self, root: Path, words: Path, line: list[str], kills: int, full: int, pause: float, seed: int
    ) -> None:
        self.store, self.words, self.line, self.pause = RunStore(root), words, line, pause
        self.chance = random.Random(seed)
        self.left = {"kill": kills, "full": full}
        self.happened, self.seen = Counter[str](), dict[str, str]()
        self.most = 0  # workers that were seen at a time
        self.failed = set[str]()  # jobs, and why: none should
        self.own: dict[str, subprocess.Popen[bytes]] = {}

    def survive(self) -> dict[str, Any]:
        """Kill, start again, and wait for the end: how often each happened, the seconds, and what was seen."""
        began = time.monotonic()
        while not self._done() and time.monotonic() - began < LONGEST:
            self._keep_two()
            time.sleep(self.chance.uniform(0, self.pause))
            self._look()
            if kinds := [kind for kind, left in self.left.items() if left]:
                kind = self.chance.choices(kinds, [self.left[kind] for kind in kinds])[0]
                self.left[kind] -= self._kill() if kind == "kill" else self._fill()
        self._end()
        attempts = sum(job.attempts for job in queue.jobs_of(self.store))
        return {"happened": dict(self.happened), "seconds": time.monotonic() - began, "attempts": attempts,
                "workers": self.most, "seen": self.seen, "failed": sorted(self.failed)}  # fmt: skip

    def _done(self) -> bool:
        terminal = self.own.get("terminal")
        return terminal is not None and terminal.poll() == 0

    def _keep_two(self) -> None:
        package = [sys.executable, "-m", "patchcore_core", *self.line, "--runs", str(self.store.root)]
        lines = {"terminal": package, "starter": [sys.executable, "-c", STARTER, str(self.store.root)]}
        for name, line in lines.items():
            if name not in self.own or self.own[name].poll() is not None:
                with (self.words / name).open("ab") as words:
                    self.own[name] = subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=words)

    def _look(self) -> None:
        """Note when each run was finished: a run that is computed twice is there with two times, or twice."""
        for path in self.store.root.glob("*-*-*/run.json"):
            record = json.loads(path.read_text())
            self.seen.setdefault(path.parent.name, record["updated_at"])
        self.most = max(self.most, len(workers(self.store.root)))
        with suppress(StoreError):  # of a full disk
            jobs = queue.jobs_of(self.store)
            self.failed |= {f"{job.run} failed: {job.error}" for job in jobs if job.state == FAILED}

    def _kill(self) -> bool:
        """Whether something was there to be killed."""
        victims = {name: [one.pid for one in [self.own[name]] if one.poll() is None] for name in VICTIMS[:2]}
        victims["worker"] = workers(self.store.root)
        if self.chance.random() < ALL_AT_ONCE:
            for pid in chain.from_iterable(victims.values()):
                _kill_9(pid)
            self.happened["all at once"] += 1
            return True
        there = [name for name in VICTIMS if victims[name]]
        if not there:  # all were killed a moment ago
            return False
        name = self.chance.choices(there, [WEIGHTS[name] for name in there])[0]
        _kill_9(self.chance.choice(victims[name]))
        self.happened[name] += 1
        return True

    def _fill(self) -> bool:
        """Have the disk full for a while, half of the times from a moment when a run is computed; then somebody resumes
        what is paused."""
        if self.chance.random() < 0.5:
            self._await_work()
        filler, ends = Filler(self.store.root.parent), time.monotonic() + self.chance.uniform(0, FULL_FOR)
        left = LEFT[self.happened["disk full"] % len(LEFT)]
        try:
            while time.monotonic() < ends:
                filler.fill(left)
                time.sleep(AGAIN)
        finally:
            filler.remove()
        self._resume()
        self.happened["disk full"] += 1
        return True

    def _await_work(self) -> None:
        """Wait, for a while, until a fit writes how far it is; then a little longer."""
        known, ends = self._written(), time.monotonic() + AWAITED
        while self._written() <= known and time.monotonic() < ends:
            time.sleep(0.002)
        time.sleep(self.chance.uniform(0, FIT))

    def _written(self) -> int:
        """When a fit has last written how far it is."""
        found = [0]
        for path in self.store.root.glob(".jobs/*/progress.json"):
            with suppress(OSError):  # it is done
                found.append(path.stat().st_mtime_ns)
        return max(found)

    def _resume(self) -> None:
        resume = [sys.executable, "-m", "patchcore_core", "queue", "resume", "--all", "--runs", str(self.store.root)]
        with (self.words / "resume").open("ab") as words:
            subprocess.run(resume, stdout=subprocess.DEVNULL, stderr=words, check=False)

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
