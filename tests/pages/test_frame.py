"""The frame: the page list, deep links into a server that has just started, and nothing fetched from elsewhere."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from streamlit.runtime.pages_manager import PagesManager

from pages.ui.frame import PAGES
from patchcore_core.runs.store import RunStore
from tests.places import ROOT


def test_every_page_file_is_listed_under_its_own_name() -> None:
    assert {Path(file).stem for file, *_ in PAGES.values()} == set(PAGES)
    assert {path.stem for path in (ROOT / "pages").glob("*.py")} == set(PAGES)


@pytest.mark.parametrize("page", PAGES)
def test_a_deep_link_on_a_fresh_server_brings_the_page_and_the_true_menu(
    page: str, store: RunStore, data_root: Path, open_page: Any, make_run: Any  # noqa: ARG001
) -> None:
    make_run("failed")
    app = open_page(page)  # AppTest begins each run as a server does on which app.py has not run yet
    assert not app.exception
    assert app.title[0].value == PAGES[page][1]
    assert PagesManager.uses_pages_directory is False
    assert [info["page_name"] for info in app._registered_pages.values()] == [title for _, title, _ in PAGES.values()]


def test_every_page_begins_with_the_header() -> None:
    for file, *_ in PAGES.values():
        assert "page_header(" in (ROOT / file).read_text()


def test_nothing_is_fetched_from_elsewhere() -> None:
    """No remote font or script in the settings, no markup of our own, no icon that Streamlit would download."""
    config = (ROOT / ".streamlit" / "config.toml").read_text()
    sources = [path.read_text() for path in [ROOT / "app.py", *(ROOT / "pages").rglob("*.py")]]
    assert not re.search(r"https?://", config)
    assert not any(re.search(r"unsafe_allow_html|page_icon=\"|st\.Page\([^)]*icon=", source) for source in sources)


def test_the_server_is_private_by_default() -> None:
    config = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())
    assert config["server"]["address"] == "localhost"
    assert config["server"]["enableXsrfProtection"] is True
    assert config["server"]["maxUploadSize"] <= 64
    assert config["browser"]["gatherUsageStats"] is False
    assert config["client"]["showSidebarNavigation"] is False
    assert {"light", "dark"} <= set(config["theme"])
