"""Results of Inspect: NG, review zone and OK, their list, and the pictures to take away."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from pages.ui.inspect.export import pictures
from pages.ui.inspect.scores import Item, Thresholds, state
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
    twin = Item(replace(item.upload, folder="=new/x"), item.result)
    table = pd.DataFrame({"image": [one.upload.title for one in (item, item, twin)], "score": 9.0})
    made = pictures(run, [item, item, twin], Thresholds(1.0, 16.0), table)
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        kinds = ("_anomaly_map.png", "_overlay.png", "_mask.png")
        stems = ("my_part", "my_part-2", "new/x/my_part")
        assert set(archive.namelist()) == {"scores.csv", *(stem + kind for stem in stems for kind in kinds)}
        mask = np.asarray(Image.open(io.BytesIO(archive.read("my_part_mask.png"))))
        rows = pd.read_csv(io.BytesIO(archive.read("scores.csv")))
    assert mask.shape == (50, 70)
    assert rows["image"].tolist() == ["my part.png", "my part.png", "'=new/x/my part.png"]
    assert rows["pictures"].tolist() == list(stems)
