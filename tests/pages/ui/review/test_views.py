"""The popover of saved views as Python draws it: what it asks, keeps and says."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from patchcore_core.reviews.saved_views import SavedViews
from patchcore_core.reviews.verdict_file import FILE
from tests.pages.reading import read

PAGE = """
from pathlib import Path
import streamlit as st
from pages.ui.review.views import saved_views
from patchcore_core.config import PatchCoreConfig
from patchcore_core.runs.store import Run
saved_views(Run("mine", "finished", "tile", "", PatchCoreConfig(), Path("mine")), st.session_state["author"])
"""


@pytest.fixture
def views(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SavedViews:
    monkeypatch.setenv("PATCHCORE_RUNS", str(tmp_path / "runs"))
    return SavedViews(tmp_path / "runs")


@pytest.fixture
def popover(views: SavedViews) -> Callable[..., AppTest]:  # noqa: ARG001  (it sets the store)
    """`popover(author=…, is_open=…)`: the popover at an address with repeated and unknown parameters."""

    def drawn(author: str = "", is_open: bool = True) -> AppTest:
        app = AppTest.from_string(PAGE, default_timeout=120)
        app.session_state["author"] = author
        app.session_state["review_views"] = is_open
        app.query_params.update({"run": ["mine"], "outcome": ["FN", "FP"], "odd": ["a&b=c ü"]})
        return app.run()

    return drawn


def test_what_is_in_the_address_is_saved_whole(popover: Callable[..., AppTest], views: SavedViews) -> None:
    app = popover()
    app.text_input(key="review_view_name").set_value("<b>misses</b>")
    app.text_input(key="review_view_author").set_value("Ann")
    app.button[0].click().run()
    assert not app.exception
    [view] = views.list()
    assert (view.name, view.author) == ("<b>misses</b>", "Ann")
    assert view.query == "run=mine&outcome=FN&outcome=FP&odd=a%26b%3Dc+%C3%BC"
    assert "Saved: \u2068<b>misses</b>\u2069" in read(app)
    app.button(key="review_view_undo").click().run()
    assert views.list() == ()
    assert "Saved" not in read(app)


def test_a_known_author_is_not_asked_for(popover: Callable[..., AppTest], views: SavedViews) -> None:
    app = popover(author="Bob")
    assert [field.label for field in app.text_input] == ["Name of the view"]
    app.text_input(key="review_view_name").set_value("misses")
    app.button[0].click().run()
    assert [view.author for view in views.list()] == ["Bob"]


def test_an_undo_that_comes_too_late_says_so(popover: Callable[..., AppTest], views: SavedViews) -> None:
    app = popover(author="Bob")
    app.text_input(key="review_view_name").set_value("misses")
    app.button[0].click().run()
    newer = views.save("misses", "run=other", "Cy")
    app.button(key="review_view_undo").click().run()
    assert "meanwhile; reload the list" in read(app)
    assert views.list() == (newer,)


def test_a_nameless_view_is_refused_in_a_sentence(popover: Callable[..., AppTest], views: SavedViews) -> None:
    app = popover()
    app.button[0].click().run()
    assert "a view's name must not be empty" in read(app)
    assert views.list() == ()


def test_a_file_that_cannot_be_read_is_a_sentence(popover: Callable[..., AppTest], views: SavedViews) -> None:
    views.save("misses", "run=mine", "Ann")
    with closing(sqlite3.connect(views.root / FILE)) as file:
        file.execute("PRAGMA user_version = 7")
    app = popover()
    assert not app.exception
    assert "newer version of PatchCore Explorer" in read(app)


def test_closed_it_draws_and_reads_nothing(popover: Callable[..., AppTest], views: SavedViews) -> None:
    views.root.mkdir()
    (views.root / FILE).write_bytes(b"no database at all" * 100)
    app = popover(is_open=False)
    assert not app.exception
    assert read(app) == ""
    assert "not a database" in read(popover())
