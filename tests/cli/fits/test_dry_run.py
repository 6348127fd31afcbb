"""`fit --dry-run`: what it would cost, and what is doubtful, without a fit."""

from __future__ import annotations

import json

import pytest

from patchcore_core.errors import DataError
from tests.cli.calling import QUICK
from tests.tiny import write_category


def test_a_dry_run_says_what_it_would_cost_and_fits_nothing(place, asked):
    before = sorted((place / "runs").rglob("*"))
    code, out, err = asked(place, "fit", "data", *QUICK, "--dry-run", "--json")
    assert (code, err) == (0, "")
    plate, tile = json.loads(out)
    assert (plate["category"], plate["run"], plate["train_images"], plate["test_images"]) == ("plate", None, 6, 6)
    assert plate["patches"] == 6 * 8 * 8
    assert plate["bank"] == {"rows": 76, "dim": 40, "bytes": 76 * 40 * 2}
    assert plate["seconds"] == pytest.approx(sum(plate["stages"].values()))
    assert plate["seconds_from"] == "measured here"
    assert tile["run"] == json.loads((place / "fit.json").read_text())[0]["run"]
    assert sorted((place / "runs").rglob("*")) == before


@pytest.mark.parametrize("arguments", [("fit", "data/plate"), ("sweep", "data/plate", "--set", "num_neighbors=1,2")])
def test_a_read_only_installation_forecasts_all_the_same(place, asked, monkeypatch, arguments):
    monkeypatch.setenv("PATCHCORE_READ_ONLY", "1")
    before = sorted((place / "runs").rglob("*"))
    code, out, err = asked(place, *arguments, *QUICK, "--dry-run")
    assert (code, err) == (0, "")
    assert "  time    about" in out
    assert sorted((place / "runs").rglob("*")) == before


def test_a_dry_run_forecasts_without_what_is_excluded(place, asked):
    line = ("fit", "data/tile", *QUICK, "--exclude", "train/good/000.png", "--dry-run")
    (record,) = json.loads(asked(place, *line, "--json")[1])
    assert (record["train_images"], record["excluded"], record["run"]) == (5, ["train/good/000.png"], None)
    assert "  without train/good/000.png" in asked(place, *line)[1].splitlines()


def test_a_dry_run_says_what_is_doubtful_of_the_data(asked, tmp_path, monkeypatch):
    monkeypatch.setattr("patchcore_core.cli.fits.dry_run.measure", unreadable)
    write_category(tmp_path / "tile")
    (tmp_path / "tile" / "test" / "empty").mkdir()
    code, out, err = asked(tmp_path, "fit", "tile", "--dry-run", "--json")
    doubts = [f"{tmp_path / 'tile/test/empty'}: holds no images",
              "the time was not measured on the photos (2 of 2 images cannot be read)"]  # fmt: skip
    assert (code, json.loads(out)[0]["warnings"]) == (0, doubts)
    assert err == "".join(f"warning: tile: {doubt}\n" for doubt in doubts)


def test_a_dry_run_in_words(asked, place, monkeypatch):
    monkeypatch.setattr("patchcore_core.cli.fits.dry_run.measure", unreadable)
    code, out, _ = asked(place, "fit", "data", "--category", "plate", "--coreset-ratio", "0.01", "--dry-run")
    assert code == 0
    assert "plate: 6 images to learn from, 6 to test on" in out
    assert "patches 9,600" in out
    assert "96 rows of 152 values" in out
    assert "unknown until one fit of this kind has run" in out


def unreadable(*_: object) -> None:
    raise DataError("2 of 2 images cannot be read")


def test_a_dry_run_of_what_cannot_work_is_refused(asked, place):
    code, out, err = asked(place, "fit", "data", "--category", "tile", "--num-neighbors", "99999", "--dry-run")
    assert (code, out) == (2, "")
    assert "num_neighbors must be at most" in err
