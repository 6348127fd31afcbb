"""The thresholds that reviewers chose for a run, with author and time, beside the verdicts.

Append-only, as verdicts are: the newest entry of a run counts, one without any threshold goes back to the run's own
(held-out) thresholds, and undo adds the previous entry again.
"""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from patchcore_core.checked import moment
from patchcore_core.errors import ConfigError, StoreError
from patchcore_core.reviews import verdict_file
from patchcore_core.reviews.words import checked
from patchcore_core.runs.files import cause
from patchcore_core.runs.folder import now

CHOSEN = "chosen"  # names the origin of such a threshold, beside the names of a run's own
_WHAT = "chosen thresholds"


@dataclass(frozen=True)
class ChosenThresholds:
    """Thresholds of images and pixels and where the review zone starts, in scores; None for the run's own, or no zone.

    `chosen_at` is ISO time in UTC; `id` grows with every entry of the store, 0 where nobody has chosen.
    """

    id: int = 0
    run: str = ""
    image: float | None = None
    pixel: float | None = None
    review_from: float | None = None
    author: str | None = None
    chosen_at: str | None = None

    @property
    def any(self) -> bool:
        """Whether a threshold is chosen."""
        return (self.image, self.pixel, self.review_from) != (None, None, None)

    @property
    def by(self) -> str:
        """`chosen by Ann on 2026-11-29`, "" where nothing is chosen."""
        return f"chosen by {self.author} on {(self.chosen_at or '')[:10]}" if self.any else ""


_NAMES = [field.name for field in fields(ChosenThresholds)]
_VALUES = ("image", "pixel", "review_from")
_COLUMNS = ", ".join(_NAMES)
_NEWEST = f"SELECT {_COLUMNS} FROM thresholds WHERE id IN (SELECT max(id) FROM thresholds GROUP BY run)"
_OF_RUN = f"SELECT {_COLUMNS} FROM thresholds WHERE run = ? ORDER BY id"


class ChosenThresholdsOf:
    """The chosen thresholds of the runs of the store in `root`. Safe for concurrent threads and processes.

    Every method raises StoreError with one sentence if the file cannot be read or written, as `Verdicts` does. Reading
    an empty store writes nothing.
    """

    def __init__(self, root: Path | str) -> None:
        self.root = Path(root)

    def current(self, run: str) -> ChosenThresholds:
        """The newest entry of a run; all None where nobody has chosen."""
        return next(iter(reversed(self.history(run))), ChosenThresholds(run=run))

    def all(self) -> dict[str, ChosenThresholds]:
        """The newest entry of each run for which somebody has chosen."""
        with verdict_file.reading(self.root, _WHAT) as connection:
            if connection is None:
                return {}
            return {entry.run: entry for entry in (_entry(row) for row in connection.execute(_NEWEST).fetchall())}

    def history(self, run: str) -> tuple[ChosenThresholds, ...]:
        """All entries of a run, oldest first, including those that go back to its own thresholds."""
        with verdict_file.reading(self.root, _WHAT) as connection:
            return () if connection is None else _entries(connection, run)

    def use(
        self, run: str, author: str, image: float | None = None, pixel: float | None = None,
        review_from: float | None = None,
    ) -> ChosenThresholds:
        """Store these thresholds for the run; one of None is the run's own.

        ConfigError without an author, for numbers that are not finite, and for a review zone that does not start below
        the image threshold given here.
        """
        values = {"image": image, "pixel": pixel, "review_from": review_from}
        for name, value in values.items():
            if value is not None and not math.isfinite(value):
                raise ConfigError(f"the chosen {name} must be a finite number, got {value}")
        if image is not None and review_from is not None and not review_from < image:
            raise ConfigError(f"the review zone must start below the image threshold {image:g}, got {review_from:g}")
        numbers: dict[str, Any] = {name: None if value is None else float(value) for name, value in values.items()}
        return self._add(ChosenThresholds(run=run, author=checked("author", author), **numbers))

    def back_to_held_out(self, run: str, author: str) -> ChosenThresholds:
        """Go back to the run's own thresholds, and return the entry that says so."""
        return self.use(run, author)

    def undo(self, entry: ChosenThresholds, author: str) -> ChosenThresholds:
        """Restore the thresholds before `entry`. StoreError if somebody has chosen others since."""
        before = [other for other in self.history(entry.run) if other.id < entry.id]
        values: dict[str, Any] = {name: getattr(before[-1], name) if before else None for name in _VALUES}
        return self._add(replace(entry, author=checked("author", author), **values), after=entry.id)

    def _add(self, chosen: ChosenThresholds, after: int | None = None) -> ChosenThresholds:
        """Add the entry; `after`: the id that must still be the newest of its run."""
        added = replace(chosen, chosen_at=now())
        with verdict_file.writing(self.root, _WHAT) as connection:
            newest = connection.execute("SELECT max(id) FROM thresholds WHERE run = ?", (chosen.run,)).fetchone()[0]
            if after is not None and newest != after:
                raise StoreError(f"somebody has chosen other thresholds of run {chosen.run} since; look at them again")
            values = [getattr(added, name) for name in _NAMES[1:]]
            row = connection.execute(f"INSERT INTO thresholds ({_COLUMNS}) VALUES (NULL, ?, ?, ?, ?, ?, ?)", values)
            return replace(added, id=int(row.lastrowid or 0))


def _entries(connection: sqlite3.Connection, run: str) -> tuple[ChosenThresholds, ...]:
    return tuple(_entry(row) for row in connection.execute(_OF_RUN, (run,)).fetchall())


def _entry(row: Sequence[Any]) -> ChosenThresholds:
    """The entry of a row; DamagedEntryError for an invalid one."""
    values = dict(zip(_NAMES, row, strict=True))
    kinds = {name: int if name == "id" else str for name in _NAMES if name not in _VALUES}
    verdict_file.values_of([values[name] for name in kinds], kinds)
    for name in _VALUES:
        if values[name] is not None and not (isinstance(values[name], float) and math.isfinite(values[name])):
            raise verdict_file.DamagedEntryError(f"entry {row[0]} is damaged: {name} is no number")
    try:
        moment(values["chosen_at"], "chosen_at")
    except ValueError as error:
        raise verdict_file.DamagedEntryError(f"entry {row[0]} is damaged: {cause(error)}") from error
    return ChosenThresholds(**values)
