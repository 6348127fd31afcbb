"""Runs whose anomaly maps were dropped: figures as before, less disk, and a sentence where a map is asked for."""

from __future__ import annotations

import numpy as np
import pytest

from patchcore_core.errors import MapsDroppedError, ReadOnlyError, StoreError
from patchcore_core.runs.folder import MAPS, damaged
from patchcore_core.runs.keeping.disk import store_disk
from patchcore_core.runs.keeping.dropped import drop_maps
from patchcore_core.runs.map_summaries import map_summary
from patchcore_core.runs.writer import RunWriter


def test_figures_and_summaries_stay_and_the_disk_is_free(store, draft, finish):
    run = finish(store.begin(draft()), metrics={"image_auroc": 0.5})
    images, summary, bytes_of_maps = store.images(run), map_summary(store, run), (run.folder / MAPS).stat().st_size
    before = store_disk(store.root)
    less = drop_maps(store, run.id)
    assert not damaged(less)
    assert less == store.get(run.id)
    assert (less.status, less.metrics, less.dropped) == ("finished", {"image_auroc": 0.5}, {MAPS: bytes_of_maps})
    assert (before.maps, store_disk(store.root).maps) == (bytes_of_maps, 0)
    assert store.images(less).equals(images)
    assert store.curves(less).image.tp.tolist() == [0, 1, 2, 3, 4]
    assert store.map_type(less) == np.float16
    again = map_summary(store, less)
    np.testing.assert_array_equal(again.peak, summary.peak)
    np.testing.assert_array_equal(again.rest, summary.rest)
    with pytest.raises(MapsDroppedError, match=r"anomaly_maps\.npy: the anomaly maps of this run were removed"):
        store.anomaly_maps(less)
    assert drop_maps(store, run.id) == less


def test_a_process_killed_between_record_and_file_leaves_no_damage(store, draft, finish):
    run = finish(store.begin(draft()))
    map_summary(store, run)
    RunWriter(store.root, run).update(dropped={MAPS: (run.folder / MAPS).stat().st_size})
    half = store.get(run.id)
    assert half.status == "finished"
    assert not (drop_maps(store, run.id).folder / MAPS).exists()


def test_only_a_finished_run_of_a_store_that_can_be_changed(store, draft, finish, monkeypatch):
    writer = store.begin(draft(identity="a"))
    with pytest.raises(StoreError, match="is running: only a finished run"):
        drop_maps(store, writer.run.id)
    run = finish(writer)
    monkeypatch.setenv("PATCHCORE_READ_ONLY", "1")
    with pytest.raises(ReadOnlyError):
        drop_maps(store, run.id)
    assert (run.folder / MAPS).exists()
