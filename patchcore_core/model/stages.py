"""Clock, progress, temporary files and memory of a fit."""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Self

from patchcore_core.data.scratch import Scratch
from patchcore_core.model.network.allocator import give_back_freed_memory
from patchcore_core.progress import Progress, Report, silent


class Stages:
    """The stages of a fit, one after the other: `begin` ends the one before, leaving the `with` block the last.

    `seconds` of each stage that has ended; `files`: temporary ones in one folder, removed with the block. A fit that
    uses them is limited in memory, so freed memory is returned to the system after each stage.
    """

    def __init__(self, progress: Progress | None = None, scratch: Path | str | None = None) -> None:
        """`progress` is called at each stage; `scratch`: the folder of the files, None = the system's."""
        self.files = Scratch(scratch)
        self.seconds: dict[str, float] = {}
        self._progress = progress or silent
        self._stage, self._began = "", 0.0

    def begin(self, stage: str, total: int = 0) -> None:
        """The next stage; `total` steps, 0 where their number is not known yet."""
        self._end(self.files.used)
        self._stage, self._began = stage, time.perf_counter()
        self._progress(stage, 0, total)

    def report(self, done: int, total: int) -> None:
        """How far the current stage is."""
        self._progress(self._stage, done, total)

    def parts(self, steps: Sequence[int]) -> list[Report]:
        """A report for each of several consecutive parts of the current stage, with these numbers of steps."""
        return [partial(self._report_among, sum(steps[:part]), sum(steps[part + 1 :])) for part in range(len(steps))]

    def _report_among(self, before: int, later: int, done: int, total: int) -> None:
        self.report(before + done, before + total + later)

    def _end(self, small: bool) -> None:
        if small:
            give_back_freed_memory()
        if self._stage:
            self.seconds[self._stage] = time.perf_counter() - self._began

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        used = self.files.used
        self.files.close()
        self._end(used)
