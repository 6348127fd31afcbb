"""Teaching with the real network: what changes, and what stays."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np
import pytest
from PIL import Image, ImageDraw

from patchcore_core.data.dataset import load_dataset
from patchcore_core.data.samples import Sample
from patchcore_core.errors import ConfigError, DataError
from patchcore_core.fitting.draft import begin_fit
from patchcore_core.fitting.fit import compute_queued, fit_run
from patchcore_core.fitting.taught import taught_dataset
from patchcore_core.fitting.teach import changes, teach
from patchcore_core.model.methods import load_detector
from tests.made_runs import CONFIG
from tests.tiny import write_category

REAL = dataclasses.replace(CONFIG, layers=("blocks.2",), coreset_ratio=0.2)
ODD = "test/good/001.png"  # a good photo with a dark line, as no training photo has


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = write_category(tmp_path_factory.mktemp("teach") / "plate", train=12, good=4)
    for name in (ODD, "test/good/002.png"):
        photo = Image.open(folder / name)
        ImageDraw.Draw(photo).line([(8, 8), (56, 20)], fill=(60, 60, 60), width=3)
        photo.save(folder / name)
    return folder


def own(*runs):
    return tuple(each.thresholds["heldout_p99"] for each in runs)


@pytest.fixture
def run(store, place):
    return fit_run(load_dataset(place), REAL, store).run


def test_a_false_alarm_that_is_taught_is_one_no_more_and_the_run_stays(run, store, place):
    files = {path: path.read_bytes() for path in run.folder.rglob("*") if path.is_file()}
    done = teach(run, [ODD], store)
    after = done.run
    assert (done.reused, after.parent, after.taught, after.status) == (False, run.id, (ODD,), "finished")
    assert (after.counts.train, after.counts.test_good) == (13, 3)
    assert {path: path.read_bytes() for path in run.folder.rglob("*") if path.is_file()} == files
    told = changes(run, after, store, own(run, after))
    (taught,) = told.taught
    assert (taught.path, taught.outcome_before, taught.outcome) == (str(place / ODD), "FP", "TN")
    assert taught.score < taught.score_before == store.images(run).set_index("path").at[taught.path, "image_score"]
    assert (told.rows_before, told.rows) == (run.bank["rows"], after.bank["rows"])
    assert told.rows_before < told.rows
    assert told.others == 6
    assert told.image_auroc == after.metrics["image_auroc"]
    kept = [store.images(run).set_index("path").loc[path] for path in store.images(after)["path"]]
    pairs = [(good.image_score, bad.image_score) for good in kept for bad in kept if good.label < bad.label]
    assert told.image_auroc_before == pytest.approx(sum(low < high for low, high in pairs) / len(pairs))
    assert after.metrics["image_auroc"] == 1.0
    again = teach(run, [str(place / ODD)], store)
    assert (again.reused, again.run.id) == (True, after.id)


def test_scores_can_only_fall_and_those_of_a_model_with_all_rows_are_the_same(run, store):
    after = teach(run, [ODD], store).run
    samples = load_dataset(run.dataset).test
    was, now = (load_detector(store.bank_folder(each)).score(samples) for each in (run, after))
    assert (now.image_scores <= was.image_scores).all()
    kept = store.images(after).set_index("path")["image_score"]
    for sample, score in zip(now.samples, now.image_scores, strict=True):
        if sample.path.as_posix().endswith(ODD):
            assert str(sample.path) not in kept.index
        else:
            assert kept[str(sample.path)] == score


def test_teaching_goes_on_from_what_was_taught(run, store):
    first = teach(run, [ODD], store).run
    second = teach(first, ["test/good/002.png"], store).run
    assert (second.parent, second.taught) == (first.id, (ODD, "test/good/002.png"))
    rows = [load_detector(store.bank_folder(one)).bank.patches for one in (run, first, second)]
    for fewer, more in itertools.pairwise(rows):
        np.testing.assert_array_equal(more[: len(fewer)], fewer)


def test_a_photo_from_elsewhere_can_be_taught(run, store, place, tmp_path):
    path = tmp_path / "new.png"
    path.write_bytes((place / ODD).read_bytes())
    after = teach(run, [path], store).run
    assert after.taught == (str(path),)
    assert after.counts.test_good == 4
    assert len(changes(run, after, store, own(run, after)).taught) == 1


def test_outcomes_are_those_at_the_thresholds_of_both(run, store):
    told = changes(run, teach(run, [ODD], store).run, store, (15.0, 15.0))
    assert (told.threshold_before, told.threshold) == (15.0, 15.0)
    (twin,) = told.flips  # with a line like the one that was taught
    assert (twin.path.rsplit("/", 1)[-1], twin.outcome_before, twin.outcome) == ("002.png", "FP", "TN")


def test_a_defective_photo_is_taught_with_a_warning(run):
    (said,) = taught_dataset(run, ["test/hole/000.png"]).warnings
    assert said.endswith("test/hole/000.png: taught as a good photo, but its label is hole")


@pytest.mark.parametrize(("photo", "said"), [
    ("train/good/000.png", "train/good/000.png: is a training photo already"),
    ("test/good/009.png", "test/good/009.png: there is no such photo to teach"),
])
def test_what_cannot_be_taught_is_said(run, store, photo, said):
    with pytest.raises(DataError, match=said):
        teach(run, [photo], store)
    with pytest.raises(DataError, match="name at least one photo"):
        teach(run, [], store)


def test_a_queued_job_teaches_too(run, store):
    writer = begin_fit(taught_dataset(run, [ODD]), run.config, store, status="queued", parent=run)
    after = compute_queued(store.writer(writer.run.id))
    assert (after.status, after.parent, after.taught) == ("finished", run.id, (ODD,))


def test_the_scores_of_taught_photos_are_recorded_and_known_of_older_runs_too(run, store, place):
    first = teach(run, [ODD], store).run
    second = teach(first, ["test/good/002.png"], store).run
    sample = Sample(place / "test/good/002.png", "train", 0, "good")
    expected = tuple(float(load_detector(store.bank_folder(one)).score([sample]).image_scores[0])
                     for one in (first, second))  # fmt: skip
    assert second.taught_scores == {"test/good/002.png": expected}
    older = dataclasses.replace(second, taught_scores={})
    assert changes(first, older, store, own(first, older)) == changes(first, second, store, own(first, second))


def test_what_cannot_be_read_or_is_of_a_newer_version_is_refused_before_a_run_is_made(run, store, tmp_path):
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"no photo")
    with pytest.raises(DataError, match=r"broken\.png"):
        teach(run, [broken], store)
    with pytest.raises(ConfigError, match="newer version"):
        teach(dataclasses.replace(run, unknown_settings={"engine2": 1}), [ODD], store)
    assert store.list() == (run,)


def test_training_photos_that_changed_are_refused_before_anything_is_computed(run, store, place, monkeypatch):
    path = place / "train/good/003.png"
    kept = path.read_bytes()
    path.write_bytes((place / "train/good/004.png").read_bytes())
    monkeypatch.setattr("patchcore_core.fitting.teach.fit_run", None)
    try:
        with pytest.raises(DataError, match=r"train/good/003\.png: has changed"):
            teach(run, [ODD], store)
    finally:
        path.write_bytes(kept)


def test_a_taught_photo_that_is_odd_is_called_taught(store, tmp_path):
    place = write_category(tmp_path / "plate", train=12, good=2)
    photo = Image.open(place / "test/good/001.png")
    ImageDraw.Draw(photo).rectangle((8, 8, 56, 40), fill=(10, 10, 10))
    photo.save(place / "test/good/001.png")
    after = teach(fit_run(load_dataset(place), REAL, store).run, ["test/good/001.png"], store).run
    assert [one.path for one in after.heldout.odd] == ["test/good/001.png"]
    (badge,) = (one for one in after.badges if one.key == "odd_training")
    assert (badge.level, "it was taught as good" in badge.sentence) == ("note", True)
    assert not any("exclude" in sentence for sentence in after.warnings)
