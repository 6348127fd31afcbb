"""What is chosen in the viewer goes into the address and comes back; what a stranger writes there does no harm."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
import streamlit as st
from hypothesis import given
from hypothesis import strategies as some

from pages.ui.components.viewer_data import View
from pages.ui.review.viewer import view as review_view

PANES = ("photo", "truth", "map", "prediction")
numbers = some.floats(0, 4000).map(lambda value: round(value, 1))
boxes = some.tuples(numbers, numbers, numbers, numbers).filter(lambda box: box[0] < box[2] and box[1] < box[3])
ranges = some.tuples(numbers, numbers).filter(lambda pair: pair[0] < pair[1])
flags = some.booleans()
views = some.builds(
    View, thresholds=some.just((1.5,)), panes=some.lists(some.sampled_from(PANES), min_size=1, max_size=4).map(tuple),
    limits=some.none() | some.tuples(ranges), opacity=some.integers(0, 100).map(lambda percent: percent / 100),
    box=some.none() | boxes, truth_outline=flags, prediction_outline=flags, judged=flags, peak=flags,
)


@pytest.fixture(autouse=True)
def address(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The address, as a plain dictionary."""
    query: dict[str, str] = {}
    monkeypatch.setattr(st, "query_params", query)
    return query


@given(views)
def test_a_view_comes_back_from_its_address(view: View) -> None:
    st.query_params.clear()
    review_view.keep(view)
    found = review_view.in_address((1.5,))
    assert replace(found, limits=None, opacity=0, box=None) == replace(view, limits=None, opacity=0, box=None)
    assert found.opacity == pytest.approx(view.opacity)
    assert found.box == pytest.approx(view.box)
    assert list(found.limits or [None]) == [pytest.approx(pair) for pair in view.limits or [None]]


def test_the_default_view_leaves_the_address_alone(address: dict[str, str]) -> None:
    review_view.keep(replace(View((2.0,)), opacity=0.3, panes=("map",)))
    assert address == {"opacity": "30", "panes": "map"}
    review_view.keep(View((math.nan,)))
    assert address == {}


@pytest.mark.parametrize("text", ["", ",", "x", "1,2", "1,2,3,nan", "5,5,1,1", "9" * 400, "<img src=x>", "map,passwd"])
@pytest.mark.parametrize("name", ["panes", "zoom", "opacity", "limits", "hidden"])
def test_nonsense_in_the_address_is_passed_over(address: dict[str, str], name: str, text: str) -> None:
    address[name] = text
    found = review_view.in_address((1.5,))
    assert 0 <= found.opacity <= 1
    assert set(found.panes) <= set(PANES)
    assert found.box is None
    assert replace(found, opacity=View(()).opacity, limits=None) == View((1.5,))
