"""A sweep whose processes are killed and whose disk is full at random moments, with the stand-in: `python -m benchmarks
faults` does so for real."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks.fits import faults
from tests.small_disk import small_disk

pytestmark = pytest.mark.usefixtures("stand_in")


@pytest.fixture(autouse=True)
def _slow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STAND_IN", "slow")
    monkeypatch.setenv("PATCHCORE_WORKERS", "1")


def disturbed(scratch: Path, *options: str) -> dict[str, Any]:
    place = scratch / "result.json"
    sizes = ("--runs", "2", "--categories", "2", "--images", "8")
    faults.main([*options, *sizes, "--scratch", str(scratch), "--json", str(place)])
    result: dict[str, Any] = json.loads(place.read_text())
    assert result["wrong"] == []
    assert result["finished"] == result["runs"] == 4
    return result


def test_a_sweep_survives_kills_of_all_its_processes(tmp_path, capsys):
    result = disturbed(tmp_path, "--kills", "4", "--pause", "1.5", "--workers", "2")
    assert 1 <= sum(result["happened"].values()) <= 4
    assert "nothing was finished twice" in capsys.readouterr().out


def test_a_sweep_survives_a_full_disk(tmp_path):
    with small_disk(tmp_path / "tried", 1):  # skips where no disk may be mounted
        pass
    result = disturbed(tmp_path, "--kills", "0", "--full", "3", "--pause", "0.3")
    assert 1 <= result["happened"]["disk full"] <= 3
    told = [one for lines in result["said"].values() for one in lines if one.startswith(("error:", "no worker"))]
    assert told
    assert all("the disk is full: free some space" in one or "No space left on device" in one for one in told)
