"""What the default threshold of a stored run finds, recorded or counted."""

from __future__ import annotations

import json
import os

import pytest

from patchcore_core.config import PatchCoreConfig
from patchcore_core.data.dataset import load_dataset
from patchcore_core.fitting.fit import fit_run
from patchcore_core.runs.found import with_found
from tests.tiny import SIDE

NAMES = ("image_recall", "image_false_alarm_rate")


@pytest.fixture
def run(category, store, stand_in):  # noqa: ARG001
    return fit_run(load_dataset(category), PatchCoreConfig(image_size=SIDE, device="cpu"), store).run


def as_older(run, store):
    """The run as a version wrote it that knew nothing of what is found."""
    record = json.loads((run.folder / "run.json").read_text())
    del record["found"]
    for part in ("metrics", "intervals"):
        record[part] = {name: value for name, value in record[part].items() if name not in NAMES}
    (run.folder / "run.json").write_text(json.dumps(record))
    return store.get(run.id)


def test_an_older_run_is_counted_to_what_a_new_one_records(run, store):
    old = as_older(run, store)
    assert (old.found, old.metrics.get("image_recall")) == (None, None)
    counted = with_found(store, old)
    assert counted.found == run.found
    assert (run.found.method, run.found.defective, run.found.good) == ("heldout_p99", 3, 3)
    assert counted.metrics == run.metrics
    assert {name: counted.intervals[name] for name in NAMES} == {name: run.intervals[name] for name in NAMES}


def test_what_was_recorded_is_not_counted_again(run, store):
    os.remove(run.folder / "images.csv")
    assert with_found(store, run) is run


def test_an_older_run_whose_scores_cannot_be_read_stays_as_it_is(run, store):
    old = as_older(run, store)
    os.remove(run.folder / "images.csv")
    assert with_found(store, old) is old


def test_a_run_without_defects_records_that_none_were_there(category, store, stand_in):  # noqa: ARG001
    (category / "test" / "hole").rename(category / "elsewhere")
    (category / "ground_truth").rename(category.parent / "masks_elsewhere")
    (category / "elsewhere").rename(category.parent / "elsewhere")
    run = fit_run(load_dataset(category), PatchCoreConfig(image_size=SIDE, device="cpu"), store).run
    assert run.found.defective == 0
    assert run.reasons["image_recall"] == "there is no defective image"
    assert json.loads((run.folder / "run.json").read_text())["metrics"]["image_recall"] is None
