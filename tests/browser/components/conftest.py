"""The page that several components share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.serving import served


@pytest.fixture(scope="session")
def components(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of `components_page.py`: components on a page of their own."""
    script = Path(__file__).with_name("components_page.py")
    with served(script, tmp_path_factory.mktemp("components")) as address:
        yield address
