from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest

from patchcore_core.model import stages as stages_module
from patchcore_core.model.stages import Stages


def test_each_stage_is_told_timed_and_ended_by_the_next() -> None:
    told: list[tuple[str, int, int]] = []
    with Stages(lambda *step: told.append(step)) as stages:
        stages.begin("features", 3)
        stages.report(1, 3)
        time.sleep(0.02)
        assert stages.seconds == {}
        stages.begin("coreset")
        first = dict(stages.seconds)
    assert told == [("features", 0, 3), ("features", 1, 3), ("coreset", 0, 0)]
    assert list(first) == ["features"]
    assert first["features"] >= 0.02
    assert list(stages.seconds) == ["features", "coreset"]
    assert 0 <= stages.seconds["coreset"] < 0.02 + first["features"]


def test_parts_of_a_stage_count_as_one() -> None:
    told: list[tuple[str, int, int]] = []
    with Stages(lambda *step: told.append(step)) as stages:
        stages.begin("coreset")
        for report, steps in zip(stages.parts([2, 5, 1]), (2, 5, 1), strict=True):
            report(steps, steps)
    assert told[1:] == [("coreset", 2, 8), ("coreset", 7, 8), ("coreset", 8, 8)]


def test_files_go_with_the_block_whatever_happens(tmp_path: Path) -> None:
    def interrupted() -> None:
        with Stages(scratch=tmp_path) as stages:
            stages.begin("features")
            stages.files.array((4,), np.float32)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("in_file", [False, True])
def test_memory_goes_back_between_stages_of_a_fit_that_must_stay_small(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, in_file: bool
) -> None:
    calls: list[str] = []
    monkeypatch.setattr(stages_module, "give_back_freed_memory", lambda: calls.append("given back"))
    with Stages(scratch=tmp_path) as stages:
        stages.begin("features")
        if in_file:
            stages.files.array((4,), np.float32)
        stages.begin("coreset")
        stages.begin("index")
    assert len(calls) == 3 * in_file
