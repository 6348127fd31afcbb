"""The runs of a store, asked for again and again: a record is parsed once for each state of its file."""

from __future__ import annotations

from pathlib import Path

from patchcore_core.runs.files import reading
from patchcore_core.runs.folder import RECORD, read_record, read_run
from patchcore_core.runs.listing import list_runs
from patchcore_core.runs.record import Run

State = tuple[int, int, int]


class RunIndex:
    """Lists runs as RunStore.list does, statuses and damaged files included. Safe for concurrent threads."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._known: dict[Path, tuple[State, tuple[Run, dict[str, int]]]] = {}

    def list(self) -> tuple[Run, ...]:
        """All runs, newest first; StoreError as of RunStore.list."""
        found = list_runs(self.root, lambda folder: read_run(folder, self._recorded))
        listed = {run.folder for run in found}
        for folder in [folder for folder in tuple(self._known) if folder not in listed]:
            self._known.pop(folder, None)
        return found

    def _recorded(self, folder: Path) -> tuple[Run, dict[str, int]]:
        path = folder / RECORD
        with reading(path):
            status = path.stat()
        state = status.st_mtime_ns, status.st_size, status.st_ino  # a record is replaced, never written in place
        known = self._known.get(folder)
        if known is None or known[0] != state:
            known = self._known[folder] = state, read_record(folder)
        return known[1]
