"""Time left: of a stage by its recent pace, of a whole run by comparable runs."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Mapping, Sequence

STAGES = ("network", "features", "coreset", "index", "held-out", "predict", "evaluate", "metrics",
          "writing")  # of a fit, in order
RECENT = 0.3  # fraction of the elapsed time of a stage whose pace counts, the last: without loading and first rounds
FIRST, LONG = 1.0, 15.0  # seconds of a stage before its pace means anything, and when it does whatever was done
FEW = 0.05  # share of a stage's steps before which its pace still is that of its beginning
SPACING = 0.05  # seconds between two reports that are kept


class TimeLeft:
    """Estimates the seconds left from progress reports.

    The pace of a stage is that of the last third of its time so far, so that a slow start is forgotten and a slowly
    changing pace, such as the coreset's, is followed. `expected` are the seconds per stage of comparable runs (see
    fitting/forecast.py), used while a pace is unknown.
    """

    def __init__(self, expected: Mapping[str, float] | None = None) -> None:
        self.expected = dict(expected or {})
        self.stage, self.began, self.left = "", 0.0, math.nan
        self._marks: deque[tuple[float, int]] = deque()  # (clock, done)

    def note(self, stage: str, done: int, total: int, clock: float) -> float:
        """Seconds left of the stage at `clock` (seconds, any zero), NaN while unknown."""
        if stage != self.stage or (self._marks and done < self._marks[-1][1]):
            self.stage, self.began = stage, clock
            self._marks.clear()
        marks, elapsed = self._marks, clock - self.began
        if not marks or (done > marks[-1][1] and clock - marks[-1][0] >= SPACING):
            marks.append((clock, done))
        while len(marks) > 2 and marks[1][0] <= clock - RECENT * elapsed:
            marks.popleft()
        self.left = self._by_pace(done, total, clock)
        if math.isnan(self.left) and self.expected.get(stage, 0.0) > elapsed:
            self.left = self.expected[stage] - elapsed
        return self.left

    def of_run(self) -> float:
        """Seconds left of the whole run at the last report, NaN if a later stage is unknown."""
        if self.stage not in STAGES or not self.expected:
            return math.nan
        later = STAGES[STAGES.index(self.stage) + 1 :]
        return self.left + math.fsum(self.expected.get(stage, 0.0) for stage in later)

    def _by_pace(self, done: int, total: int, clock: float) -> float:
        if total > 0 and done >= total:
            return 0.0
        first, before = self._marks[0]
        elapsed, early = clock - self.began, done < FEW * total
        if elapsed < (LONG if early else FIRST) or len(self._marks) < 3 or done <= before:
            return math.nan
        return (total - done) * (clock - first) / (done - before)


def left_of_several(
    done: Sequence[tuple[float, float]], waiting: Sequence[float], current: Sequence[float], at_once: int = 1
) -> float:
    """Seconds left of several runs, NaN while unknown.

    `done`: the seconds that were expected of each finished one, and those that it took; `waiting`: those expected of
    each that is still to come, NaN where unknown; `current`: those left of each that is computed now, `at_once` at a
    time. What is to come takes as much longer or shorter than expected as what is done did, and as long as that on
    average where nothing is expected.
    """
    expected = math.fsum(each for each, _ in done if each > 0)
    pace = math.fsum(took for each, took in done if each > 0) / expected if expected else 1.0
    mean = math.fsum(took for _, took in done) / len(done) if done else math.nan
    to_come = math.fsum(mean if math.isnan(each) else pace * each for each in waiting)
    return (to_come + math.fsum(current)) / max(1, at_once)


def rough(seconds: float) -> str:
    """An estimate with only meaningful precision: `20 s`, `3 min`, `1.5 h`; an em dash if unknown."""
    if math.isnan(seconds):
        return "—"
    if seconds < 90:
        return f"{max(5, 5 * round(seconds / 5))} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
