"""The thresholds that reviewers chose for a run, with author and time, beside the verdicts.

Append-only, as verdicts are: the newest entry of a run counts, one without any threshold goes back to the run's own
(held-out) thresholds, and undo adds the previous entry again.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from patchcore_core.checked import moment
from patchcore_core.errors import ConfigError
from patchcore_core.reviews.verdict_file import DamagedEntryError, values_of
from patchcore_core.reviews.versions import Version, Versions
from patchcore_core.reviews.words import checked
from patchcore_core.runs.files import cause
from patchcore_core.runs.folder import now

CHOSEN = "chosen"  # names the origin of such a threshold, beside the names of a run's own


@dataclass(frozen=True)
class ChosenThresholds(Version):
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


class ChosenThresholdsOf:
    """The chosen thresholds of the runs of the store in `root`; errors and safety as in `Versions`."""

    def __init__(self, root: Path | str) -> None:
        self.root = Path(root)
        self._chosen = Versions(root, ChosenThresholds, "thresholds", "run", "chosen thresholds", _entry)

    def current(self, run: str) -> ChosenThresholds:
        """The newest entry of a run; all None where nobody has chosen."""
        return next(iter(reversed(self.history(run))), ChosenThresholds(run=run))

    def all(self) -> dict[str, ChosenThresholds]:
        """The newest entry of each run for which somebody has chosen."""
        return {entry.run: entry for entry in self._chosen.newest()}

    def history(self, run: str) -> tuple[ChosenThresholds, ...]:
        """All entries of a run, oldest first, including those that go back to its own thresholds."""
        return self._chosen.history(run)

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
        return self._chosen.add(ChosenThresholds(run=run, author=_author(author), chosen_at=now(), **numbers))

    def back_to_held_out(self, run: str, author: str) -> ChosenThresholds:
        """Go back to the run's own thresholds, and return the entry that says so."""
        return self.use(run, author)

    def undo(self, entry: ChosenThresholds, author: str) -> ChosenThresholds:
        """Restore the thresholds before `entry`. StoreError if somebody has chosen others since."""
        before = self._chosen.before(entry)
        values: dict[str, Any] = {name: getattr(before, name) if before else None for name in _VALUES}
        changed = f"somebody has chosen other thresholds of run {entry.run} since; look at them again"
        added = replace(entry, author=_author(author), chosen_at=now(), **values)
        return self._chosen.add(added, entry.id, changed)


def _author(author: str) -> str:
    return checked("author", author, "choice")


def _entry(row: Sequence[Any]) -> ChosenThresholds:
    """The entry of a row; DamagedEntryError for an invalid one."""
    values = dict(zip(_NAMES, row, strict=True))
    kinds = {name: int if name == "id" else str for name in _NAMES if name not in _VALUES}
    values_of([values[name] for name in kinds], kinds)
    for name in _VALUES:
        if values[name] is not None and not (isinstance(values[name], float) and math.isfinite(values[name])):
            raise DamagedEntryError(f"entry {row[0]} is damaged: {name} is no number")
    try:
        moment(values["chosen_at"], "chosen_at")
    except ValueError as error:
        raise DamagedEntryError(f"entry {row[0]} is damaged: {cause(error)}") from error
    return ChosenThresholds(**values)
