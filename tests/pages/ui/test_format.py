"""Numbers as people read them."""

import math

import pytest

from pages.ui import format as words


@pytest.mark.parametrize(("value", "text"), [(0.98765, "0.988"), (math.nan, "—"), (None, "—"), (1.0, "1.000")])
def test_number(value: float | None, text: str) -> None:
    assert words.number(value) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.44, "0.4 s"), (38.2, "38 s"), (125, "2 min 05 s"), (4320, "1 h 12 min"), (math.nan, "—")]
)
def test_duration(seconds: float, text: str) -> None:
    assert words.duration(seconds) == text


@pytest.mark.parametrize(("count", "text"), [(512, "512 B"), (186_656, "186.7 kB"), (1_867_776, "1.9 MB"), (None, "—")])
def test_size(count: float | None, text: str) -> None:
    assert words.size(count) == text


def test_a_time_that_is_none_is_shown_as_it_is() -> None:
    assert words.when("yesterday") == "yesterday"
    assert math.isnan(words.seconds_since("yesterday"))


@pytest.mark.parametrize(("seconds", "text"), [
    (0.1, "a few seconds left"), (7.4, "a few seconds left"), (7.6, "about 10 s left"), (1600, "about 27 min left"),
])
def test_time_left(seconds: float, text: str) -> None:
    assert words.time_left(seconds) == text


@pytest.mark.parametrize(("sentence", "text"), [
    ("/d/a b/test/x: 2 images are not used", "test/x: 2 images are not used"),
    ("2 masks are odd (first: /d/a b/ground_truth/x.png)", "2 masks are odd (first: ground_truth/x.png)"),
    ("/d/a b: 12 mask files lie beside photos", "a b: 12 mask files lie beside photos"),
    ("/d/a b/x: not used; give /d to have it", "x: not used; give /d to have it"),
    ("/d/a bc/x: another folder", "/d/a bc/x: another folder"),
    ("/mnt/d/a b/x: another folder", "/mnt/d/a b/x: another folder"),
    ("x: too small; read are a/b", "x: too small; read are a/b"),
])  # fmt: skip
def test_below(sentence: str, text: str) -> None:
    assert words.below("/d/a b", sentence) == text
    assert words.below("", sentence) == sentence
