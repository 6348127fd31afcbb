"""The neighbour map of a memory bank in a process of its own: it takes the processor for seconds to minutes, and would
hold up every visitor of a server."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np

from patchcore_core.errors import StoreError
from patchcore_core.jobs.jobs import run_module
from patchcore_core.progress import Progress, silent
from patchcore_core.runs.presence import refuse_changes

MODULE = "patchcore_core.model.evidence.bank_map"
STAGE = "neighbour-map"  # its steps are seconds, of an unknown number


def neighbour_map(rows: np.ndarray, method: str, progress: Progress | None = None) -> np.ndarray:
    """Places (M, 2) float32 of rows (M, D) by a package of `bank_map.METHODS`; StoreError if it fails."""
    refuse_changes("no process can be started for a map")
    report = progress or silent
    report(STAGE, 0, 0)
    with tempfile.TemporaryDirectory(prefix="patchcore-map-") as folder:
        given, made = Path(folder) / "rows.npy", Path(folder) / "places.npy"
        try:
            np.save(given, rows, allow_pickle=False)
        except OSError as error:
            raise StoreError(f"{folder}: the rows cannot be handed to the process ({error.strerror})") from error
        run_module(MODULE, [str(given), str(made), method], lambda seconds: report(STAGE, int(seconds), 0))
        places: np.ndarray = np.load(made, allow_pickle=False)
    if places.shape != (len(rows), 2) or not np.isfinite(places).all():
        raise StoreError(f"{method} gave no places for {len(rows)} rows, but {places.shape}")
    return places
