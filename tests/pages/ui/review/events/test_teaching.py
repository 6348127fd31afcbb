"""Teaching, as the workspace asks for it: what is refused, what is told of a trial, and what becomes of it."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from pages.ui.review.events import teaching
from pages.ui.review.events.entry import Entry, Refused
from patchcore_core.jobs import trials
from patchcore_core.reviews.verdicts import Photo, Verdicts
from patchcore_core.runs.store import RunStore
from tests.pages.ui.review.events.asking import HOLE, asked, number_of, question

GOOD = "test/good/000.png"


@pytest.fixture
def judge(run, store):
    """`judge(GOOD, "agree")`: a reviewer's verdict; the row of the image."""

    def give(name, verdict):
        images = store.images(run)
        number = number_of(run, images, name)
        row = images.iloc[number]
        photo = Photo(Path(row["path"]), int(row["label"]), row["defect_type"], "tile", row["sha256"])
        Verdicts(store.root).give(photo, verdict, "Ann")
        return number

    return give


@pytest.fixture
def begun(monkeypatch):
    """What trials.begin was asked for; the trial is not computed."""
    calls = []

    def begin(store: RunStore, run, photos, within):
        calls.append((run.id, photos, within))
        return dataclasses.replace(run, folder=store.trials.root / "x")

    monkeypatch.setattr(trials, "begin", begin)
    return calls


@pytest.fixture
def trial(run, store, make_run):
    """A finished trial of the run: a copy of it with the first good photo taught."""
    made = make_run(seed=1)
    folder = store.trials.root / made.id
    folder.parent.mkdir()
    (folder.parent / ".jobs").mkdir()
    made.folder.rename(folder)
    writer = trials.jobs.RunWriter(store.trials.root, store.trials.get(made.id))
    writer.update(parent=run.id, taught=(GOOD,), taught_scores={GOOD: (0.9, 0.1)}, thresholds={"f1_max": 0.2})
    return writer.run


def teach(run, *numbers):
    return teaching.teach(run, Entry.read({"kind": "teach", "with": {"numbers": list(numbers)}}, "Ann"))


@pytest.mark.parametrize(("name", "verdict"), [(GOOD, "agree"), (HOLE, "label_wrong")])
def test_a_photo_that_a_reviewer_calls_good_is_taught(run, judge, begun, name, verdict):
    assert teach(run, judge(name, verdict)) == {"words": "", "address": ""}
    ((of, photos, within),) = begun
    assert (of, photos) == (run.id, [str(Path(run.dataset) / name)])
    assert Path(run.dataset).parent in within


@pytest.mark.parametrize(("name", "verdict", "said"), [
    (GOOD, "unclear", "test/good/000.png: is labelled good and can be taught with the verdict 'label correct' only"),
    (HOLE, "agree", "test/hole/000.png: is labelled defective and can be taught with the verdict 'label wrong' only"),
    (HOLE, "mask_wrong", "with the verdict 'label wrong' only"),
])
def test_a_photo_that_nobody_calls_good_is_refused(run, judge, begun, name, verdict, said):
    with pytest.raises(Refused, match=said):
        teach(run, judge(name, verdict))
    assert begun == []


def test_a_photo_that_changed_or_lies_elsewhere_is_refused(run, judge, begun, monkeypatch, tmp_path):
    number, path = judge(GOOD, "agree"), Path(run.dataset) / GOOD
    kept = path.read_bytes()
    path.write_bytes((Path(run.dataset) / HOLE).read_bytes())
    with pytest.raises(Refused, match="has changed since the run"):
        teach(run, number)
    path.write_bytes(kept)
    monkeypatch.setenv("PATCHCORE_DATA", str(tmp_path / "elsewhere"))
    with pytest.raises(Exception, match="outside the folders"):
        teach(run, number)
    assert begun == []


def test_a_trial_is_told_with_what_it_changes(run, trial, desk):
    (told,) = question(desk, run, "trials")["trials"]
    assert (told["id"], told["state"], told["photos"]) == (trial.id, "ready", [GOOD])
    (change,) = told["changes"]["taught"]
    assert (change["id"], change["before"], change["after"]) == (GOOD, 0.9, 0.1)
    assert told["changes"]["rows"] == [40, 40]
    assert told["changes"]["threshold"][1] == 0.2
    assert told["changes"]["others"] == 9
    assert told["changes"]["figures"] == [[teaching.OF_OTHERS, *(f"{run.metrics['image_auroc']:.3f}",) * 2]]


def test_a_trial_is_kept_as_a_run_that_can_be_opened(run, trial, desk, store):
    answer = asked(desk, run, "teach_keep", "teach", **{"with": {"trial": trial.id}})
    assert answer == {"words": f"Kept as run {trial.id}, which goes on from this one.",
                      "address": f"/review?run={trial.id}"}
    assert {one.id for one in store.list()} == {run.id, trial.id}
    assert question(desk, run, "trials")["trials"] == []


def test_a_trial_is_discarded_and_then_gone(run, trial, desk, store):
    assert asked(desk, run, "teach_discard", "teach", **{"with": {"trial": trial.id}})["words"] == ""
    assert [one.id for one in store.list()] == [run.id]
    with pytest.raises(AssertionError, match="This trial is gone"):
        asked(desk, run, "teach_keep", "again", **{"with": {"trial": trial.id}})


def test_a_trial_of_another_run_is_none_of_this_one(trial, make_run, desk):
    other = make_run(seed=2)
    assert question(desk, other, "trials")["trials"] == []
    with pytest.raises(AssertionError, match="This trial is gone"):
        asked(desk, other, "teach_discard", "teach", **{"with": {"trial": trial.id}})


def test_a_trial_that_failed_says_why(run, trial, desk, store):
    (store.trials.root / trial.id).rename(store.trials.root / ".jobs" / trial.id)
    writer = trials.jobs.RunWriter(store.trials.root, store.trials.get(trial.id))
    writer.update(status="failed", error="/data/a.png: has changed", process=None)
    (told,) = question(desk, run, "trials")["trials"]
    assert (told["state"], told["words"]) == ("ended", "Nothing could be taught: /data/a.png: has changed")
    assert told["changes"] is None


def test_nothing_is_taught_kept_or_discarded_where_nothing_may_be_changed(run, judge, trial, desk, store, monkeypatch):
    number = judge(GOOD, "agree")
    monkeypatch.setenv("PATCHCORE_READ_ONLY", "1")
    assert question(desk, run, "trials")["locked"].startswith("No photo can be taught: this is a read-only")
    for kind, needs in (("teach", {"numbers": [number]}), ("teach_keep", {"trial": trial.id}),
                        ("teach_discard", {"trial": trial.id})):  # fmt: skip
        with pytest.raises(AssertionError, match="read-only installation"):
            asked(desk, run, kind, kind, **{"with": needs})
    assert [one.id for one in store.trials.list()] == [trial.id]
