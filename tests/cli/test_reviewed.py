"""`verdicts` and `thresholds`, and what `score` and `show` say of chosen thresholds."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import pytest

from patchcore_core.reviews.verdicts import Photo, Verdicts
from patchcore_core.runs.store import RunStore


@pytest.fixture
def mine(place, tmp_path) -> Path:
    """A copy of the store in which verdicts may be given; the images stay in their place."""
    shutil.copytree(place / "runs", tmp_path / "runs")
    return tmp_path


@pytest.fixture
def judged(mine, run_id):
    store = RunStore(mine / "runs")
    row = store.images(store.get(run_id)).iloc[0]
    photo = Photo(Path(row["path"]), int(row["label"]), row["defect_type"], "tile")
    verdicts = Verdicts(store.root)
    first = verdicts.give(photo, "label_wrong", "Ann", note="=cmd|' /C calc'!A0", tags=("<b>dirt</b>",))
    verdicts.undo(first, "@Ben\x1b[31m")
    elsewhere = mine / "other.png"
    elsewhere.write_bytes(b"no image of this run")
    verdicts.give(Photo(elsewhere, 0, "good"), "agree", "Ann")
    return first


def test_every_entry_on_the_images_of_the_run_is_printed(mine, run_id, judged, asked):
    code, out, _ = asked(mine, "verdicts", run_id, "--json")
    found = json.loads(out)
    assert code == 0
    assert [(entry["verdict"], entry["author"]) for entry in found] == [("label_wrong", "Ann"), ("", "@Ben\x1b[31m")]
    assert found[0]["note"] == judged.note
    lines = asked(mine, "verdicts", run_id)[1].splitlines()
    assert len(lines) == 2
    assert "Ann  label wrong" in lines[0]
    assert "\x1b" not in lines[1]


def test_the_csv_file_holds_no_formula(mine, run_id, judged, asked):  # noqa: ARG001
    code, out, _ = asked(mine, "verdicts", run_id, "--csv", mine / "said.csv")
    assert (code, out) == (0, f"2 entries written to {mine / 'said.csv'}\n")
    rows = list(csv.DictReader((mine / "said.csv").open(encoding="utf-8", newline="")))
    assert rows[0]["note"] == "'=cmd|' /C calc'!A0"
    assert rows[1]["author"].startswith("'@Ben")


def test_the_csv_file_overwrites_nothing(mine, run_id, judged, asked):  # noqa: ARG001
    (mine / "said.csv").write_text("mine")
    code, out, error = asked(mine, "verdicts", run_id, "--csv", mine / "said.csv")
    assert (code, out, (mine / "said.csv").read_text()) == (2, "", "mine")
    assert "said.csv: exists already" in error


def test_a_review_zone_above_the_threshold_of_the_run_is_refused(mine, run_id, asked):
    code, _, error = asked(mine, "thresholds", run_id, "--review-from", "1e6", "--author", "Ann")
    assert code == 2
    assert "the review zone must start below the image threshold" in error
    assert json.loads(asked(mine, "thresholds", run_id, "--json")[1])["used"]["review_from"] is None


def test_a_bad_run_is_one_sentence(mine, asked):
    for command in ("verdicts", "thresholds"):
        code, out, error = asked(mine, command, "20260101-000000-none-aaaa")
        assert (code, out) == (2, "")
        assert error.startswith("error: no run")


def test_chosen_thresholds_are_kept_used_and_said(mine, place, run_id, asked):
    assert "chosen" not in asked(mine, "thresholds", run_id)[1]
    chosen = ("--image", "1e6", "--pixel", "0.5", "--review-from", "3", "--author", "Ann")
    assert asked(mine, "thresholds", run_id, *chosen)[0] == 0
    record = json.loads(asked(mine, "thresholds", run_id, "--json")[1])
    assert record["used"]["image"] == {"value": 1e6, "rule": "chosen"}
    assert (record["used"]["review_from"], record["chosen"]["author"]) == (3.0, "Ann")
    shown = asked(mine, "show", run_id)[1]
    assert "\nthreshold 1.0000e+06, chosen by Ann on 20" in shown
    assert " chosen by Ann on 20" in shown.split("; held-out rule: ")[1]
    assert "found 0 of 3 defective" in shown
    there = asked(mine, "evaluate", run_id, place / "data" / "tile")[1]
    assert there.count("found 0 of 3 defective") == 1
    photo = next((place / "data" / "tile" / "test" / "hole").iterdir())
    out = asked(mine, "score", run_id, photo, "--out", mine / "out")[1]
    assert "  good, in the review zone\nthreshold 1.0000e+06, chosen by Ann on 20" in out
    (scored,) = json.loads((mine / "out" / "scores.json").read_text())
    assert (scored["threshold"], scored["threshold_rule"], scored["defective"]) == (1e6, "chosen", False)
    assert scored["review_zone"] is (scored["image_score"] >= 3) is True
    low = json.loads(asked(mine, "score", run_id, photo, "--out", mine / "low", "--threshold", "2", "--json")[1])[0]
    assert low["review_zone"] is None  # the chosen zone starts above this threshold
    asked(mine, "thresholds", run_id, "--held-out", "--author", "Ben")
    assert json.loads(asked(mine, "thresholds", run_id, "--json")[1])["used"]["image"]["rule"] == "heldout_p99"


def test_another_threshold_beside_held_out_is_refused(mine, run_id, asked):
    assert asked(mine, "thresholds", run_id, "--held-out", "--image", "2")[0] == 2
