"""Photos of which verdicts are given, and the fixtures of runs made by hand."""

import pytest

from patchcore_core.reviews.verdicts import Photo, Verdicts
from tests.made_runs import category, draft, finish, stand_in, store

__all__ = ["category", "draft", "finish", "stand_in", "store"]


@pytest.fixture
def photos(tmp_path):
    """Four photos of one length: two that differ, a copy of the first, and the first under another label."""
    for name, byte in (("a", b"a"), ("b", b"b"), ("copy", b"a"), ("moved", b"a")):
        (tmp_path / f"{name}.png").write_bytes(byte * 100)
    label = {"a": (0, "good"), "b": (1, "hole"), "copy": (0, "good"), "moved": (1, "hole")}
    return {name: Photo(tmp_path / f"{name}.png", *said, "bottle") for name, said in label.items()}


@pytest.fixture
def verdicts(tmp_path):
    return Verdicts(tmp_path / "store")
