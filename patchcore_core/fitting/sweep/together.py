"""Queued fits one after the other, with what they have in common computed once. Importing this loads nothing heavy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from patchcore_core.progress import Progress
from patchcore_core.runs.record import Run
from patchcore_core.runs.store import RunStore
from patchcore_core.runs.writer import RunWriter

if TYPE_CHECKING:
    from patchcore_core.model.shared.shared import Shared


class Together:
    """Computes the fits that `runs` gives when the first of them is computed, or a single one where it gives none;
    `within` as in load_dataset."""

    def __init__(
        self, store: RunStore, runs: Callable[[], Sequence[Run]], within: Sequence[Path | str] | None = None
    ) -> None:
        self._store, self._runs, self._within = store, runs, within
        self._shared: Shared | None = None

    def compute(self, writer: RunWriter, progress: Progress | None = None) -> Run:
        """As fitting.fit.compute_queued. The networks of a sweep run before the first fit, once for all layers."""
        from patchcore_core.fitting.fit import compute_queued  # loads numpy, pandas and the rest
        from patchcore_core.fitting.sweep.planned import shared_by

        if self._shared is None and (runs := self._runs()):
            self._shared = shared_by(runs, self._store, self._within, writer.progress)
        return compute_queued(writer, progress, self._within, self._shared)
