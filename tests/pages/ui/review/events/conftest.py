"""A run of nine test images, and a visitor's desk for it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pages.ui.review.events.desk import Desk
from patchcore_core.runs.store import Run


@pytest.fixture
def run(make_run: Callable[..., Run]) -> Run:
    return make_run()


@pytest.fixture
def desk(run: Run) -> Desk:  # noqa: ARG001  (in its store)
    return Desk("Ann")
