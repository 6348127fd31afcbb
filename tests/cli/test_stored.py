"""`runs` on runs without labelled test images."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from patchcore_core.cli.stored import _figures
from patchcore_core.config import PatchCoreConfig
from patchcore_core.data.values import PhotoCounts
from patchcore_core.runs.record import Run

RUN = Run(id="r", status="finished", category="tile", dataset="", config=PatchCoreConfig(), folder=Path(),
          thresholds={"heldout_p99": 20.5}, metrics={"image_auroc": float("nan")})  # fmt: skip


@pytest.mark.parametrize(("counts", "thresholds", "said"), [
    (PhotoCounts(20), {"heldout_p99": 20.5}, "no test images; image threshold 20.5000"),
    (PhotoCounts(20, test_unknown=3), {"heldout_p99": 20.5}, "no labelled test images; image threshold 20.5000"),
    (PhotoCounts(20), {"heldout_p99": float("nan")}, "no test images"),
    (PhotoCounts(20, test_good=3), {}, "image AUROC, pixel AUROC, AUPRO: —  —  —"),
])  # fmt: skip
def test_a_run_without_labels_says_so_and_its_threshold(
    counts: PhotoCounts, thresholds: dict[str, float], said: str
) -> None:
    assert _figures(replace(RUN, counts=counts, thresholds=thresholds)) == said
