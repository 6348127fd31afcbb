"""Two ways of doing the same work, each in a process of its own, taking turns.

A process each, because how memory is allocated is a property of the process and part of what is compared.
"""

from __future__ import annotations

import multiprocessing
import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

Stages = dict[str, float]  # CPU seconds
TURN = 0.1  # CPU seconds that a turn takes at least: short work is repeated
Work = Callable[[], tuple[Stages, np.ndarray]]


class Laps:
    """CPU seconds of this process from lap to lap."""

    def __init__(self) -> None:
        self.stages: Stages = {}
        self._last = time.process_time()

    def __call__(self, stage: str) -> None:
        now = time.process_time()
        self.stages[stage] = now - self._last
        self._last = now


class Contender:
    """`build(settings)` in a new process gives the work."""

    def __init__(self, build: Callable[[dict[str, Any]], Work], settings: dict[str, Any]) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, build, settings), daemon=True)
        self._process.start()
        theirs.close()

    def turn(self) -> Stages:
        """Do the work once, or as often as fits in `TURN`; the mean CPU seconds per stage."""
        self._pipe.send("turn")
        stages: Stages = self._pipe.recv()
        return stages

    def found(self) -> np.ndarray:
        """What the work finds."""
        self._pipe.send("found")
        array: np.ndarray = self._pipe.recv()
        return array

    def close(self) -> None:
        """End the process."""
        self._pipe.close()
        self._process.join()


def _serve(pipe: Any, build: Callable[[dict[str, Any]], Work], settings: dict[str, Any]) -> None:
    torch.set_num_threads(settings["threads"])
    work = build(settings)
    try:
        while request := pipe.recv():
            if request == "found":
                pipe.send(work()[1])
            else:
                pipe.send(_turn(work))
    except EOFError:  # the other side has closed its end: the contest is over
        return


def _turn(work: Work) -> Stages:
    started, times = time.process_time(), [work()[0]]
    while time.process_time() - started < TURN:
        times.append(work()[0])
    return {stage: statistics.mean(each[stage] for each in times) for stage in times[0]}


def contest(
    plain: Callable[[dict[str, Any]], Work], ours: Callable[[dict[str, Any]], Work], settings: dict[str, Any]
) -> dict[str, Any]:
    """Median, least and most CPU milliseconds per stage of both ways, and the largest difference of their results.

    `settings` has at least `threads` and `repeats`, and goes to both builders. The first turn warms up.
    """
    contenders = {"plain": Contender(plain, settings), "ours": Contender(ours, settings)}
    turns: dict[str, list[Stages]] = {"plain": [], "ours": []}
    found = {name: contender.found() for name, contender in contenders.items()}
    for turn in range(settings["repeats"] + 1):
        for name, contender in contenders.items():
            stages = contender.turn()
            if turn > 0:
                turns[name].append(stages | {"whole": stages.get("whole", sum(stages.values()))})
    for contender in contenders.values():
        contender.close()
    difference = float(np.abs(found["ours"] - found["plain"]).max() / np.abs(found["plain"]).max())
    return {"settings": settings, "largest_difference": difference,
            "ways": {name: _spread(stages) for name, stages in turns.items()}}  # fmt: skip


def _spread(turns: list[Stages]) -> dict[str, dict[str, float]]:
    milliseconds = {stage: [1000 * turn[stage] for turn in turns] for stage in turns[0]}
    return {
        stage: {"median": statistics.median(values), "least": min(values), "most": max(values)}
        for stage, values in milliseconds.items()
    }


def table(title: str, result: dict[str, Any]) -> str:
    """The result for people: one line per stage, CPU milliseconds, and plain over ours."""
    plain, ours = result["ways"]["plain"], result["ways"]["ours"]
    lines = [title, f"{'CPU ms':<14}{'plain':>10}{'(least-most)':>20}{'ours':>10}{'(least-most)':>20}{'ratio':>9}"]
    for stage, mine in ours.items():
        ratio = plain[stage]["median"] / max(mine["median"], 1e-6)
        lines.append(f"{stage:<14}{_cells(plain[stage])}{_cells(mine)}{ratio:>8.1f}x")
    return "\n".join([*lines, f"Largest difference of the results: {result['largest_difference']:.1e} of the largest."])


def _cells(spread: dict[str, float]) -> str:
    limits = f"({spread['least']:.2f}-{spread['most']:.2f})"
    return f"{spread['median']:>10.2f}{limits:>20}"
