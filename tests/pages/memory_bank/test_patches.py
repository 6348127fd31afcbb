"""The picture of a row, and what the page refuses to look up."""

from __future__ import annotations

import io

import numpy as np
import pytest
import streamlit as st
from PIL import Image

from pages.ui.memory_bank import data
from pages.ui.memory_bank.map import patch_of, use_shades
from pages.ui.memory_bank.points import wanted
from patchcore_core.runs.record import Run
from patchcore_core.views.patches import close_up, patch_box


def test_the_patch_is_the_place_that_the_bank_records(run: Run) -> None:
    scale = data.scale_of(run, 0)
    row = 7
    image, high, wide = scale.rows.origin[row].tolist()
    photo = np.asarray(Image.open(scale.paths[image]))
    expected = close_up(photo, patch_box((0, 0, 64, 64), (8, 8), high, wide, 3), size=192)
    file, note = patch_of(scale, row)
    found = np.asarray(Image.open(io.BytesIO(file))).astype(int)
    assert note == ""
    assert np.abs(found - expected).mean() < 6  # a JPEG


def test_a_photo_that_may_not_be_read_is_a_sentence(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    scale = data.scale_of(run, 0)
    monkeypatch.setenv("PATCHCORE_DATA", "/nowhere")
    st.cache_data.clear()
    file, note = patch_of(scale, 0)
    assert file == b""
    assert "outside the folders the dashboard may read" in note


@pytest.mark.parametrize("asked", [None, 3, "x", "-1", "10", "99999999999", "1.0", ["1"]])
def test_only_rows_that_exist_are_looked_up(asked: object) -> None:
    assert wanted(asked, 10) is None
    assert wanted("9", 10) == 9


def test_unused_rows_have_no_shade_and_the_most_used_the_last() -> None:
    assert np.isnan(use_shades(np.array([0, 0]))).all()
    np.testing.assert_allclose(use_shades(np.array([0, 1, 10, 100])), [np.nan, 0, 0.5, 1], rtol=1e-6)
