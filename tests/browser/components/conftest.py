"""The page that several components share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.components.plain_page import serve
from tests.browser.serving import served


@pytest.fixture(scope="session")
def components(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of `components_page.py`: components on a page of their own."""
    script = Path(__file__).with_name("components_page.py")
    with served(script, tmp_path_factory.mktemp("components")) as address:
        yield address


@pytest.fixture
def page(open_browser: Callable[[], Page]) -> Page:
    """A page without Streamlit in which widgets are mounted by `plain_page.mounted`."""
    return serve(open_browser())
