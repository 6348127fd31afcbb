"""The evidence for an upload's score, as Inspect shows it."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
from PIL import Image

from pages.ui.inspect import evidence
from patchcore_core.views.web.packed import unpacked
from tests.pages.inspect.uploading import GRID, MakeRun, photo
from tests.pages.reading import component, read

WORDS = "the patch in the memory bank"


def shown(app: Any) -> dict[str, Any]:
    assert not app.exception
    return component(app, "evidence")


def nearest(app: Any) -> dict[str, str]:
    """The nearest row of the hottest patch."""
    return shown(app)["image"]["patches"][0]["near"][0]


def test_the_hottest_place_stands_beside_its_good_patch(
    make_run: MakeRun, bank: Any, drop: Any  # noqa: ARG001
) -> None:
    given = shown(drop(make_run(), photo(200), threshold="1.6", review_from="1.5"))
    assert given["image"]["grid"] == [GRID, GRID]
    assert unpacked(given["image"]["scores"]).max() == unpacked(given["image"]["scores"])[0]
    first = given["image"]["patches"][0]
    assert first["score"] == "2.0000"  # 200 / 100
    assert (first["near"][0]["name"], first["near"][0]["place"]) == ("train/good/001.png", "row 3, column 4")
    assert given["image"]["images"][0]["name"] == "train/good/001.png"
    assert dict(row[:2] for row in given["image"]["receipt"])["Image score"] == "2.0000"
    assert given["zone"] == "NG, from 1.6000 up"
    assert (given["asks"], given["keys"], given["zooms"]) == (True, True, False)


def test_another_patch_is_answered(make_run: MakeRun, bank: Any, drop: Any, monkeypatch: Any) -> None:  # noqa: ARG001
    told = {"wanted": {"row": 2, "column": 5, "k": 1}}
    monkeypatch.setattr(evidence, "_told", lambda: told)
    app = drop(make_run(), photo(200))
    (patch,) = shown(app)["patches"]
    assert (patch["place"], patch["k"], len(patch["near"])) == ([2, 5], 1, 1)
    for wrong in ({"row": 99, "column": 0, "k": 1}, {"row": 0, "column": 0, "k": 1000}, {"row": "0"}, "x", None,
                  {"row": 0, "column": 0.5, "k": 1}):  # fmt: skip
        told["wanted"] = wrong
        assert shown(app.run())["patches"] == []


def test_without_a_threshold_there_is_no_zone_and_older_runs_say_what_they_lack(
    make_run: MakeRun, bank: Any, drop: Any  # noqa: ARG001
) -> None:
    given = shown(drop(make_run(), photo(200)))
    assert "not recorded by this run" in given["image"]["patches"][0]["standing"]
    assert dict(row[:2] for row in given["image"]["receipt"])["Among good images"] == "not recorded by this run"


def test_a_training_photo_that_is_gone_is_a_sentence(
    make_run: MakeRun, bank: Any, drop: Any, data_root: Path
) -> None:
    run = make_run()
    (data_root / "tile/train/good/001.png").unlink()
    app = drop(run, photo(200))
    assert len(bank.training.paths) == 6
    assert nearest(app)["address"] == ""
    assert "The file is gone" in nearest(app)["note"]


def test_a_training_photo_that_was_replaced_is_said_to_be(
    make_run: MakeRun, bank: SimpleNamespace, drop: Any, data_root: Path
) -> None:
    run, trained = make_run(), data_root / "tile/train/good/001.png"
    app = drop(run, photo(200))
    assert nearest(app)["note"] == ""
    Image.fromarray(255 - np.asarray(Image.open(trained))).save(trained)
    os.utime(trained, (1e9, 1e9))
    assert f"has changed since the run: {WORDS} is of the earlier photo" in nearest(app.run())["note"]
    bank.training = replace(bank.training, contents=("",) * 6)  # of a bank from before contents were kept
    assert nearest(app.run())["note"] == ""
    os.utime(trained, (4e9, 4e9))
    assert f"{WORDS} may be of an earlier photo" in nearest(app.run())["note"]


def test_a_method_without_patches_says_so(make_run: MakeRun, bank: Any, drop: Any) -> None:
    del bank.explain
    assert "keeps no patches of good photos" in read(drop(make_run(), photo(200)))
