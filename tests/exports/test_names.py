"""Names of exported files."""

from __future__ import annotations

import pytest

from patchcore_core.exports.names import place_of, safe, unique


@pytest.mark.parametrize(("part", "kept"), [
    ("part 7", "part_7"), ("größe_3", "gr_e_3"), ("..", "image"), ("a:b|c?", "a_b_c"), ("=1+1", "1_1"),
    ("x\ny\u202e", "x_y"), ("n" * 99, "n" * 60), ("", "image"), ("\u90e8", "image"),
])  # fmt: skip
def test_a_name_has_characters_that_any_file_system_takes(part: str, kept: str) -> None:
    assert safe(part) == kept


@pytest.mark.parametrize(("name", "place"), [
    ("test/hole/000.png", "test/hole/000"), ("../../etc/x.png", "etc/x"), ("..\\..\\boot.png", "boot"),
    ("/abs/x.y.png", "abs/x.y"), ("C:\\x.png", "C/x"), ("a.png", "a"),
])  # fmt: skip
def test_a_place_stays_below_the_archive(name: str, place: str) -> None:
    assert place_of(name) == place


def test_names_that_are_one_to_some_file_system_are_numbered() -> None:
    assert unique(["a", "A", "a", "a-2", "\u00e9", "e\u0301"]) == ["a", "A-2", "a-3", "a-2-2", "\u00e9", "e\u0301-2"]
