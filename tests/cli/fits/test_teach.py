"""`teach` from the shell: the new run, what changes, and what is refused."""

from __future__ import annotations

import json

import pytest
from PIL import Image, ImageDraw

from patchcore_core.runs.store import RunStore
from tests.cli.calling import QUICK, command
from tests.tiny import write_category


@pytest.fixture(scope="module")
def fitted(tmp_path_factory):
    place = tmp_path_factory.mktemp("teach")
    folder = write_category(place / "plate", train=12, good=3)
    photo = Image.open(folder / "test/good/001.png")
    ImageDraw.Draw(photo).line([(8, 8), (56, 20)], fill=(60, 60, 60), width=3)
    photo.save(folder / "test/good/001.png")
    (record,) = json.loads(command("fit", "plate", *QUICK, "--json", cwd=place).stdout)
    return place, record["run"]


def test_a_photo_is_taught_by_its_path_here_or_in_the_dataset(fitted, asked):
    place, run = fitted
    done = command("teach", run, "test/good/001.png", cwd=place)
    assert done.returncode == 0, done.stderr
    (after,) = [one for one in RunStore(place / "runs").list() if one.parent]
    first, rows, taught, auroc, others = done.stdout.splitlines()[:5]
    assert first == f"{after.id}: {run} with 1 photo more"
    assert rows.startswith(f"memory bank: {RunStore(place / 'runs').get(run).bank['rows']} → {after.bank['rows']} rows")
    assert "test/good/001.png: " in taught
    assert "(FP) → " in taught
    assert taught.endswith("(TN)")
    assert auroc == "Image AUROC of the other test images: 1.0000 → 1.0000"
    assert others.endswith("of the 5 other test images change their outcome")
    (again,) = json.loads(asked(place, "teach", run, "plate/test/good/001.png", "--json")[1])
    assert (again["run"], again["reused"], again["parent"]) == (after.id, True, run)
    assert again["changes"]["taught"][0]["score"] < again["changes"]["taught"][0]["score_before"]


def test_a_dry_run_keeps_nothing(fitted, asked):
    place, run = fitted
    before = sorted(path.name for path in (place / "runs").iterdir())
    _, out, _ = asked(place, "teach", run, "test/good/000.png", "--dry-run", "--json")
    (record,) = json.loads(out)
    assert record["run"] is None
    assert len(record["changes"]["taught"]) == 1
    assert sorted(path.name for path in (place / "runs").iterdir()) == before


@pytest.mark.parametrize(("photo", "said"), [
    ("train/good/000.png", "train/good/000.png: is a training photo already"),
    ("nowhere.png", "nowhere.png: there is no such photo to teach"),
])
def test_what_cannot_be_taught_is_refused_in_one_sentence(fitted, refused, photo, said):
    place, run = fitted
    refused(place, ("teach", run, photo), (said,))


def test_training_photos_that_have_changed_are_refused(fitted, asked):
    place, run = fitted
    path = place / "plate/train/good/003.png"
    kept = path.read_bytes()
    path.write_bytes((place / "plate/train/good/004.png").read_bytes())
    code, _, err = asked(place, "teach", run, "test/good/002.png")
    path.write_bytes(kept)
    assert code == 2
    assert "train/good/003.png: has changed or cannot be read any more" in err


def test_chosen_thresholds_decide(fitted, asked):
    place, run = fitted
    asked(place, "thresholds", run, "--image", "1000000", "--author", "Kim")
    _, out, _ = asked(place, "teach", run, "test/good/001.png", "--dry-run")
    asked(place, "thresholds", run, "--held-out", "--author", "Kim")
    assert "image threshold: 1.0000e+06" in out
    assert "(TN) → " in out
