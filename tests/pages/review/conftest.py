"""An empty store of verdicts and the photos that the page of verdicts shows."""

from __future__ import annotations

import pytest

from patchcore_core.reviews.verdicts import Photo, Verdicts


@pytest.fixture
def verdicts(tmp_path, monkeypatch):
    """An empty store, and the photos 0_good.png, 1_hole.png and 2_hole.png, which the page shows."""
    for number, name in enumerate(("0_good.png", "1_hole.png", "2_hole.png")):
        (tmp_path / "data").mkdir(exist_ok=True)
        (tmp_path / "data" / name).write_bytes(bytes([number]) * 100)
    monkeypatch.setenv("PATCHCORE_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("PATCHCORE_RUNS", str(tmp_path / "runs"))
    monkeypatch.setenv("PATCHCORE_AUTHOR", "Ann")
    return Verdicts(tmp_path / "runs")


@pytest.fixture
def photo(tmp_path):
    """The photo that is shown first."""
    return Photo(tmp_path / "data" / "0_good.png", 0, "good", "tile")
