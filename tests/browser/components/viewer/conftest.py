"""The page with nothing but the viewer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.components.viewer import viewer_page as cases
from tests.browser.serving import served


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[str]:  # noqa: ARG001  (skips first)
    """The address of the page with nothing but the viewer."""
    with served(Path(cases.__file__), tmp_path_factory.mktemp("viewer")) as address:
        yield address


@pytest.fixture
def show(server: str, open_browser: Callable[[], Page]) -> Callable[..., Page]:
    """`show("small", panes=...)` is a page on which the picture of this case is drawn."""

    def shown(case: str, **query: str) -> Page:
        page = open_browser()
        page.goto(f"{server}/?case={case}" + "".join(f"&{name}={value}" for name, value in query.items()))
        expect(page.locator(".viewer[data-drawn]")).to_have_attribute("data-picture", case)
        return page

    return shown
