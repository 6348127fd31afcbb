"""Keep the figures of a run and drop its anomaly maps, which take most of its disk.

What is computed from maps for each image at any threshold, the map summary, is computed first and kept. Nothing else
can be got from maps that are gone but by another fit; pages say so where a map would be.
"""

from __future__ import annotations

from patchcore_core.data.masks import read_truth
from patchcore_core.errors import StoreError
from patchcore_core.runs.files import writing
from patchcore_core.runs.folder import MAPS
from patchcore_core.runs.map_summaries import ReadTruth, keep_summary, map_summary
from patchcore_core.runs.presence import refuse_changes
from patchcore_core.runs.record import Run
from patchcore_core.runs.store import RunStore
from patchcore_core.runs.writer import RunWriter


def drop_maps(store: RunStore, run_id: str, read: ReadTruth = read_truth) -> Run:
    """Remove the anomaly maps of a finished run; its record says so, with their bytes. One without maps is unchanged.

    read: of masks, for the summary, where it is not there yet; a mask that cannot be read counts as unknown from now
    on. StoreError for a run that is not finished, and where something cannot be read or written.
    """
    refuse_changes("no anomaly maps can be removed")
    run = store.get(run_id)
    if run.status != "finished":
        raise StoreError(f"run {run_id} is {run.status}: only a finished run has anomaly maps to remove")
    if MAPS not in run.dropped:
        keep_summary(run.folder, map_summary(store, run, read))
    with store.locked():
        run = store.get(run_id)
        if run.status != "finished":
            raise StoreError(f"run {run_id} is {run.status} by now: {run.error}")
        maps = run.folder / MAPS
        with writing(maps):
            if MAPS not in run.dropped:  # first the record: a run whose maps are dropped and still there is not damaged
                RunWriter(store.root, run).update(dropped={**run.dropped, MAPS: maps.stat().st_size})
            maps.unlink(missing_ok=True)
    return store.get(run_id)
