"""Pages about one finished run: what they say where there is none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.reading import read

Open = Callable[..., AppTest]
pytestmark = pytest.mark.parametrize("page", ["memory_bank", "training_photos"])


@pytest.mark.parametrize(("status", "words"), [
    ("running", "reading images"), ("failed", "there is no space left on the device"), ("lost", "is gone"),
])  # fmt: skip
def test_a_run_that_is_not_finished_shows_its_state(
    make_run: Any, open_page: Open, page: str, status: str, words: str
) -> None:
    app = open_page(page, run=make_run(status).id)
    assert not app.exception
    assert not [*app.subheader, *app.dataframe, *app.checkbox]
    assert words in read(app)


def test_without_a_run_or_with_an_unknown_one_it_says_what_to_do(
    store: Any, make_run: Any, open_page: Open, page: str  # noqa: ARG001
) -> None:
    assert "There is no finished run yet." in read(open_page(page))
    make_run()
    assert "There is no run nothing in this store" in read(open_page(page, run="nothing"))
