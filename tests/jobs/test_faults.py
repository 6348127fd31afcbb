"""A sweep whose processes are killed at random, with the stand-in: `python -m benchmarks faults` does so for real."""

from __future__ import annotations

import json

import pytest

from benchmarks.fits import faults


@pytest.mark.usefixtures("stand_in")
def test_a_sweep_survives_kills_of_all_its_processes(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("STAND_IN", "slow")
    faults.main(["--runs", "4", "--kills", "4", "--pause", "1.5", "--scratch", str(tmp_path), "--json",
                 str(tmp_path / "result.json")])  # fmt: skip
    result = json.loads((tmp_path / "result.json").read_text())
    assert result["wrong"] == []
    assert result["finished"] == result["runs"] == 4
    assert 1 <= sum(result["killed"].values()) <= 4
    assert "nothing was finished twice" in capsys.readouterr().out
