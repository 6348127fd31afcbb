"""Photos and masks that were changed after the run was made are said to be so where they are shown."""

from __future__ import annotations

import csv
import os
import shutil
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pages.ui.changed import MASK, PHOTO, files_of, states
from pages.ui.media.about import ANOTHER, NO_MAP, UNREAD, about
from pages.ui.review.data import test_images as images_of
from pages.ui.review.events.desk import Desk
from patchcore_core.reviews.verdicts import Photo, Verdicts
from patchcore_core.runs.contents import CHANGED, PERHAPS
from patchcore_core.runs.folder import IMAGES
from tests.pages.reading import read, workspace

HOLE = "test/hole/000.png"
OTHER, OTHER_PERHAPS = PHOTO[CHANGED], PHOTO[PERHAPS]
REDRAWN, REDRAWN_PERHAPS = MASK[CHANGED], MASK[PERHAPS]


def other_photo(path):
    """Another one of the same size, as a camera or a colleague leaves it."""
    Image.fromarray(255 - np.asarray(Image.open(path))).save(path)


def saved_again(path):
    """The same pixels but for one, under another compression."""
    pixels = np.asarray(Image.open(path)).copy()
    pixels[0, 0] ^= 1
    Image.fromarray(pixels).save(path, compress_level=1)


def another_copied_over_it(path):
    """Of the same length and time, where the format allows it."""
    times = path.stat()
    other_photo(path)
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))


def touched(path):
    os.utime(path, (time.time() + 60,) * 2)


def copied_back(path):
    shutil.copy(path, path.with_suffix(".kept"))
    path.unlink()
    path.with_suffix(".kept").rename(path)


def as_older(run):
    """A run from before contents were kept."""
    with (run.folder / IMAGES).open(newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        row["sha256"] = row["masks_sha256"] = ""
    with (run.folder / IMAGES).open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return run


@pytest.fixture
def hole(data_root):
    return data_root / "tile" / HOLE


@pytest.fixture
def mask(data_root):
    return data_root / "tile/ground_truth/hole/000_mask.png"


def seen(run, name=HOLE, other=None):
    """What the workspace is told of the image of this name."""
    return about(run, images_of(run)["name"].tolist().index(name), other)


@pytest.mark.parametrize("change", [other_photo, saved_again, another_copied_over_it])
def test_review_says_that_the_photo_is_another_one(make_run, hole, change):
    run = make_run()
    change(hole)
    found = seen(run)
    assert (found["changed"], found["locked"], found["notes"]) == ([OTHER], ANOTHER, [])
    assert not found["masks_changed"]  # map and mask both belong to the photo that was scored
    assert found["picture"]["truth"]
    assert (seen(run, "test/hole/001.png")["changed"], seen(run, "test/hole/001.png")["locked"]) == ([], "")


def test_review_says_that_the_mask_was_redrawn(make_run, mask):
    run = make_run()
    other_photo(mask)
    found = seen(run)
    assert (found["changed"], found["masks_changed"], found["locked"]) == ([REDRAWN], True, "")


def test_the_map_of_another_run_is_shown_beside_it_only_where_it_is_of_the_same_photo(make_run, hole):
    one = make_run()
    saved_again(hole)
    two = make_run(coreset_ratio=0.5)
    for image, layers in ((HOLE, 1), ("test/hole/001.png", 2)):
        found = seen(two, image, one)
        assert len(found["picture"]["layers"]) == layers
        assert (NO_MAP in found["notes"]) == (layers == 1)
    assert NO_MAP not in seen(two)["notes"]


@pytest.mark.parametrize("change", [touched, copied_back])
def test_the_same_content_is_the_same_file(make_run, hole, mask, change):
    run = make_run()
    change(hole)
    change(mask)
    found = seen(run)
    assert (found["changed"], found["masks_changed"], found["locked"]) == ([], False, "")


def test_a_photo_that_is_changed_while_the_page_is_open_is_noticed_and_back_again_too(make_run, hole):
    run = make_run()
    assert not seen(run)["changed"]
    before = hole.read_bytes()
    other_photo(hole)
    assert seen(run)["changed"] == [OTHER]
    hole.write_bytes(before)
    assert not seen(run)["changed"]


def test_a_missing_file_is_said_to_be_missing(make_run, open_page, hole):
    run = make_run()
    hole.unlink()
    found = seen(run)
    assert (found["changed"], found["locked"]) == ([], UNREAD)
    assert "The photo cannot be shown" in found["notes"][0]
    given = workspace(open_page("review", run=run.id))["images"]
    assert {name: problem for name, problem in zip(given["names"], given["problems"], strict=True) if problem} == {
        HOLE: "photo not found"}


def test_an_older_run_says_that_it_may_be_another_file(make_run, hole, mask):
    run = as_older(make_run())
    for path in (hole, mask):
        os.utime(path, (1e9, 1e9))
    assert not seen(run)["changed"]
    other_photo(hole)
    other_photo(mask)
    touched(hole)
    touched(mask)
    found = seen(run)
    assert (found["changed"], found["masks_changed"], found["locked"]) == ([OTHER_PERHAPS, REDRAWN_PERHAPS], False, "")


def test_cards_are_marked(make_run, store, hole, mask):
    run = make_run()
    other_photo(hole)
    other_photo(mask.with_name("001_mask.png"))
    rows = [row for _, row in store.images(run).iterrows()]
    notes = {Path(files.path).name: states(run, files).on_card for files in map(files_of, rows)
             if "/hole/" in files.path}  # fmt: skip
    assert notes == {"000.png": "file changed since the run",
                     "001.png": "mask changed since the run", "002.png": ""}  # fmt: skip


def test_no_verdict_is_given_on_another_photo_than_was_scored(make_run, store, hole):
    run, verdicts, desk = make_run(), Verdicts(store.root), Desk("Ann")
    verdicts.give(Photo(hole, 1, "hole"), "agree", "Ann")
    before = hole.read_bytes()
    other_photo(hole)
    wanted = {"kind": "verdict", "image": HOLE, "verdict": "label_wrong"}
    desk.apply(run, "box", [{"seq": 1, **wanted}])  # sent before the photo was changed
    told, _ = desk.told(run)
    assert "this file was changed after the run was made, so no verdict can be given" in told["refused"][1]
    assert [one["verdict"] for one in told["judged"].values()] == ["agree"]  # of the photo that was scored
    hole.write_bytes(before)
    desk.apply(run, "box", [{"seq": 2, **wanted}])
    assert [entry.verdict for entry in verdicts.entries()] == ["agree", "label_wrong"]


def test_verdicts_stay_with_the_photo_that_was_scored(make_run, store, hole):
    run, verdicts = make_run(), Verdicts(store.root)
    scored = Photo(hole, 1, "hole", content=store.images(run).set_index("path").at[str(hole), "sha256"])
    verdicts.give(scored, "agree", "Ann")
    other_photo(hole)
    assert verdicts.latest([scored])[0].verdict == "agree"
    assert verdicts.history(scored)[0].verdict == "agree"
    assert verdicts.latest([Photo(hole, 1, "hole")]) == {}


def test_compare_says_which_runs_scored_another_photo(make_run, open_page, hole, mask):
    one = make_run()
    other_photo(hole)
    other_photo(mask)
    two = make_run(image_size=64)
    assert one.fingerprint != two.fingerprint
    app = open_page("compare", runs=f"{one.id},{two.id}", image="test/hole/001.png")
    assert not app.exception
    assert "has changed" not in read(app)
    three = make_run(image_size=48)
    saved_again(hole)
    app = open_page("compare", runs=f"{two.id},{three.id}", image=HOLE)
    assert not app.exception
    assert "has changed since runs A, B: score and map belong to the earlier photo" in read(app)
    assert "mask has changed" not in read(app)


def test_compare_knows_shared_photos_by_the_contents_that_were_recorded(make_run, open_page, hole, data_root):
    one = make_run()
    shutil.copy(hole, data_root / "tile/test/good/100.png")
    two = make_run(image_size=64)
    for path in (data_root / "tile/test").rglob("*.png"):
        other_photo(path)
        touched(path)
    assert "9 test photos are shared" in read(open_page("compare", runs=f"{one.id},{two.id}"))
