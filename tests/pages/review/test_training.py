"""Review's second list: training images with their held-out scores, also where nothing was tested."""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from streamlit.testing.v1 import AppTest

from pages.ui.media.routes import routes
from pages.ui.review.events.desk import Desk
from patchcore_core.codec import plain
from patchcore_core.evaluation.values import TrainingImage, TrainingImages
from patchcore_core.runs.files import write_json
from patchcore_core.runs.folder import TRAINING_IMAGES
from patchcore_core.runs.store import Run
from patchcore_core.views.web.packed import unpacked
from tests.pages.reading import checks, read, workspace
from tests.pages.ui.review.events.asking import asked

IMAGES = TrainingImages((
    TrainingImage("train/good/000.png", "", 0.5), TrainingImage("train/good/001.png", "", np.nan),
    TrainingImage("train/good/002.png", "", 2.5, odd=True),
    TrainingImage("train/good/003.png", "", 0.25, copies=("train/good/=004.png", "train/good/005.png")),
))  # fmt: skip


def recorded(run: Run) -> Run:
    write_json(run.folder / TRAINING_IMAGES, plain(IMAGES))
    return run


@pytest.fixture
def untested(make_run: Callable[..., Run], data_root: Path) -> Run:
    """A run of good photos alone."""
    for folder in ("test", "ground_truth"):
        shutil.rmtree(data_root / "tile" / folder)
    return recorded(make_run(trusted=True))


def test_the_list_has_scores_and_what_is_to_be_known_of_each(make_run: Callable[..., Run], open_page: Any) -> None:
    given = workspace(open_page("review", run=recorded(make_run()).id))["training"]
    images = given["images"]
    assert images["names"] == [one.path for one in IMAGES.images]
    np.testing.assert_array_equal(unpacked(images["scores"]), [one.score for one in IMAGES.images])
    assert images["labels"] == [2] * 4  # neither good nor defective: no figure is made of them
    assert images["odd"] == [False, False, True, False]
    assert images["copies"] == ["", "", "", "near-copies: train/good/=004.png, train/good/005.png"]
    assert "4 of 6 training images, each scored without its own rows" in given["said"]
    assert not images["problems"][0]
    client = TestClient(Starlette(routes=routes()))
    found = [client.get(f"{given['pictures']['base']}/{number}/{key}/thumbnail").status_code
             for number, key in enumerate(given["pictures"]["keys"])]
    assert found == [200] * 4


def test_a_run_that_recorded_none_has_no_such_list(make_run: Callable[..., Run], open_page: Any) -> None:
    assert workspace(open_page("review", run=make_run().id))["training"] is None


def test_a_damaged_record_leaves_the_test_images(make_run: Callable[..., Run], open_page: Any) -> None:
    run = recorded(make_run())
    (run.folder / TRAINING_IMAGES).write_text("{")
    app = open_page("review", run=run.id)
    assert not app.exception
    assert workspace(app)["training"] is None


def test_without_test_images_nothing_is_pretended(untested: Run, open_page: Callable[..., AppTest]) -> None:
    app = open_page("review", run=untested.id)
    assert not app.exception
    given = workspace(app)
    assert given["images"]["names"] == []
    assert len(given["training"]["images"]["names"]) == 4
    figures = given["parts"]["first_line"]["figures"]
    assert [(one["label"], one["value"]) for one in figures] == [("Test images", "none")]
    assert any(one["level"] != "ok" for one in given["parts"]["checks"]["checks"])
    assert "nothing" in checks(app).lower() or "no test images" in checks(app).lower()
    levels = {point["name"]: point["value"] for point in given["image"]["points"] if point["value"] is not None}
    assert levels
    assert all(name.startswith("heldout") for name in levels)
    low, high = given["image"]["span"]
    assert low <= 0.25
    assert high >= 2.5
    assert "no test images" not in read(app)


def test_they_are_taken_away_as_a_table(make_run: Callable[..., Run]) -> None:
    run = recorded(make_run())
    file = asked(Desk(), run, "export", "export csv", **{"with": {
        "form": "csv", "images": "training", "numbers": [3, 2], "threshold": 1.0, "pixel_threshold": None}})
    text = TestClient(Starlette(routes=routes())).get(file["address"]).text
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert [(row["image"], row["held_out_score"], row["prediction"], row["stands_apart"]) for row in rows] == [
        ("train/good/003.png", "0.25", "OK", "no"), ("train/good/002.png", "2.5", "NG", "yes")]
    assert rows[0]["near_copies"] == "near-copies: train/good/=004.png, train/good/005.png"
    assert rows[0]["path"].endswith("tile/train/good/003.png")
