"""`sweep --dry-run`: what it says, with made-up seconds for the fits alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from patchcore_core.cli.fits import sweep_forecast
from patchcore_core.fitting.calibrate import Pace
from patchcore_core.runs.store import RunStore
from tests.cli.calling import QUICK
from tests.tiny import write_category

PACE = Pace(once=2.0, train=0.5, predict=0.5, search=0.0, evaluate=0.1, select=1.0, patches=384, rows=77)


def test_a_grid_is_forecast_and_nothing_is_fitted(tmp_path: Path, asked, monkeypatch: pytest.MonkeyPatch) -> None:
    write_category(tmp_path / "tile")
    monkeypatch.setattr(sweep_forecast, "measure", lambda *_: PACE)
    line = ("sweep", "tile", *QUICK, "--set", "num_neighbors=1,2", "--runs", "here")
    code, out, _ = asked(tmp_path, *line, "--dry-run", "--json")
    before = json.loads(out)
    assert code == 0
    assert (before["runs"], before["existing"], before["fits"], before["cached"]) == (2, 0, 2, 0.0)
    assert [each["settings"] for each in before["grid"]] == [{"num_neighbors": 1}, {"num_neighbors": 2}]
    assert before["grid"][0]["bank"]["rows"] == int(6 * 64 * 0.2)
    assert 2.0 + 3.0 < before["seconds"] < 2 * (2.0 + 3.0 + 1.0 + 3.0 + 0.6)
    assert before["disk_bytes"] == 2 * (before["grid"][0]["bank"]["bytes"] + 2 * 64 * 64 * 6)
    assert RunStore(tmp_path / "here").list() == ()

    assert asked(tmp_path, "fit", "tile", *QUICK, "--num-neighbors", 1, "--runs", "here")[0] == 0
    after = json.loads(asked(tmp_path, *line, "--dry-run", "--json")[1])
    assert (after["runs"], after["existing"], after["fits"], after["cached"]) == (2, 1, 1, 1.0)
    assert after["grid"][0]["run"] == RunStore(tmp_path / "here").list()[0].id
    assert after["seconds"] < before["seconds"]
    said = asked(tmp_path, *line, "--dry-run")[1]
    assert "  runs    1 to fit, 1 there already" in said
    assert "  cached  100% of the photos need no network" in said


def test_only_what_will_be_fitted_is_counted(tmp_path: Path, asked, monkeypatch: pytest.MonkeyPatch) -> None:
    write_category(tmp_path / "data" / "tile")
    monkeypatch.setattr(sweep_forecast, "measure", lambda *_: PACE)
    line = ("sweep", "data", *QUICK[:2], "--set", "layers=blocks.2,blocks.99", "coreset_ratio=0.1,2", "--dry-run",
            "--skip-impossible", "--category", "tile")  # fmt: skip
    found = json.loads(asked(tmp_path, *line, "tlie", "--json")[1])
    counts = {name: found[name] for name in ("runs", "existing", "impossible", "failed", "fits")}
    assert counts == {"runs": 1, "existing": 0, "impossible": 3, "failed": 4, "fits": 1}
    alone = json.loads(asked(tmp_path, "sweep", "data", *QUICK[:2], "--set", "layers=blocks.2", "coreset_ratio=0.1",
                             "--dry-run", "--json")[1])  # fmt: skip
    for figure in ("seconds", "memory_bytes", "disk_bytes"):
        assert found[figure] == alone[figure]
    code, said, _ = asked(tmp_path, *line, "tlie")
    assert code == 2
    assert "  runs    1 to fit, 3 left out, 4 failed\n" in said


def test_where_nothing_will_be_fitted_no_cost_is_said(tmp_path: Path, asked) -> None:
    write_category(tmp_path / "data" / "tile")
    line = ("data", *QUICK, "--runs", "here")
    assert asked(tmp_path, "fit", *line)[0] == 0
    for category, runs in (("tile", "none to fit, 1 there already"), ("tlie", "none to fit, 1 failed")):
        said = asked(tmp_path, "sweep", *line, "--category", category, "--dry-run")[1].splitlines()
        assert said[-1] == f"  runs    {runs}"
