"""The benchmark of many visitors runs and says all that docs/performance.md quotes; its crowd does what visitors do."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.review.test_latency_benchmark import STEPS
from tests.places import ROOT

pytestmark = pytest.mark.browser


def test_every_step_is_measured_alone_and_in_the_crowd(tmp_path: Path, browser: Browser) -> None:  # noqa: ARG001
    report = tmp_path / "report.json"
    command = [sys.executable, "-m", "benchmarks", "visitors", "--run", "97x32", "--visitors", "3", "--repeats", "1",
               "--json", str(report)]  # fmt: skip
    printed = subprocess.run(command, cwd=ROOT, env=os.environ, check=True, capture_output=True, text=True).stdout
    result = json.loads(report.read_text(encoding="utf-8"))
    assert list(result["steps"]) == ["open Review", "open Overview", *STEPS[6:]]
    for name, step in result["steps"].items():
        assert step["alone"]["median"] > 0
        assert step["ratio"] == pytest.approx(step["crowd"]["median"] / step["alone"]["median"])
        assert name in printed
    assert result["cpu_percent"]["crowd"]["median"] > 0
    assert result["crowd"]["verdicts"] > 0
    assert result["crowd"]["pictures"] > 100
