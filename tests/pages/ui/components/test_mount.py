"""What a component tells is drawn, whichever fragment Streamlit runs for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import streamlit as st

from pages.ui.components import mount


class Rerun(Exception):
    """The page is drawn."""


@pytest.fixture
def tell(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """`tell(silent=…)`: a component, mounted where this is called, is told something."""
    monkeypatch.setattr(st, "session_state", {})

    def rerun() -> None:
        raise Rerun

    monkeypatch.setattr(st, "rerun", rerun)
    given: dict[str, Any] = {}
    monkeypatch.setattr(st.components.v2, "component", lambda *_, **__: given.update)

    def mounted(silent: bool = False) -> Callable[[], None]:
        mount.component("painted", silent=silent)(key="one", on_told_change=lambda: None)
        return given["on_told_change"]

    return mounted


def test_a_fragment_that_runs_in_the_place_of_the_page_draws_the_page(tell):
    tell()()
    with pytest.raises(Rerun), mount.in_fragment("pictures"):
        pytest.fail("drawn though something else waits")
    mount.all_drawn()
    with mount.in_fragment("pictures"):
        pass


def test_a_fragment_that_runs_in_the_place_of_the_one_around_it_draws_the_page(tell):
    with mount.in_fragment("images"):
        told = tell()
    told()
    with pytest.raises(Rerun), mount.in_fragment("pictures"):
        pass


def test_a_fragment_draws_itself_and_what_stands_in_it(tell):
    with mount.in_fragment("images"):
        told = tell()
    told()
    with mount.in_fragment("images"), mount.in_fragment("pictures"):
        pass
    with mount.in_fragment("pictures"):
        pass  # all is drawn


def test_within_another_fragment_the_one_around_it_goes_on(tell):
    with mount.in_fragment("images"):
        tell()()
        with mount.in_fragment("pictures"):
            pass


def test_a_silent_one_changes_nothing_else(tell):
    tell(silent=True)()
    with mount.in_fragment("images"):
        pass


def test_a_page_that_mounts_what_was_told_is_drawn(tell):
    tell()()
    tell()  # the page runs again
    with mount.in_fragment("pictures"):
        pass
