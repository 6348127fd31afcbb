"""Chosen images of a run as a table and as pictures."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from patchcore_core.exports.of_run import COLUMNS, Selection, to_csv, to_zip
from patchcore_core.reviews.verdicts import Entry
from patchcore_core.runs.record import Run
from patchcore_core.runs.store import RunStore
from tests.exports.test_coco import check
from tests.tiny import save

SCORES = (0.25, 1.5, 2.0, 0.5)  # labels 0, 1, 0, 1
SAID = Entry(7, "2026-05-03T10:00:00+00:00", "=Kim", "label_wrong", "-1\n@x", ("=a", "b"), "tile", "p", 1, "NA", "")


@pytest.fixture
def run(store: RunStore, draft: Callable[..., Run], finish: Any) -> Run:
    made = finish(store.begin(draft()), SCORES)
    for number in range(len(SCORES)):
        save(Path(made.dataset, "test", f"{number}.png"), np.full((20, 30, 3), 100 + number, np.uint8))
    return made


def rows_of(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode(), newline="")))


def test_the_table_says_what_was_predicted_and_judged(store: RunStore, run: Run) -> None:
    chosen = Selection(run, store.images(run), [2, 1, 3], 1.5, verdicts={1: SAID})
    rows = rows_of(to_csv(chosen))
    assert tuple(rows[0]) == COLUMNS
    assert [row["image"] for row in rows] == ["test/2.png", "test/1.png", "test/3.png"]
    assert [float(row["score"]) for row in rows] == [2.0, 1.5, 0.5]
    assert [row["prediction"] for row in rows] == ["defective", "defective", "good"]
    assert [row["outcome"] for row in rows] == ["false alarm (FP)", "true positive", "missed defect (FN)"]
    assert {(row["threshold"], row["pixel_threshold"], row["run"]) for row in rows} == {("1.5", "", run.id)}
    judged = rows[1]
    assert (judged["author"], judged["note"], judged["tags"]) == ("'=Kim", "'-1\n@x", "'=a, b")
    assert [row["verdict"] for row in rows] == ["", "label wrong", ""]
    assert judged["path"] == str(Path(run.dataset, "test", "1.png"))


def test_photos_that_are_unlike_all_good_ones_are_marked_where_the_run_knows_it(store: RunStore, run: Run) -> None:
    images = store.images(run)
    assert [row["unlike"] for row in rows_of(to_csv(Selection(run, images, [0, 1])))] == ["", ""]
    images["unlike"] = [0.0, 1.0, 0.0, 0.0]
    assert [row["unlike"] for row in rows_of(to_csv(Selection(run, images, [0, 1])))] == ["False", "True"]
    made = b"".join(to_zip(store, Selection(run, images, [0, 1], 1.5, 1.0)))
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        assert [one["unlike"] for one in json.loads(archive.read("coco.json"))["images"]] == [False, True]


def test_without_a_threshold_nothing_is_predicted(store: RunStore, run: Run) -> None:
    rows = rows_of(to_csv(Selection(run, store.images(run), [0])))
    assert (rows[0]["prediction"], rows[0]["outcome"], rows[0]["threshold"]) == ("", "", "")


def test_the_pictures_have_the_size_of_the_photo_and_the_mask_obeys_the_threshold(store: RunStore, run: Run) -> None:
    made = b"".join(to_zip(store, Selection(run, store.images(run), [1, 3], 1.5, 1.0)))
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        kinds = ("_photo.png", "_anomaly_map.png", "_overlay.png", "_mask.png")
        names = {f"test/{number}{kind}" for number in (1, 3) for kind in kinds}
        assert set(archive.namelist()) == {"scores.csv", "coco.json", *names}
        regions = json.loads(archive.read("coco.json"))
        assert archive.read("test/1_photo.png") == Path(run.dataset, "test", "1.png").read_bytes()
        masks = [np.asarray(Image.open(io.BytesIO(archive.read(f"test/{number}_mask.png")))) for number in (1, 3)]
        assert [row["pictures"] for row in rows_of(archive.read("scores.csv"))] == ["test/1", "test/3"]
    assert [mask.shape for mask in masks] == [(20, 30)] * 2
    assert [np.unique(mask).tolist() for mask in masks] == [[255], [0]]  # the maps are 1.5 and 0.5 throughout
    check(regions)
    assert [image["pictures"] for image in regions["images"]] == ["test/1", "test/3"]
    (region,) = regions["annotations"]
    assert (region["image_id"], region["bbox"], region["score"]) == (1, [0, 0, 30, 20], 1.5)


def test_without_a_pixel_threshold_there_is_no_mask(store: RunStore, run: Run) -> None:
    made = b"".join(to_zip(store, Selection(run, store.images(run), [0], 1.5)))
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        assert not [name for name in archive.namelist() if "mask" in name]


def test_a_photo_that_was_replaced_or_is_gone_gets_no_pictures(store: RunStore, run: Run) -> None:
    save(Path(run.dataset, "test", "1.png"), np.zeros((9, 9, 3), np.uint8))
    Path(run.dataset, "test", "2.png").unlink()
    made = b"".join(to_zip(store, Selection(run, store.images(run), [0, 1, 2], 1.5, 1.0)))
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        said = archive.read("left_out.txt").decode().splitlines()
        assert {name.split("_")[0] for name in archive.namelist() if name.startswith("test")} == {"test/0"}
    assert said[0] == f"{run.dataset}/test/1.png: the file has changed since the run has scored it"
    assert said[1].startswith(f"{run.dataset}/test/2.png: cannot be read: No such file")


def test_who_may_read_what_is_asked_of_the_caller(store: RunStore, run: Run) -> None:
    asked: list[Path] = []

    def read(path: Path) -> bytes:
        asked.append(path)
        return path.read_bytes()

    b"".join(to_zip(store, Selection(run, store.images(run), [3, 0]), read))
    assert asked == [Path(run.dataset, "test", name) for name in ("3.png", "0.png")]
