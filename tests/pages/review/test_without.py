"""Figures without the images marked as label wrong, made once for the same images."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pages.ui.format import number
from pages.ui.review.events import asks
from pages.ui.review.events.desk import Desk
from patchcore_core.fitting.without import figures_without
from tests.pages.ui.review.events.asking import question


@pytest.fixture
def run(make_run):
    return make_run(trusted=True)


def without(run, *numbers, desk=None):
    return question(desk or Desk(), run, f"without {numbers}", numbers=list(numbers))


def headline(found, label="Image AUROC"):
    return next(one for one in found["figures"] if one["label"] == label)


def test_the_figures_are_those_of_the_rest(run, store):
    images = store.images(run)
    found = without(run, 0, 5)
    expected = figures_without(store, run, np.isin(np.arange(len(images)), (0, 5))).run
    assert found["sentence"] == "Figures on 7 of 9 test images: 2 wrong labels excluded."
    for name, label in (("image_auroc", "Image AUROC"), ("pixel_auroc", "Pixel AUROC"), ("aupro", "AUPRO (FPR ≤ 0.3)")):
        assert headline(found, label)["value"] == number(expected.metrics[name])
    assert len(found["tables"][0]["rows"]) == len(expected.metrics)
    assert run.metrics == store.get(run.id).metrics  # the run keeps its own


def test_the_same_figures_are_made_once_and_others_anew(run, monkeypatch):
    made = []
    monkeypatch.setattr(asks, "figures_without", lambda *given: made.append(1) or figures_without(*given))
    for _ in range(2):
        without(run, 0)
    assert len(made) == 1
    assert "2 wrong labels excluded" in without(run, 0, 5)["sentence"]
    assert len(made) == 2


def test_masks_that_are_gone_are_said(run, store):
    images = store.images(run)
    Path(images["mask_paths"][images["mask_paths"].map(bool)].iloc[1][0]).unlink()
    assert without(run, 0)["sentence"].endswith(
        "1 wrong label excluded. 1 mask is unreadable or changed since the run, and not in the pixel figures.")


def test_images_of_one_kind_alone_leave_undefined_figures_with_a_reason(run, store):
    good = np.flatnonzero(store.images(run)["label"] == 0).tolist()
    found = headline(without(run, *good))
    assert found["value"] == "—"
    assert "Not defined for this run" in found["help"]


def test_maps_that_cannot_be_read_are_a_sentence(run):
    (run.folder / "anomaly_maps.npy").unlink()
    with pytest.raises(AssertionError, match=r"anomaly_maps\.npy"):
        without(run, 0)
