"""The benchmark of Review's latency runs, and says all that docs/performance.md quotes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.places import ROOT

pytestmark = pytest.mark.browser
STEPS = ("first paint, cold", "whole page, cold", "first paint, warm", "whole page, warm", "first paint, again",
         "whole page, again", "next image", "other image", "image threshold", "pixel threshold")  # fmt: skip


def test_every_step_is_measured(tmp_path: Path, browser: Browser) -> None:  # noqa: ARG001  (skips where there is none)
    report = tmp_path / "report.json"
    command = [sys.executable, "-m", "benchmarks", "review_latency", "--runs", "24x32", "--repeats", "1",
               "--scratch", str(tmp_path), "--json", str(report)]  # fmt: skip
    printed = subprocess.run(command, cwd=ROOT, env=os.environ, check=True, capture_output=True, text=True).stdout
    (result,) = json.loads(report.read_text(encoding="utf-8"))
    assert list(result["steps"]) == list(STEPS)
    for name, step in result["steps"].items():
        assert step["ms"]["median"] > 0
        assert name in printed
    assert 0 < result["server_bytes"]["before"] < result["server_bytes"]["peak"]
    assert min(result["bytes"].values()) > 0
