"""Results of Inspect: NG, review zone and OK, their list, and the pictures to take away."""

from __future__ import annotations

import io
import json
import weakref
import zipfile
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from pages.ui.inspect import export, scores
from pages.ui.inspect.export import GONE, Listing, pictures
from pages.ui.inspect.scores import Thresholds, state
from pages.ui.media import downloads
from patchcore_core.errors import DataError
from patchcore_core.evaluation.thresholds import unlike
from patchcore_core.evaluation.thresholds.unlike import Familiar
from tests.exports.test_coco import check
from tests.pages.inspect.uploading import MakeRun, hotter_further_down, photo
from tests.pages.reading import read


@pytest.mark.parametrize(("score", "threshold", "review_from", "called"), [
    (5.0, 5.0, 4.0, "NG"), (4.9, 5.0, 4.0, "review"), (4.0, 5.0, 4.0, "review"), (3.9, 5.0, 4.0, "OK"),
    (4.9, 5.0, None, "OK"), (4.9, None, 4.0, "—"), (4.9, float("nan"), None, "—"),
])  # fmt: skip
def test_a_score_is_ng_in_the_review_zone_or_ok(
    score: float, threshold: float | None, review_from: float | None, called: str
) -> None:
    assert state(score, threshold, review_from) == called


def test_ng_comes_first_and_can_be_chosen_alone(make_run: MakeRun, bank: Any, drop: Any) -> None:  # noqa: ARG001
    files = [photo(grey, name=f"{grey}.png") for grey in (60, 200, 130, 90)]
    app = drop(make_run(), *files, threshold="1.2", review_from="0.8")
    listed = app.dataframe[0].value
    assert listed["image"].tolist() == ["200.png", "130.png", "90.png", "60.png"]
    assert listed["prediction"].tolist() == ["NG", "NG", "review", "OK"]
    app.segmented_control("inspect_show").set_value("review").run()
    assert app.dataframe[0].value["image"].tolist() == ["90.png"]
    assert "In the review zone: the score 0.900 is 25 % below the threshold" in read(app)


def test_the_pictures_of_several_images_are_one_zip(make_run: MakeRun, bank: Any) -> None:  # noqa: ARG001
    item, run = hotter_further_down(), make_run()
    twin = replace(item, upload=replace(item.upload, folder="=new/x"))
    table = pd.DataFrame({"image": [one.upload.title for one in (item, item, twin)], "score": 9.0})
    made = pictures(Listing(run, [item, item, twin], Thresholds(1.0, 16.0), table))
    with zipfile.ZipFile(io.BytesIO(b"".join(made))) as archive:
        kinds = ("_anomaly_map.png", "_overlay.png", "_mask.png")
        stems = ("my_part", "my_part-2", "new/x/my_part")
        files = {"scores.csv", "coco.json", *(stem + kind for stem in stems for kind in kinds)}
        assert set(archive.namelist()) == files
        regions = json.loads(archive.read("coco.json"))
        mask = np.asarray(Image.open(io.BytesIO(archive.read("my_part_mask.png"))))
        rows = pd.read_csv(io.BytesIO(archive.read("scores.csv")))
    assert mask.shape == (50, 70)
    assert rows["image"].tolist() == ["my part.png", "my part.png", "'=new/x/my part.png"]
    assert rows["pictures"].tolist() == list(stems)
    check(regions)
    assert [image["pictures"] for image in regions["images"]] == list(stems)
    assert [one["area"] for one in regions["annotations"]] == [(mask > 0).sum()] * 3


def test_regions_need_no_photo(make_run: MakeRun) -> None:
    item, run = hotter_further_down(), make_run()
    listing = Listing(run, [item], Thresholds(1.0, 16.0), pd.DataFrame())
    document = json.loads(listing.coco())
    check(document)
    (image,) = document["images"]
    assert (image["file_name"], image["prediction"], image["unlike"]) == ("my part.png", "NG", None)
    mask = export.regions_of(run, item, 16.0).mask
    assert mask is not None
    assert [one["area"] for one in document["annotations"]] == [mask.sum()]


def test_the_zip_of_a_list_is_offered_at_one_address_while_its_session_is_there(
    make_run: MakeRun, bank: Any, drop: Any  # noqa: ARG001
) -> None:
    app = drop(make_run(), *(photo(grey, name=f"{grey}.png") for grey in (60, 200)), threshold="1.0")
    (link,) = app.get("link_button")
    made = downloads.offered().get(link.proto.url.rpartition("/")[2])
    with zipfile.ZipFile(io.BytesIO(b"".join(made.make()))) as archive:
        assert {"60_mask.png", "200_overlay.png", "scores.csv", "coco.json"} <= set(archive.namelist())
    app.segmented_control("inspect_show").set_value("NG").run()
    assert app.get("link_button")[0].proto.url == link.proto.url
    with zipfile.ZipFile(io.BytesIO(b"".join(made.make()))) as archive:
        assert not [name for name in archive.namelist() if name.startswith("60")]
    board = export.Board()
    of_session = weakref.ref(board)
    del board
    with pytest.raises(DataError, match=GONE):
        export._of_board(of_session)


# photos that are unlike all good ones


@pytest.fixture
def familiar(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run whose good photos have levels up to 1, on any grid."""
    monkeypatch.setattr(unlike, "LEAST_GRID", 1)
    monkeypatch.setattr(scores.Familiar, "read", lambda _: Familiar(np.linspace(0.5, 1, 8)))


def test_a_photo_unlike_the_training_photos_gets_a_warning_instead_of_a_verdict(
    make_run: MakeRun, bank: Any, familiar: None, drop: Any  # noqa: ARG001
) -> None:
    app = drop(make_run(), photo(250), threshold="1.0")
    assert not app.exception
    assert "Unlike the training photos" in read(app)
    assert "No verdict: unlike anything the memory bank knows" in read(app)
    assert "Defective" not in read(app)


def test_unlike_photos_are_counted_apart(make_run: MakeRun, bank: Any, familiar: None, drop: Any) -> None:  # noqa: ARG001
    app = drop(make_run(), *(photo(grey, name=f"{grey}.png") for grey in (60, 105, 250)), threshold="1.0")
    listed = app.dataframe[0].value
    assert listed[["image", "prediction"]].to_numpy().tolist() == [["105.png", "NG"], ["250.png", "unlike"],
                                                                   ["60.png", "OK"]]
    assert "unlike anything" in listed["note"][1]
    app.segmented_control("inspect_show").set_value("unlike").run()
    assert app.dataframe[0].value["image"].tolist() == ["250.png"]


def test_of_an_older_run_it_is_not_known(make_run: MakeRun, bank: Any, drop: Any) -> None:  # noqa: ARG001
    app = drop(make_run(), photo(250), threshold="1.0")
    assert "Defective: the score" in read(app)
    assert "cannot be told: the run has recorded no levels of held-out photos" in read(app)
